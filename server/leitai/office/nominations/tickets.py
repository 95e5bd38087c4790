"""Admission tickets 准考证 in bulk: PDF with a code to scan, a nation's in seconds, none of it on the loop.

With access codes every ticket holds a fresh one, and the codes handed out before open nothing any more; they are
renewed only once all pages are there. What was made is held in memory for a while and written nowhere: whoever asked
for it fetches it, prints it, and it is gone.
"""

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import structlog

from leitai.office.accounts import AccessCodes
from leitai.office.nominations.values import NominationRefused
from leitai.office.ports import DelegationName, OfficeStore, SessionRecord, Sitting
from leitai.office.printing.fonts import unprintable
from leitai.office.printing.qr import qr_svg
from leitai.office.printing.typesetting import pdf
from leitai.office.sheets import clock_time
from leitai.rules.values import DelegationCode, SessionId, SittingId

KEPT_S = 1800.0
"""For so long tickets wait to be fetched."""
KEPT_JOBS = 4
_log = structlog.get_logger()


@dataclass(slots=True)
class TicketJob:
    """Tickets under way, or made.

    Attributes:
        job: its name; hard to guess.
        session_id: whose session.
        total: tickets in all; `done` of them are set.
        codes: they hold fresh access codes.
        made_s: when it ended, on the monotonic clock; 0: it has not.
        fault: `internal` or a code of the store, when it failed.
        files: name of the delegation (empty: all in one file) and the PDF.
        lacking: characters of names that the fonts do not have, which are printed as empty boxes.
    """

    job: str
    session_id: SessionId
    total: int
    codes: bool
    done: int = 0
    made_s: float = 0.0
    fault: str = ""
    files: list[tuple[str, bytes]] = field(default_factory=list[tuple[str, bytes]], repr=False)
    lacking: str = ""


class TicketOffice:
    """Makes tickets, one batch at a time.

    Args:
        store: sessions, their sittings and codes.
        codes: made with the server's key.
        address: where contestants sign in.
        now_s: a monotonic clock.
    """

    def __init__(self, store: OfficeStore, codes: AccessCodes, address: str, now_s: Callable[[], float]) -> None:
        self._store = store
        self._codes = codes
        self._address = address
        self._now_s = now_s
        self._jobs: dict[str, TicketJob] = {}
        self._work: asyncio.Task[None] | None = None
        self._starting = False

    async def start(
        self, session_id: SessionId, delegation: DelegationCode | None, actor: str, *, codes: bool, together: bool
    ) -> TicketJob:
        """Begin to make the tickets of a session, or of one delegation in it; whoever was struck off gets none.

        Args:
            session_id: the session.
            delegation: only this one's; None: everybody's.
            actor: who asks.
            codes: give everyone a fresh access code and print it.
            together: one file; else one for each delegation.

        Raises:
            KeyError: there is no such session.
            NominationRefused: `tickets-busy`; `roster-missing` when nobody gets one.
            StoreUnavailable: from the store.
        """
        # From here on, not only once its pages are being set: whoever asks meanwhile would renew the same codes.
        if self._starting or (self._work is not None and not self._work.done()):
            raise NominationRefused("tickets-busy")
        self._starting = True
        try:
            return await self._begin(session_id, delegation, actor, codes=codes, together=together)
        finally:
            self._starting = False

    def job(self, name: str) -> TicketJob | None:
        """Return a batch by its name, while it is kept."""
        self._forget()
        return self._jobs.get(name)

    async def close(self) -> None:
        """Wait for what is under way."""
        if self._work is not None:
            await asyncio.wait({self._work})

    async def _begin(
        self, session_id: SessionId, delegation: DelegationCode | None, actor: str, *, codes: bool, together: bool
    ) -> TicketJob:
        record = await self._store.session(session_id)
        names = {one.code: one for one in await self._store.delegations()}
        sittings = [
            one
            for one in await self._store.sittings(session_id)
            if not one.struck and delegation in (None, one.contestant.person.delegation)
        ]
        if not sittings:
            raise NominationRefused("roster-missing")
        self._forget()
        job = TicketJob(secrets.token_hex(8), session_id, len(sittings), codes)
        self._jobs[job.job] = job
        detail = {"tickets": len(sittings), "codes": codes, "delegation": delegation or ""}
        await self._store.audit(actor, "make-tickets", f"session {session_id}", detail)
        self._work = asyncio.create_task(self._make(job, record, names, sittings, together))
        return job

    async def _make(
        self,
        job: TicketJob,
        record: SessionRecord,
        names: Mapping[DelegationCode, DelegationName],
        sittings: Sequence[Sitting],
        together: bool,
    ) -> None:
        try:
            fresh = {one.sitting_id: self._codes.issue(one.admission_no) for one in sittings} if job.codes else {}
            names_of_all = "".join(one.contestant.person.name for one in sittings)
            job.lacking = await asyncio.to_thread(unprintable, names_of_all)
            ordered = sorted(sittings, key=lambda one: (one.contestant.person.delegation, one.admission_no))
            parts = [
                (names[code].name if code in names else code, list(own))
                for code, own in groupby(ordered, key=lambda one: one.contestant.person.delegation)
            ]
            for batch in [parts] if together else [[part] for part in parts]:
                page = await asyncio.to_thread(self._pages, record, batch, fresh)
                job.files.append(("" if together else batch[0][0], page))
                job.done += sum(len(own) for _, own in batch)
            if fresh:
                await self._store.renew_codes(
                    job.session_id, {sitting_id: digest for sitting_id, (_, digest) in fresh.items()}
                )
        except Exception as error:
            # Nobody waits for this task: whoever asks for the job is told.
            job.fault = "internal"
            job.files.clear()
            _log.error("tickets_failed", session=job.session_id, error=type(error).__name__)
        finally:
            job.made_s = self._now_s()

    def _pages(
        self,
        record: SessionRecord,
        parts: Sequence[tuple[str, Sequence[Sitting]]],
        fresh: Mapping[SittingId, tuple[str, bytes]],
    ) -> bytes:
        data = {
            "title": record.contest.title,
            "organizer": record.contest.organizer,
            "session": record.title,
            "begins": clock_time(record.start_us),
            "address": self._address,
            "sections": [
                {
                    "delegation": name,
                    "count": f"{len(own)} 人",
                    "tickets": [
                        {
                            "name": one.contestant.person.name,
                            "unit": one.contestant.person.unit,
                            "number": one.admission_no,
                            "code": fresh[one.sitting_id][0] if fresh else "",
                            # The number alone: a photograph of a ticket in the crowd must not hold its code twice.
                            "qr": qr_svg(f"{self._address}/?no={one.admission_no}"),
                        }
                        for one in own
                    ],
                }
                for name, own in parts
            ],
        }
        return pdf("tickets", data)

    def _forget(self) -> None:
        """Drop what nobody fetched in time, and the oldest beyond a few."""
        over = [name for name, one in self._jobs.items() if one.made_s and self._now_s() - one.made_s > KEPT_S]
        ended = [name for name, one in self._jobs.items() if one.made_s and name not in over]
        for name in (*over, *ended[: max(0, len(ended) - KEPT_JOBS + 1)]):
            del self._jobs[name]
