"""Contests and their sessions: a paper, the people and the settings become a session that can be served."""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from leitai.office.accounts import AccessCodes, admission_number, own_admission_number
from leitai.office.eligibility import struck_reason
from leitai.office.people_ports import Contestant
from leitai.office.ports import OfficeStore
from leitai.office.session_ports import Contest, NewSitting, SessionSettings
from leitai.rules.values import DelegationCode, Phase, SessionId, SittingId


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat handed out: the only place where an access code is to be read. Never stored, never logged."""

    admission_no: str
    code: str
    name: str
    delegation: DelegationCode
    unit: str = ""
    struck: bool = False


@dataclass(frozen=True, slots=True)
class CreatedSession:
    """A new session with its seats, by delegation and seat number."""

    session_id: SessionId
    seats: tuple[Seat, ...]


async def create_contest_session(
    store: OfficeStore,
    codes: AccessCodes,
    contest_id: int,
    paper_id: int,
    settings: SessionSettings,
    contestants: Sequence[Contestant] | None = None,
    *,
    phase: Phase = Phase.SCHEDULED,
) -> CreatedSession:
    """Create a session for a contest's roster, or for some of it.

    Every contestant gets a sitting with an admission number and a fresh access code. Who was struck off by decision, or
    fails the rules of eligibility, gets one that is struck off with its reason (plan 四(二)2: the place is lost and not
    filled again).

    Args:
        store: the office's store.
        codes: made with the server's key.
        contest_id: the contest.
        paper_id: its paper.
        settings: times and rules of the session.
        contestants: who sits; all of the roster by default.
        phase: scheduled, or a draft that nobody serves yet.

    Raises:
        KeyError: there is no such contest.
        StoreUnavailable: from the store; nothing was created.
    """
    contest = await store.contest(contest_id)
    people = await store.roster(contest_id) if contestants is None else contestants
    # A tenth of a second for a nation: not on a loop that shows anybody anything.
    seats, sittings = await asyncio.to_thread(_seated, codes, contest, people)
    session_id = await store.create_session(contest_id, paper_id, settings, secrets.token_bytes(32), sittings, phase)
    return CreatedSession(session_id, tuple(seats))


def _seated(codes: AccessCodes, contest: Contest, people: Sequence[Contestant]) -> tuple[list[Seat], list[NewSitting]]:
    seats: list[Seat] = []
    sittings: list[NewSitting] = []
    for contestant in sorted(people, key=lambda one: (one.person.delegation, one.seat)):
        person = contestant.person
        number = (own_admission_number if contest.owner else admission_number)(
            contest.year, person.delegation, contestant.seat
        )
        code, digest = codes.issue(number)
        # The plan's rules of eligibility are about the nation's contest.
        reason = contestant.struck or ("" if contest.owner else struck_reason(person, contest.year))
        seats.append(Seat(number, code, person.name, person.delegation, person.unit, bool(reason)))
        sittings.append(NewSitting(contestant.contestant_id, number, digest, bool(reason), reason))
    return seats, sittings


async def reissue_codes(store: OfficeStore, codes: AccessCodes, session_id: SessionId) -> tuple[Seat, ...]:
    """Give every sitting of a session a new access code and return the seats; the codes before open nothing any more.

    Codes are kept nowhere, so a lost sheet can only be replaced by a new one.

    Raises:
        StoreUnavailable: from the store; the old codes stand.
    """
    seats: list[Seat] = []
    digests: dict[SittingId, bytes] = {}
    for sitting in await store.sittings(session_id):
        code, digest = codes.issue(sitting.admission_no)
        digests[sitting.sitting_id] = digest
        person = sitting.contestant.person
        seats.append(Seat(sitting.admission_no, code, person.name, person.delegation, person.unit, sitting.struck))
    await store.renew_codes(session_id, digests)
    return tuple(seats)
