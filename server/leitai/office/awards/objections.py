"""Objections to a publication 公示: filed by contestants and provinces, answered by the chief judge with a reason."""

from collections.abc import Callable

from leitai.office.awards import views
from leitai.office.awards.ports import AwardsStore, Objection, ObjectionAnswer
from leitai.office.awards.refusals import audited
from leitai.office.ports import OfficeStore
from leitai.office.staff_ports import StaffRecord
from leitai.rules.publicity import OPEN_OBJECTIONS, PublicityRefused, check_objection
from leitai.rules.values import ActorId, Micros, SessionId, SittingId
from leitai.wire import awards_bodies as bodies


class Objections:
    """Every method may raise KeyError (no such session or objection) and `StoreUnavailable`."""

    def __init__(self, store: OfficeStore, awards: AwardsStore, now_us: Callable[[], Micros]) -> None:
        self._store = store
        self._awards = awards
        self._now_us = now_us

    async def file(
        self,
        session_id: SessionId,
        text: str,
        about: str,
        *,
        sitting_id: SittingId | None = None,
        member: StaffRecord | None = None,
    ) -> Objection:
        """File an objection, of a contestant or one of the staff; raises `PublicityRefused`."""
        state, now_us = await self._awards.publication(session_id), self._now_us()
        actor = ActorId(member.login) if member is not None else None
        mine = [
            one
            for one in await self._awards.objections(session_id)
            if one.answer is None and (one.sitting_id, one.actor) == (sitting_id, actor)
        ]
        # In its own house a province's office is who takes down what comes in.
        leader = member is not None and bool(member.delegation) and not member.house
        # An operator takes down whatever comes in.
        limited = sitting_id is not None or leader
        check_objection(state, text, len(mine) if limited else 0, now_us)
        delegation = member.delegation if member is not None and leader else None
        if sitting_id is not None:
            delegation = (await self._store.sitting(sitting_id)).contestant.person.delegation
        origin = "contestant" if sitting_id is not None else "leader" if leader else "desk"
        filed = Objection(0, state.edition, origin, sitting_id, actor, delegation, about.strip(), text.strip(), now_us)
        objection_id = await self._awards.add_objection(session_id, filed, OPEN_OBJECTIONS if limited else None)
        return (await self._awards.objection(objection_id))[1]

    async def seen(self, session_id: SessionId, delegation: str | None = None) -> bodies.ObjectionsBody:
        """Return the objections of a session, or a delegation's own."""
        state = await self._awards.publication(session_id)
        found = [
            one
            for one in await self._awards.objections(session_id)
            if delegation is None or (one.origin == "leader" and one.delegation == delegation)
        ]
        named = {one.sitting_id: one.contestant.person.name for one in await self._store.sittings(session_id)}
        listed = [
            views.objection(one, named[one.sitting_id] if one.sitting_id is not None else str(one.actor))
            for one in reversed(found)
        ]
        return bodies.ObjectionsBody(session_id, state.takes_objections(self._now_us()), state.closes_us, listed)

    async def own(self, session_id: SessionId, sitting_id: SittingId) -> bodies.OwnObjections:
        """Return a contestant's own objections."""
        state = await self._awards.publication(session_id)
        found = [one for one in await self._awards.objections(session_id) if one.sitting_id == sitting_id]
        return bodies.OwnObjections(
            state.takes_objections(self._now_us()), [views.own_objection(one) for one in reversed(found)]
        )

    async def answer(self, objection_id: int, upheld: bool, reason: str, member: StaffRecord) -> SessionId:
        """Answer an objection, not of one's own delegation; returns its session. Raises `PublicityRefused`."""
        actor = ActorId(member.login)
        session_id, objection = await self._awards.objection(objection_id)
        async with audited(self._awards, session_id, actor, "answer-objection", {"objection": objection_id}):
            if member.delegation and member.delegation == objection.delegation:
                raise PublicityRefused("ruling-conflict-of-interest")
            if objection.answer is not None:
                raise PublicityRefused("objection-answered")
            if not reason.strip():
                raise PublicityRefused("objection-reason-missing")
            made = ObjectionAnswer(upheld, reason.strip(), actor, self._now_us())
            await self._awards.answer_objection(session_id, objection_id, made)
        return session_id
