"""Asking a second person: requests for the commands that nobody gives alone, as every console sees them.

The law is in `rules.seconding`, and the store enforces it again; this takes everything from the one to the other.
"""

from leitai.office.seconding_ports import SecondingStore
from leitai.rules.seconding import SECOND_WITHIN_US, CommandRequest, RequestRefused, check_decision
from leitai.rules.values import ActorId, ItemNo, Micros, SessionId


class Seconding:
    """The requests of the session in force."""

    def __init__(self, store: SecondingStore) -> None:
        self._store = store
        self.open: tuple[CommandRequest, ...] = ()
        """Undecided, by id; some may have lapsed since the last look."""

    async def look(self, session_id: SessionId, now_us: int) -> None:
        """Learn what others asked for and decided; raises `StoreUnavailable`."""
        self.open = tuple(await self._store.open_requests(session_id, now_us))

    async def ask(
        self,
        session_id: SessionId,
        command: str,
        item: ItemNo,
        seconds: int,
        expects: str,
        actor: ActorId,
        name: str,
        now_us: Micros,
    ) -> CommandRequest:
        """Ask for a command and return the request; raises `StoreUnavailable`."""
        lapses_us = Micros(now_us + SECOND_WITHIN_US)
        request = await self._store.add_request(
            CommandRequest(0, session_id, command, item, seconds, expects, actor, name, now_us, lapses_us)
        )
        self.open = (*self.open, request)
        return request

    async def decide(self, request_id: int, actor: ActorId, now_us: Micros, *, confirms: bool) -> CommandRequest:
        """Confirm a request, which the caller then carries out, or decline it (who asked may: to take it back).

        Raises:
            KeyError: there is no such request.
            RequestRefused: see there; audited.
            StoreUnavailable: from the store.
        """
        request = await self._store.command_request(request_id)
        try:
            check_decision(request, actor, now_us, confirms=confirms)
            await self._store.decide_request(request, actor, now_us, confirms=confirms)
        except RequestRefused as refusal:
            detail = {"request": request_id, "code": refusal.code, "requested_by": request.actor}
            subject = f"session {request.session_id}"
            await self._store.audit(actor, f"confirm-{request.command}-refused", subject, detail)
            raise
        self.open = tuple(one for one in self.open if one.request_id != request_id)
        return request
