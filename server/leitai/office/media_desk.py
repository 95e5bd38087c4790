"""Bringing pictures and films, and showing them with a version of a question.

Errors: `MediaRefused`, `QuestionRefused`.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator

from leitai.office.bank_ports import QuestionStore
from leitai.office.media_ports import PART_BYTES, MediaFile, MediaStore, NewMedia, Purpose
from leitai.office.media_types import HEAD_BYTES, MediaRefused, Picture, is_image, max_bytes, media_type, picture
from leitai.rules.questions import Editor, Move, QuestionRefused, QuestionState, apply

MAX_TITLE = 100
MAX_CAPTION = 200
MAX_SHOWN = 4
"""Files that one version shows at most."""
_CHANGING = (QuestionState.DRAFT, QuestionState.RETURNED)


class MediaDesk:
    """Files of the bank."""

    def __init__(self, store: MediaStore, questions: QuestionStore) -> None:
        self.store = store
        self._questions = questions

    async def take(
        self, chunks: AsyncIterator[bytes], *, title: str, purpose: Purpose, module: str, actor: str
    ) -> tuple[MediaFile, bool]:
        """Keep a file as it arrives, and return it, and whether it is new here.

        Never more than one part and, of a picture, its limit is in memory. Raises `MediaRefused`, `StoreUnavailable`.
        """
        arriving = await self.store.begin_media(actor)
        try:
            return await self._take(arriving, chunks, title, purpose, module, actor)
        except BaseException:
            # Also when the browser went away: what came of it is of no use.
            await asyncio.shield(self.store.drop_media(arriving))
            raise

    async def _take(
        self, arriving: int, chunks: AsyncIterator[bytes], title: str, purpose: Purpose, module: str, actor: str
    ) -> tuple[MediaFile, bool]:
        digest = hashlib.sha256()
        waiting, whole = bytearray(), bytearray()
        media, size, parts = "", 0, 0
        async for chunk in chunks:
            waiting += chunk
            size += len(chunk)
            digest.update(chunk)
            if not media and len(waiting) >= HEAD_BYTES:
                media = _judge(bytes(waiting[:HEAD_BYTES]), purpose)
            if media and size > max_bytes(media):
                raise MediaRefused("media-too-large")
            if not media or is_image(media):
                whole += chunk
            while len(waiting) >= PART_BYTES:
                await self.store.add_part(arriving, parts, bytes(waiting[:PART_BYTES]))
                del waiting[:PART_BYTES]
                parts += 1
        media = media or _judge(bytes(waiting[:HEAD_BYTES]), purpose)
        seen = picture(media, bytes(whole)) if is_image(media) else Picture(0, 0)
        if waiting:
            await self.store.add_part(arriving, parts, bytes(waiting))
        new = NewMedia(media, seen.width, seen.height, title, purpose, module, actor)
        return await self.store.complete_media(arriving, digest.digest(), size, new)

    async def show(self, editor: Editor, question_id: int, sha256: bytes, caption: str) -> int:
        """Show a file with a question, and return the version that shows it.

        That is the newest one while it is the editor's own and not handed in; otherwise another version with the same
        words, which goes through review like any.

        Raises:
            KeyError: there is no such question, or no such file of this house.
            QuestionRefused: the law refuses another version; `media-too-many`, `media-shown`, `media-caption-missing`.
            MediaKept: it was handed in meanwhile.
        """
        if not await self.store.is_own_media(sha256):
            raise KeyError(sha256.hex())
        if is_image((await self.store.media_file(sha256)).media_type) and not caption.strip():
            raise MediaRefused("media-caption-missing")
        there = await self._shown_now(question_id)
        if sha256.hex() in there:
            raise MediaRefused("media-shown")
        if len(there) >= MAX_SHOWN:
            raise MediaRefused("media-too-many")
        version = await self._changing(editor, question_id)
        if not await self.store.show(question_id, version, sha256, caption.strip(), editor.actor):
            raise MediaRefused("media-shown")
        return version

    async def hide(self, editor: Editor, question_id: int, sha256: bytes) -> int:
        """Show a file no longer with a question, and return the version that does not show it. Raises as `show`."""
        if sha256.hex() not in await self._shown_now(question_id):
            raise KeyError(sha256.hex())
        version = await self._changing(editor, question_id)
        await self.store.hide(question_id, version, sha256, editor.actor)
        return version

    async def _shown_now(self, question_id: int) -> list[str]:
        """The files that the newest version shows; the next one would show them, too."""
        newest = (await self._questions.dossier(question_id)).versions[-1].record.no
        return [one.file.sha256 for one in await self.store.shown(question_id) if one.version == newest]

    async def _changing(self, editor: Editor, question_id: int) -> int:
        """The version in which the editor may change what is shown."""
        dossier = await self._questions.dossier(question_id)
        newest = dossier.versions[-1]
        try:
            apply(dossier.record, Move.WRITE, editor)
        except QuestionRefused as refused:
            await self._questions.audit(
                editor.actor, "refused-show-media", f"question {question_id}", {"code": refused.code}
            )
            raise
        if newest.record.author == editor.actor and newest.record.state in _CHANGING:
            return newest.record.no
        await self._questions.add_version(question_id, newest.record, newest.question, newest.point_id, editor.actor)
        return newest.record.no + 1


def _judge(head: bytes, purpose: Purpose) -> str:
    media = media_type(head)
    # What is shown with a question is a picture, or the film of a case.
    if is_image(media) is not (purpose == "question"):
        raise MediaRefused("media-purpose")
    return media
