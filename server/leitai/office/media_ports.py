"""Where pictures and films are kept, and which version of a question shows which.

What is kept is known by the SHA-256 of its bytes and never changes: the same file brought twice is there once.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from leitai.rules.values import Micros

PART_BYTES = 256 << 10
"""Files are kept in parts of this size, the last one shorter, so that a range is read without the rest."""

Purpose = Literal["question", "lecture", "case"]
"""What a file is for: shown with questions, a lecture 课程视频, a case 案例视频."""


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A picture or a film that is kept.

    Args:
        sha256: of its bytes, in hex: its name in addresses.
        media_type: as its bytes say.
        width: in pixels; 0 for a film.
        title: for people.
        module: of the syllabus, for lectures; may be empty.
        used: so many versions of questions show it.
    """

    sha256: str
    media_type: str
    bytes: int
    width: int
    height: int
    title: str
    purpose: Purpose
    module: str
    uploaded_by: str
    uploaded_us: Micros
    used: int = 0


@dataclass(frozen=True, slots=True)
class NewMedia:
    """What an upload says of itself, and what was found in it."""

    media_type: str
    width: int
    height: int
    title: str
    purpose: Purpose
    module: str
    actor: str


@dataclass(frozen=True, slots=True)
class ShownMedia:
    """A file as a version shows it; `caption` is what is read to those who do not see it."""

    version: int
    place: int
    file: MediaFile
    caption: str


class MediaStore(Protocol):
    """Files and where they are shown. Every call may raise `office.ports.StoreUnavailable`."""

    async def begin_media(self, actor: str) -> int:
        """Return the number under which a file arrives; what never arrived whole goes after a day."""
        ...

    async def add_part(self, arriving: int, no: int, data: bytes) -> None:
        """Keep a part of a file that arrives, `no` from 0; all but the last have `PART_BYTES`."""
        ...

    async def complete_media(self, arriving: int, sha256: bytes, size: int, media: NewMedia) -> tuple[MediaFile, bool]:
        """Make what arrived known by its hash, and audit it; a file that is there already stays as it is (False)."""
        ...

    async def drop_media(self, arriving: int) -> None:
        """Forget what arrived."""
        ...

    async def media_file(self, sha256: bytes) -> MediaFile:
        """Return what is known of a file; raises KeyError when there is none."""
        ...

    async def is_own_media(self, sha256: bytes) -> bool:
        """Whether a file was brought in this house: others that are seen here come with questions that are lent."""
        ...

    async def media_files(
        self, purpose: Purpose | None, text: str, after: int, most: int
    ) -> tuple[Sequence[MediaFile], int]:
        """Return files whose title holds `text`, the newest first, after the first `after`; and how many."""
        ...

    def read_media(self, sha256: bytes, first: int, last: int) -> AsyncIterator[bytes]:
        """Give the bytes from `first` to `last`, both included, part by part."""
        ...

    async def shown(self, question_id: int) -> Sequence[ShownMedia]:
        """Return what every version of a question shows, by version and place."""
        ...

    async def show(self, question_id: int, version: int, sha256: bytes, caption: str, actor: str) -> bool:
        """Show a file with a version that is a draft or was returned; False when it is shown already. Audited.

        Raises:
            KeyError: there is no such version or file.
            MediaKept: the version is neither draft nor returned, or not the actor's.
        """
        ...

    async def hide(self, question_id: int, version: int, sha256: bytes, actor: str) -> bool:
        """Show a file no longer with such a version; False when it was not shown. Audited. Raises as `show`."""
        ...


class MediaKept(Exception):
    """The version is not one that may change."""
