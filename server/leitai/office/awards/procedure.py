"""The awards' way after 定榜: seen by the ministry, published by two persons, objected to, put right, definite.

The law is in `rules.publicity` and `rules.award_corrections`; this takes everything from it to the store, and what it
refuses is in the audit with its code.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import msgspec
import structlog

from leitai.office.awards import views
from leitai.office.awards.computing import Computed, Computing
from leitai.office.awards.ports import (
    AwardsStore,
    Certificate,
    Winner,
    WinnersSink,
)
from leitai.office.awards.refusals import audited
from leitai.office.awards.tokens import CertificateTokens
from leitai.office.awards.wording import read_settings
from leitai.office.ports import StoreUnavailable
from leitai.office.scheduling_ports import SchedulingStore
from leitai.office.session_ports import SessionRecord
from leitai.rules.award_corrections import Correction, CorrectionEffect, fault
from leitai.rules.publicity import (
    STEP_WITHIN_US,
    Publication,
    PublicityRefused,
    StepKind,
    check_confirmation,
    check_step,
    period_end,
)
from leitai.rules.rights import Act, timely
from leitai.rules.stages import AwardStage
from leitai.rules.values import ActorId, DelegationCode, Micros, Phase, SessionId, SittingId
from leitai.wire import awards_bodies as bodies

_log = structlog.get_logger()
_SHOWN = (Phase.UNDER_REVIEW, Phase.FINALIZED)


class NotToBeSeenYet(Exception):
    """The session is not under review yet: nobody sees awards before."""


class AwardsOffice:
    """Awards and their publication, for staff who have the right to what they ask (the doors see to that).

    Every method may raise KeyError (no such session, step or objection) and `StoreUnavailable`.

    Args:
        store: the office's.
        awards: the awards' own.
        tokens: what certificates' codes say.
        now_us: the clock.
        sink: the expert pool; None: winners wait until there is one.
    """

    def __init__(
        self,
        store: SchedulingStore,
        awards: AwardsStore,
        tokens: CertificateTokens,
        now_us: Callable[[], Micros],
        sink: WinnersSink | None = None,
    ) -> None:
        self._store = store
        self.awards = awards
        self.tokens = tokens
        self.now_us = now_us
        self._sink = sink
        self._computing = Computing(store)

    async def sessions(self) -> bodies.AwardSessions:
        """Return the sessions whose awards can be looked at."""
        found: list[bodies.AwardSession] = []
        for one in await self._store.sessions():
            if one.phase in _SHOWN:
                state = self._state(await self.awards.publication(one.session_id))
                year = (await self._store.contest(one.contest_id)).year
                phase = one.phase.value
                found.append(bodies.AwardSession(one.session_id, one.title, one.contest_title, year, phase, state))
        return bodies.AwardSessions(found)

    async def computed(self, session_id: SessionId) -> Computed:
        """Return the awards as they follow from record and corrections; raises `NotToBeSeenYet`."""
        return await self._computed(session_id, await self.awards.corrections(session_id))

    async def _computed(self, session_id: SessionId, corrections: Sequence[Correction]) -> Computed:
        computed = await self._computing.of(session_id, corrections)
        if computed.record.phase not in _SHOWN:
            raise NotToBeSeenYet
        return computed

    async def desk(self, session_id: SessionId) -> bodies.AwardsDesk:
        """Return everything for the staff's page; raises `NotToBeSeenYet`."""
        computed = await self.computed(session_id)
        state, now_us = await self.awards.publication(session_id), self.now_us()
        made = await self.awards.corrections(session_id)
        objections = await self.awards.objections(session_id)
        lists = await self.awards.lists(session_id)
        published = _read(lists[-1].content) if lists else None
        settings = await self.settings(session_id)
        record = computed.record
        if state.definite_us:
            await self._hand_over_if_possible(session_id, ActorId("system"))
        return bodies.AwardsDesk(
            session_id,
            record.title,
            record.contest.title,
            record.contest.year,
            record.phase.value,
            _final(computed),
            now_us,
            computed.digest.hex(),
            state.edition,
            state.digest.hex(),
            state.opens_us,
            state.closes_us,
            state.definite_us,
            _end(settings[1], now_us),
            sum(one.answer is None for one in objections),
            len(objections),
            views.counts(computed.listed),
            views.blockers(computed, await self.delegations()),
            computed.listed.shortfalls,
            computed.listed.teams,
            views.changes(published, computed.listed),
            [
                views.step(one, computed.digest, state.edition)
                for one in await self.awards.open_steps(session_id, now_us)
            ],
            [views.correction(one, made, computed.names) for one in made],
            len(await self.awards.certificates(session_id)) if state.definite_us else 0,
            bool(state.definite_us) and await self.awards.handed_over(session_id),
            views.personal(record.contest) if record.contest.owner else [],
        )

    async def why(self, session_id: SessionId, delegation: str, award: str) -> bodies.WhyBody:
        """Return contestants' lines (`views.chosen`); raises `NotToBeSeenYet`, ValueError for an award that is none."""
        computed = await self.computed(session_id)
        if award not in ("", "none", *views.personal(computed.record.contest)):
            raise ValueError(award)
        found = views.chosen(computed.lines, delegation, award)
        return bodies.WhyBody([views.why(computed, one) for one in found], len(computed.lines))

    async def settings(self, session_id: SessionId) -> tuple[int, bodies.AwardSettings]:
        """Return the edition of a session's contest's settings (0: nobody changed any), and these."""
        contest = (await self._store.session(session_id)).contest
        kept = await self.awards.award_settings(contest.contest_id)
        return (kept[0] if kept else 0), read_settings(contest, kept[1] if kept else None)

    async def save_settings(
        self, session_id: SessionId, edition: int, settings: bodies.AwardSettings, actor: ActorId
    ) -> bool:
        """Change the settings that stood at `edition`; False when they stand otherwise by now."""
        _end(settings, self.now_us())
        contest_id = (await self._store.session(session_id)).contest.contest_id
        kept = await self.awards.award_settings(contest_id)
        if (kept[0] if kept else 0) != edition:
            return False
        content = msgspec.json.encode(settings)
        return await self.awards.save_award_settings(contest_id, edition + 1, content, actor, self.now_us())

    # --- steps -------------------------------------------------------------------------------------------------------

    async def ask(self, session_id: SessionId, kind: StepKind, seen: str, actor: ActorId, *, keep_end: bool) -> int:
        """Ask for a step, having seen the list of that digest (hex); returns its id. Raises `PublicityRefused`."""
        async with audited(self.awards, session_id, actor, f"ask-awards-{kind.value}", {}):
            computed, state = await self.computed(session_id), await self.awards.publication(session_id)
            now_us = self.now_us()
            closes_us = 0
            if kind is not StepKind.SETTLE and not (keep_end and state.edition):
                closes_us = _end((await self.settings(session_id))[1], now_us)
            await self._check(session_id, kind, computed, state, closes_us)
            if seen != computed.digest.hex():
                raise PublicityRefused("awards-changed")
            lapses_us = Micros(now_us + STEP_WITHIN_US)
            return await self.awards.add_step(
                session_id, kind, state.edition, computed.digest, closes_us, actor, now_us, lapses_us
            )

    async def decide(self, step_id: int, actor: ActorId, *, confirms: bool) -> SessionId:
        """Confirm a step, which is then carried out, or decline it; returns its session. Raises `PublicityRefused`."""
        session_id, step = await self.awards.step(step_id)
        detail = {"step": step_id, "requested_by": step.actor}
        async with audited(self.awards, session_id, actor, f"confirm-awards-{step.kind.value}", detail):
            now_us = self.now_us()
            if not confirms:
                await self.awards.decline_step(session_id, step, actor, now_us)
                return session_id
            made = await self.awards.corrections(session_id)
            computed, state = await self._computed(session_id, made), await self.awards.publication(session_id)
            check_confirmation(step, state, computed.digest, actor, now_us)
            await self._check(session_id, step.kind, computed, state, step.closes_us)
            if step.kind is StepKind.SETTLE:
                certificates = self._certificates(computed)
                await self.awards.settle(session_id, step, certificates, _newest(made), actor, now_us)
                await self._hand_over_if_possible(session_id, actor)
            else:
                # The period's days are counted from the publication, not from when somebody asked for it.
                closes_us = _end((await self.settings(session_id))[1], now_us) if step.closes_us else state.closes_us
                await self.awards.publish(session_id, step, computed.content, closes_us, actor, now_us)
        return session_id

    async def correct(
        self, session_id: SessionId, effect: CorrectionEffect, reason: str, objection_id: int, actor: ActorId
    ) -> int:
        """Put something right; it counts from the next edition on. Returns its id; raises `PublicityRefused`."""
        async with audited(self.awards, session_id, actor, "correct-awards", {"objection": objection_id}):
            computed, state = await self.computed(session_id), await self.awards.publication(session_id)
            stage = state.stage(self.now_us(), final=_final(computed))
            if not timely(Act.ANSWER_OBJECTION, stage):
                raise PublicityRefused("awards-not-final" if stage is AwardStage.NOT_FINAL else "awards-step")
            if not reason.strip():
                raise PublicityRefused("objection-reason-missing")
            if objection_id:
                of_session, objection = await self.awards.objection(objection_id)
                if of_session != session_id or objection.answer is None or not objection.answer.upheld:
                    raise PublicityRefused("correction-senseless")
            made = await self.awards.corrections(session_id)
            if (code := fault(effect, computed.record.members, made)) is not None:
                raise PublicityRefused(code)
            corrected = Correction(0, effect, reason.strip(), actor, self.now_us(), objection_id or None)
            return await self.awards.add_correction(session_id, corrected, _newest(made))

    async def _check(
        self, session_id: SessionId, kind: StepKind, computed: Computed, state: Publication, closes_us: int
    ) -> None:
        objections = await self.awards.objections(session_id)
        check_step(
            kind,
            state,
            computed.digest,
            now_us=self.now_us(),
            final=_final(computed),
            tied=not computed.awards.complete,
            undecided=sum(one.answer is None for one in objections),
            closes_us=closes_us,
        )

    def _certificates(self, computed: Computed) -> list[Certificate]:
        listed, session_id = computed.listed, computed.record.session_id
        people = [("certificate", one.kind, SittingId(one.sitting), one.delegation, one.name) for one in listed.people]
        teams = [("plaque", one.kind, None, one.delegation, one.name) for one in listed.teams]
        return [
            Certificate(
                serial,
                form,
                kind,
                sitting,
                DelegationCode(delegation),
                name,
                listed.year,
                self.tokens.hashed(self.tokens.token(session_id, serial)),
            )
            for serial, (form, kind, sitting, delegation, name) in enumerate([*people, *teams], start=1)
        ]

    async def _hand_over_if_possible(self, session_id: SessionId, actor: ActorId) -> None:
        try:
            await self.hand_over(session_id, actor)
        except StoreUnavailable as outage:
            # The awards are definite whether or not the pool has heard of it; it is told at the next look.
            _log.warning("winners_not_handed_over", session=session_id, reason=str(outage))

    async def hand_over(self, session_id: SessionId, actor: ActorId) -> None:
        """Give the winners of definite awards to the expert pool, unless it has them: it is told until it took them."""
        if self._sink is None or await self.awards.handed_over(session_id):
            return
        listed = _read((await self.awards.lists(session_id))[-1].content)
        contest = (await self._store.session(session_id)).contest
        winners = [
            Winner(
                one.contestant,
                one.name,
                contest.owner or DelegationCode(one.delegation),
                one.unit,
                one.kind,
                one.place,
                contest.title if contest.owner else "",
            )
            for one in listed.people
        ]
        await self._sink.add(contest.contest_id, contest.year, winners, actor)
        await self.awards.set_handed_over(session_id, len(winners), actor)

    # --- for everybody -----------------------------------------------------------------------------------------------

    async def publication(self, session_id: SessionId | None) -> bodies.PublicationBody:
        """Return a publication, the newest where no session is named; raises KeyError while there is none."""
        if session_id is None:
            session_id = await self.awards.newest_publication()
            if session_id is None:
                raise KeyError("publication")
        state, lists = await self.awards.publication(session_id), await self.awards.lists(session_id)
        if not lists:
            raise KeyError(session_id)
        before = _read(lists[-2].content) if len(lists) > 1 else None
        contact = (await self.settings(session_id))[1].contact
        listed = _read(lists[-1].content)
        return views.publication(state, listed, before, contact, await self.delegations(), self.now_us())

    async def record(self, session_id: SessionId) -> SessionRecord:
        """Return a session's record."""
        return await self._store.session(session_id)

    async def delegations(self) -> Mapping[str, str]:
        """Return the delegations' names by code."""
        return {one.code: one.name for one in await self._store.delegations()}

    def _state(self, publication: Publication) -> str:
        if publication.definite_us:
            return "definite"
        if not publication.edition:
            return "none"
        return "open" if self.now_us() < publication.closes_us else "closed"


def _final(computed: Computed) -> bool:
    return computed.record.phase is Phase.FINALIZED and not computed.record.frozen


def _end(settings: bodies.AwardSettings, now_us: int) -> Micros:
    return period_end(now_us, settings.period_days, _days(settings.days_off), _days(settings.days_worked))


def _newest(made: Sequence[Correction]) -> int:
    return max((one.correction_id for one in made), default=0)


def _days(written: Sequence[str]) -> frozenset[date]:
    try:
        return frozenset(date.fromisoformat(one) for one in written)
    except ValueError:
        raise PublicityRefused("awards-period") from None


def _read(content: str) -> bodies.AwardList:
    return msgspec.json.decode(content, type=bodies.AwardList)
