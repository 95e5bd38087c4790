"""A session that is over, with an order of everyone and a tie at the national boundary; a list published of one."""

from dataclasses import dataclass

from leitai.office.awards.computing import Computing
from leitai.office.contests import CreatedSession
from leitai.office.session_ports import SessionSettings
from leitai.rules.publicity import StepKind
from leitai.rules.rights import NO_DELEGATION, Role
from leitai.rules.timeline import windows
from leitai.rules.values import (
    ActorId,
    Answer,
    AnswerStatus,
    DelegationCode,
    Micros,
    Phase,
    QuestionType,
    SessionId,
    SittingId,
)
from leitai.stores.postgres.awards_store import PostgresAwards
from leitai.stores.postgres.office_store import PostgresOffice
from leitai.stores.postgres.pool import Database
from tests.support.office import START_US, Stores, small_session

PER_DELEGATION = 20
BEIJING = DelegationCode("110000")
OP, SECOND, CHIEF, LEADER = ActorId("op"), ActorId("op2"), ActorId("chief"), ActorId("leader")
STAFF = (
    (OP, Role.OPERATOR, NO_DELEGATION),
    (SECOND, Role.OPERATOR, NO_DELEGATION),
    (CHIEF, Role.CHIEF_JUDGE, NO_DELEGATION),
    (LEADER, Role.TEAM_LEADER, BEIJING),
)


@dataclass(frozen=True)
class Over:
    """A session of three delegations with twenty each."""

    created: CreatedSession
    sittings: list[SittingId]
    """Best first; the fiftieth and the next are equal."""

    @property
    def session_id(self) -> SessionId:
        return self.created.session_id


async def session_over(stores: Stores, phase: Phase = Phase.UNDER_REVIEW) -> Over:
    """The elapsed time of one right answer orders everyone; provinces in turn, so that each has about as many of the
    best."""
    settings = SessionSettings("在线比试", START_US, START_US)
    created = await small_session(stores, per_delegation=PER_DELEGATION, settings=settings)
    file = await stores.archive.load_session(created.session_id)
    item = next(one for one in file.plan.items if one.type is QuestionType.SINGLE)
    window = next(one for one in windows(file.plan, file.start_us) if one.item_no == item.item_no)
    in_turn = sorted(file.members, key=lambda member: (member.sitting_id % PER_DELEGATION, member.delegation))
    answers = [
        Answer(
            member.sitting_id,
            item.item_no,
            1,
            tuple(item.key.options),
            Micros(window.opens_at_us + 1),
            Micros(1000 + 10 * (place if place != 50 else 49)),
            False,
            place + 1,
            AnswerStatus.ACCEPTED,
        )
        for place, member in enumerate(in_turn)
    ]
    await stores.archive.record_answers(file.session_id, 0, "1-1", answers)
    await stores.archive.save_phase(file.session_id, phase, file.start_us)
    return Over(created, [member.sitting_id for member in in_turn])


async def publish_list(
    database: Database, office: PostgresOffice, session_id: SessionId, first: ActorId, second: ActorId
) -> None:
    """Publish the awards of a session as they follow from its record, asked for by one and confirmed by another."""
    awards, day_us = PostgresAwards(database), 24 * 3600 * 1_000_000
    computed = await Computing(office).of(session_id, ())
    now_us, closes_us = START_US, START_US + 5 * day_us
    lapses_us = Micros(now_us + day_us)
    step_id = await awards.add_step(session_id, StepKind.OPEN, 0, computed.digest, closes_us, first, now_us, lapses_us)
    _, step = await awards.step(step_id)
    await awards.publish(session_id, step, computed.content, closes_us, second, now_us)
