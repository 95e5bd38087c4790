"""What asking a second person needs of the store. Every call may raise `StoreUnavailable`."""

from typing import Protocol

from leitai.office.ports import AuditLog
from leitai.rules.seconding import CommandRequest
from leitai.rules.values import ActorId, Micros, SessionId


class SecondingStore(AuditLog, Protocol):
    """Requests for commands that need a second person. Nothing of them is ever rewritten."""

    async def add_request(self, request: CommandRequest) -> CommandRequest:
        """Add a request and return it with its id; it goes into the audit in the same transaction."""
        ...

    async def command_request(self, request_id: int) -> CommandRequest:
        """Return a request; raises KeyError when there is none."""
        ...

    async def open_requests(self, session_id: SessionId, now_us: int) -> list[CommandRequest]:
        """Return the requests of a session that are neither decided nor lapsed at `now_us`, by id."""
        ...

    async def decide_request(self, request: CommandRequest, actor: ActorId, at_us: Micros, *, confirms: bool) -> None:
        """Confirm or decline a request, once; raises `RequestRefused`: also for whoever asked, and too late.

        It goes into the audit in the same transaction.
        """
        ...
