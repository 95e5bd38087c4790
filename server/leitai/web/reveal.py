"""The reveal's door for the staff: the list to rehearse with, and the keys that move what the public sees.

A rehearsal is played by the page alone, from the list: nothing of it is set down, published or audited.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from leitai.live.sight import Sight
from leitai.office.results import NothingThere, NotPublished
from leitai.office.reveals import Choice, Reveals, RevealStore, step_bodies
from leitai.office.staff_ports import StaffRecord
from leitai.rules.reveals import Group, RevealRefused
from leitai.rules.rights import Act, may
from leitai.rules.values import DelegationCode
from leitai.web.contract import Endpoint
from leitai.web.errors import Refusal
from leitai.web.exchange import is_delegation, number_in_query, private, read_json
from leitai.wire.reveal_bodies import BEST_DEFAULT, RevealDesk, RevealHeld, RevealMove, RevealSteps

_move = msgspec.json.Decoder(RevealMove)


class Revealing(Protocol):
    """The session in force as this process follows it."""

    @property
    def sight(self) -> Sight | None:
        """What is seen of it; None while there is no session."""
        ...

    @property
    def reveal_store(self) -> RevealStore | None:
        """Where its reveal is set down."""
        ...


@dataclass(frozen=True, slots=True)
class RevealDoors:
    """Everything behind the reveal's door."""

    watched: Revealing
    reveals: Reveals
    audit: Callable[[str, str, str, dict[str, object]], Awaitable[None]]
    """`office.ports.OfficeStore.audit`."""


def endpoints(
    doors: RevealDoors, signed_in: Callable[[Request], Awaitable[StaffRecord]], limit: int
) -> dict[str, Endpoint]:
    """Return the endpoints of this audience by the names of web.contract."""

    async def permitted(request: Request) -> tuple[StaffRecord, Sight, RevealStore]:
        member = await signed_in(request)
        if not may(member.standing, Act.REVEAL):
            raise Refusal("forbidden")
        sight, store = doors.watched.sight, doors.watched.reveal_store
        if sight is None or store is None:
            raise Refusal("not-found")
        return member, sight, store

    def in_time(member: StaffRecord, sight: Sight) -> None:
        if not may(member.standing, Act.REVEAL, phase=sight.phase):
            raise Refusal("not-yet")

    async def desk(sight: Sight, held: RevealHeld) -> Response:
        try:
            changed = await doors.reveals.changed(sight.file.session_id, held)
        except (NotPublished, NothingThere):
            changed = True
        return private(
            RevealDesk(
                sight.file.session_id,
                sight.phase.value,
                sight.frozen,
                held.edition,
                bool(held.digest),
                held.group,
                held.delegation,
                held.best,
                held.digest,
                held.shown,
                changed,
            )
        )

    async def reveal_desk(request: Request) -> Response:
        _, sight, store = await permitted(request)
        return await desk(sight, await store.reveal())

    async def reveal_steps(request: Request) -> Response:
        member, sight, _ = await permitted(request)
        in_time(member, sight)
        best = number_in_query(request, "best")
        choice = _choice(
            request.query_params.get("group", ""),
            request.query_params.get("delegation", ""),
            BEST_DEFAULT if best is None else best,
        )
        try:
            listed, digest = await doors.reveals.list(sight.file.session_id, choice)
        except NotPublished:
            raise Refusal("not-yet") from None
        except NothingThere:
            raise Refusal("not-found") from None
        return private(
            RevealSteps(
                sight.file.session_id,
                choice.group.value,
                choice.delegation,
                choice.best,
                digest,
                step_bodies(listed),
            )
        )

    async def reveal_move(request: Request) -> Response:
        member, sight, store = await permitted(request)
        body = await read_json(request, _move, limit)
        session_id = sight.file.session_id
        if body.session != session_id:
            raise Refusal("not-found")
        subject, action = f"session {session_id}", f"reveal-{body.move}"
        detail: dict[str, object] = {"group": body.group, "delegation": body.delegation, "shown": body.shown}

        async def moved() -> RevealHeld:
            in_time(member, sight)
            try:
                if body.move == "begin":
                    choice = _choice(body.group, body.delegation, body.best)
                    held = await doors.reveals.begin(session_id, store, body.expects, choice, body.digest)
                elif body.move == "end":
                    held = await doors.reveals.end(store, body.expects)
                else:
                    held = await doors.reveals.move(session_id, store, body.expects, body.move, body.shown)
            except NotPublished:
                raise Refusal("not-yet") from None
            except NothingThere:
                raise Refusal("not-found") from None
            except RevealRefused as refused:
                raise Refusal(refused.code) from None
            if held is None:
                raise Refusal("stale-edition")
            return held

        try:
            held = await moved()
        except Refusal as refusal:
            await doors.audit(member.login, f"{action}-refused", subject, {**detail, "code": refusal.code})
            raise
        await doors.audit(member.login, action, subject, {**detail, "shown": held.shown})
        return await desk(sight, held)

    return {"reveal_desk": reveal_desk, "reveal_steps": reveal_steps, "reveal_move": reveal_move}


def _choice(group: str, delegation: str, best: int) -> Choice:
    try:
        chosen = Group(group)
    except ValueError:
        raise Refusal("bad-request") from None
    if (chosen is Group.PROVINCE) != bool(delegation) or (delegation and not is_delegation(delegation)):
        raise Refusal("bad-request")
    # All delegations are placed, and all are revealed.
    return Choice(chosen, DelegationCode(delegation), 0 if chosen is Group.DELEGATIONS else best)
