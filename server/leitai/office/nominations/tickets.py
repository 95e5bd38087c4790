"""Admission tickets 准考证 in bulk: PDF with a code to scan, a nation's in seconds, none of it on the loop.

With access codes every ticket holds a fresh one, and the codes handed out before open nothing any more; they are
renewed only once all pages are kept. What was made waits for half an hour, encrypted (`office.printing.jobs`): whoever
asked for it fetches it, prints it, and it is gone.
"""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import groupby

from leitai.office.accounts import AccessCodes
from leitai.office.nominations.values import NominationRefused
from leitai.office.people_ports import DelegationName
from leitai.office.ports import OfficeStore
from leitai.office.printing.fonts import unprintable
from leitai.office.printing.jobs import Press, PrintBusy, PrintJob, Prints, PrintStore
from leitai.office.printing.qr import qr_svg
from leitai.office.printing.typesetting import pdf
from leitai.office.session_ports import SessionRecord, Sitting
from leitai.office.sheets import clock_time
from leitai.rules.values import DelegationCode, SessionId, SittingId


class TicketOffice:
    """Makes tickets, one batch at a time.

    Args:
        store: sessions, their sittings and codes.
        codes: made with the server's key.
        address: where contestants sign in.
        prints: where they wait to be fetched.
    """

    def __init__(self, store: OfficeStore, codes: AccessCodes, address: str, prints: PrintStore) -> None:
        self._store = store
        self._codes = codes
        self._address = address
        self._prints = Prints(prints, "tickets")

    async def start(
        self, session_id: SessionId, delegation: DelegationCode | None, actor: str, *, codes: bool, together: bool
    ) -> PrintJob:
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
        record = await self._store.session(session_id)
        names = {one.code: one for one in await self._store.delegations()}
        sittings = [
            one
            for one in await self._store.sittings(session_id)
            if not one.struck and delegation in (None, one.contestant.person.delegation)
        ]
        if not sittings:
            raise NominationRefused("roster-missing")

        async def work(press: Press) -> None:
            await self._make(press, record, names, sittings, codes=codes, together=together)

        try:
            # Two at once would renew the same codes: of all processes one begins.
            job = await self._prints.start(session_id, len(sittings), "", work)
        except PrintBusy:
            raise NominationRefused("tickets-busy") from None
        detail = {"tickets": len(sittings), "codes": codes, "delegation": delegation or ""}
        await self._store.audit(actor, "make-tickets", f"session {session_id}", detail)
        return job

    async def job(self, name: str) -> PrintJob:
        """Return a batch by its name, while it is kept; raises KeyError, `StoreUnavailable`."""
        return await self._prints.job(name)

    async def file(self, name: str, number: int) -> bytes:
        """Return one of its files once they are all there; raises as `job`."""
        return (await self._prints.file(name, number))[1]

    async def close(self) -> None:
        """Wait for what is under way."""
        await self._prints.close()

    async def _make(
        self,
        press: Press,
        record: SessionRecord,
        names: Mapping[DelegationCode, DelegationName],
        sittings: Sequence[Sitting],
        *,
        codes: bool,
        together: bool,
    ) -> None:
        fresh = {one.sitting_id: self._codes.issue(one.admission_no) for one in sittings} if codes else {}
        people = (one.contestant.person for one in sittings)
        printed = "".join((record.contest.title, record.title, *(one.name + one.unit for one in people)))
        lacking = await asyncio.to_thread(unprintable, printed)
        if lacking:
            await press.store.lack_print(press.job_id, lacking)
        ordered = sorted(sittings, key=lambda one: (one.contestant.person.delegation, one.admission_no))
        parts = [
            (names[code].name if code in names else code, list(own))
            for code, own in groupby(ordered, key=lambda one: one.contestant.person.delegation)
        ]
        done = 0
        for batch in [parts] if together else [[part] for part in parts]:
            page = await asyncio.to_thread(self._pages, record, batch, fresh)
            done += sum(len(own) for _, own in batch)
            await press.file("" if together else batch[0][0], page, done)
        if fresh:
            await self._store.renew_codes(
                record.session_id, {sitting_id: digest for sitting_id, (_, digest) in fresh.items()}
            )

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
