"""Lists, reports and rosters as the bodies that tell them."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from leitai.office.eligibility import RULE_WORDS, evidence_words, measured_by
from leitai.office.importing.problems import Problem
from leitai.office.nominations.lists import CheckedLine, PracticeReport, ProvinceView, UploadReport
from leitai.office.nominations.values import (
    ContestState,
    Judged,
    Nominee,
    PeopleRequest,
    PracticeState,
    ProvinceList,
    RosterSeat,
    WonEvidence,
)
from leitai.office.people_ports import DelegationName
from leitai.office.printing.jobs import PrintJob
from leitai.rules.eligibility import RuleResult
from leitai.rules.id_numbers import masked_id_number, masked_phone
from leitai.rules.values import DelegationCode
from leitai.wire import nominations_bodies as people

PROBLEMS_SHOWN = 500


def contest_body(one: ContestState) -> people.PeopleContest:
    """Return a contest's body."""
    return people.PeopleContest(
        one.contest_id,
        one.title,
        one.year,
        one.edition,
        one.frozen_us or 0,
        one.made_us or 0,
        one.published_us or 0,
    )


def list_body(one: ProvinceList) -> people.NominationListBody:
    """Return the body of how a list stands."""
    return people.NominationListBody(
        one.delegation,
        one.state,
        one.edition,
        one.named,
        one.nominated,
        one.changed_us,
        one.changed_by,
        one.return_reason,
        one.uploaded.file_name if one.uploaded else "",
        one.undoable,
    )


def province_body(view: ProvinceView, won: Mapping[bytes, Sequence[WonEvidence]]) -> people.NominationsBody:
    """Return a province's list; `won` is what speaks for whom besides, by hash of the identity number."""
    lines = [
        replace(
            _nominee(one, judged),
            won=[
                people.NomineeWon(each.contest_title, each.title, each.rank, each.people, each.centipoints)
                for each in won.get(one.id_hash, ())
            ],
        )
        for one, judged in view.lines
    ]
    return people.NominationsBody(contest_body(view.contest), list_body(view.standing), lines)


def report_body(report: UploadReport, locale: str) -> people.NominationReportBody:
    """Return what a file holds, in the reader's language."""
    lines = [_checked(line) for line in report.lines]
    return people.NominationReportBody(
        report.file_name,
        report.fault.say(locale) if report.fault else "",
        sum(line.listed == "named" for line in lines),
        sum(line.listed == "nominated" for line in lines),
        sum(not line.eligible for line in lines),
        list(report.skipped),
        _rows(report.refused),
        problems_body(report.refused, locale),
        lines,
        list_body(report.kept) if report.kept else None,
    )


def practice_report_body(report: PracticeReport, year: int, locale: str) -> people.PracticeReportBody:
    """Return what a file of practice records holds."""
    return people.PracticeReportBody(
        report.file_name,
        report.fault.say(locale) if report.fault else "",
        report.records,
        _rows(report.refused),
        problems_body(report.refused, locale),
        practice_body(report.state, year) if report.state else None,
    )


def practice_body(state: PracticeState, year: int) -> people.PracticeBody:
    """Return how much is known of practice."""
    first, last = ((day.isoformat() if day else "") for day in (state.first, state.last))
    return people.PracticeBody(state.records, first, last, measured_by(year).isoformat())


def problems_body(problems: Sequence[Problem], locale: str) -> list[people.NominationProblem]:
    """Return the first problems of a file, by sheet and row."""
    ordered = sorted(problems, key=lambda one: (one.sheet, one.row))
    return [
        people.NominationProblem(one.sheet, one.row, one.column, one.code, one.say(locale))
        for one in ordered[:PROBLEMS_SHOWN]
    ]


def requests_body(requests: Iterable[PeopleRequest], names: Mapping[int, str]) -> list[people.PeopleRequestBody]:
    """Return what waits for a second person; `names` are of contestants."""
    return [
        people.PeopleRequestBody(
            one.request_id,
            one.act,
            one.contestant_id or 0,
            names.get(one.contestant_id or 0, ""),
            one.reason,
            one.name,
            one.actor,
            one.at_us,
            one.lapses_us,
        )
        for one in requests
    ]


def seat_body(one: RosterSeat) -> people.RosterSeatBody:
    """Return a place in the roster."""
    contestant = one.contestant
    person = contestant.person
    origin = "named" if contestant.origin == "named" else "drawn"
    return people.RosterSeatBody(
        contestant.contestant_id,
        person.delegation,
        contestant.seat,
        person.name,
        person.unit,
        origin,
        one.struck,
        one.decided,
    )


def public_roster_body(
    contest: ContestState, seats: Sequence[RosterSeat], names: Mapping[DelegationCode, DelegationName]
) -> people.PublicRoster:
    """Return what everybody may read of a roster: no numbers, and no reason why a place is lost."""
    parts: dict[DelegationCode, list[people.PublicSeat]] = {}
    for one in seats:
        person, origin = one.contestant.person, "named" if one.contestant.origin == "named" else "drawn"
        seat = people.PublicSeat(one.contestant.seat, person.name, person.unit, origin, bool(one.struck))
        parts.setdefault(person.delegation, []).append(seat)
    return people.PublicRoster(
        contest.contest_id,
        contest.title,
        contest.year,
        contest.published_us or 0,
        [people.PublicDelegation(code, names[code].name, names[code].short, own) for code, own in parts.items()],
    )


def job_body(job: PrintJob) -> people.TicketJobBody:
    """Return how far tickets are."""
    files = [people.TicketFile(number, name, size) for number, (name, size) in enumerate(job.files)]
    fault = "internal" if job.state == "failed" else ""
    return people.TicketJobBody(
        job.job_id, job.session_id, job.done, job.total, job.state == "ready", fault, job.lacking, files
    )


def _nominee(one: Nominee, judged: Judged) -> people.NomineeBody:
    return people.NomineeBody(
        one.nominee_id,
        one.list,
        one.no,
        one.person.name,
        one.person.unit,
        one.id_shown,
        one.phone_shown,
        judged.eligible,
        *_judged(judged),
    )


def _checked(line: CheckedLine) -> people.NomineeBody:
    one = line.entry.nominee
    return people.NomineeBody(
        0,
        one.list,
        one.no,
        one.person.name,
        one.person.unit,
        masked_id_number(one.id_number),
        masked_phone(one.phone),
        line.judged.eligible,
        *_judged(line.judged),
    )


def _judged(judged: Judged) -> tuple[str, bool, list[people.NomineeRule]]:
    practice = judged.practice.isoformat() if judged.practice else ""
    return practice, judged.recorded, [_rule(result) for result in judged.results]


def _rule(result: RuleResult) -> people.NomineeRule:
    return people.NomineeRule(result.code.value, RULE_WORDS[result.code], result.passed, evidence_words(result))


def _rows(problems: Sequence[Problem]) -> int:
    return len({(one.sheet, one.row) for one in problems})
