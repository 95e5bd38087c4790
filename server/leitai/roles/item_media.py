"""What items show: for contestants found by its address once its item has opened, and for all read from memory.

Everybody asks for a picture in the same second, so it is read from the archive before: whatever fits into
`KEPT_BYTES`, pictures first. Films are read in parts as they are asked for, and the parts asked for last are kept.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import structlog

from leitai.live.gateway import Gateway
from leitai.live.ports import ItemFile, SessionFile
from leitai.live.ports import StoreUnavailable as ArchiveUnavailable
from leitai.office.media_ports import PART_BYTES
from leitai.office.media_types import is_image
from leitai.office.ports import StoreUnavailable
from leitai.rules.values import SessionId
from leitai.stores.postgres.paper_seal import OVER

KEPT_BYTES = 64 << 20
"""Of files that are kept in memory, by each gateway and by the office, which shows them to judges and graphics."""
_AGAIN_S = 5.0
_log = structlog.get_logger()

ReadPart = Callable[[bytes, int], Awaitable[bytes]]
"""Returns a part of a file that is known by its SHA-256 (`office.media_ports.PART_BYTES`); raises KeyError."""


class ItemBytes:
    """`web.doors.ItemBytes`: what many ask for at once is read once.

    Args:
        read_part: reads from the archive.
        kept_bytes: so much is kept in memory.
    """

    def __init__(self, read_part: ReadPart, kept_bytes: int = KEPT_BYTES) -> None:
        self._read_part = read_part
        self._room = kept_bytes
        self._kept: OrderedDict[tuple[str, int], bytes] = OrderedDict()
        self._reading: dict[tuple[str, int], asyncio.Future[bytes]] = {}

    async def read(self, file: ItemFile, first: int, last: int) -> AsyncIterator[bytes]:
        """See `doors.ItemBytes.read`."""
        for no in range(first // PART_BYTES, last // PART_BYTES + 1):
            data = await self._part(file.sha256, no)
            begins = no * PART_BYTES
            yield (
                data
                if first <= begins and last >= begins + len(data) - 1
                else data[max(0, first - begins) : last + 1 - begins]
            )

    async def warm(self, file: SessionFile) -> None:
        """Read the pictures of a session that will be played, in order of the items, as long as there is room."""
        room = self._room
        for one in file.media:
            if not is_image(one.media_type) or one.bytes > room:
                continue
            room -= one.bytes
            for no in range(-(-one.bytes // PART_BYTES)):
                while True:
                    try:
                        await self._part(one.sha256, no)
                        break
                    except (StoreUnavailable, ArchiveUnavailable) as outage:
                        _log.warning("archive_out", reason=str(outage))
                        await asyncio.sleep(_AGAIN_S)
                    except KeyError:
                        _log.warning("item_media_missing", item=one.item_no)
                        break

    async def _part(self, sha256: str, no: int) -> bytes:
        key = (sha256, no)
        if (kept := self._kept.get(key)) is not None:
            self._kept.move_to_end(key)
            return kept
        reading = self._reading.get(key)
        if reading is None:
            reading = self._reading[key] = asyncio.ensure_future(self._fetch(key))
            reading.add_done_callback(lambda done: self._fetched(key, done))
        # One asker going away takes nothing from the others.
        return await asyncio.shield(reading)

    async def _fetch(self, key: tuple[str, int]) -> bytes:
        sha256, no = key
        data = self._kept[key] = await self._read_part(bytes.fromhex(sha256), no)
        held = sum(len(one) for one in self._kept.values())
        while held > self._room:
            _, gone = self._kept.popitem(last=False)
            held -= len(gone)
        return data

    def _fetched(self, key: tuple[str, int], done: "asyncio.Future[bytes]") -> None:
        del self._reading[key]
        if not done.cancelled():
            done.exception()


class ItemMedia(ItemBytes):
    """`web.doors.ItemMedia`.

    Args:
        gateway_now: the gateway of the session in force.
        load_session: returns a session of before; raises KeyError.
        read_part: see `ItemBytes`.
        kept_bytes: see `ItemBytes`.
    """

    def __init__(
        self,
        gateway_now: Callable[[], Gateway | None],
        load_session: Callable[[SessionId], Awaitable[SessionFile]],
        read_part: ReadPart,
        kept_bytes: int = KEPT_BYTES,
    ) -> None:
        super().__init__(read_part, kept_bytes)
        self._gateway_now = gateway_now
        self._load_session = load_session
        self._before: tuple[SessionId, tuple[ItemFile, ...]] | None = None

    async def find(self, session_id: SessionId, address: str) -> ItemFile | None:
        """See `doors.ItemMedia.find`."""
        gateway = self._gateway_now()
        if gateway is not None and gateway.file.session_id == session_id:
            file = _of(gateway.file.media, address)
            return file if file is not None and gateway.has_opened(file.item_no) else None
        return _of(await self._of_before(session_id), address)

    async def _of_before(self, session_id: SessionId) -> Sequence[ItemFile]:
        """What a session showed that is over and not in force any more; nothing of any other."""
        if self._before is None or self._before[0] != session_id:
            try:
                file = await self._load_session(session_id)
            except KeyError:
                return ()
            if file.phase not in OVER:
                return ()
            self._before = (session_id, file.media)
        return self._before[1]


def _of(files: Sequence[ItemFile], address: str) -> ItemFile | None:
    return next((one for one in files if one.address == address), None)
