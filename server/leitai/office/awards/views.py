"""Awards as the staff's pages and the public's see them: bodies from what was computed and kept."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from leitai.office.awards.computing import Computed, holders
from leitai.office.awards.ports import Objection
from leitai.office.session_ports import Contest
from leitai.rules import publicity
from leitai.rules.award_corrections import Correction, Rename, Withdraw, standing
from leitai.rules.award_reasons import Explanation, Verdict
from leitai.rules.effects import OrderEquals, StrikeOff
from leitai.rules.honours import AwardKind, BoundaryTie, Waiting, award_name
from leitai.rules.publicity import Publication, Step
from leitai.rules.values import DelegationCode, SittingId
from leitai.wire import awards_bodies as bodies

OPEN_VERDICTS = frozenset({Verdict.TIED, Verdict.WAITING})


def blockers(computed: Computed, delegations: Mapping[str, str]) -> list[bodies.AwardBlocker]:
    """Return who is tied for what, and which provinces wait for that."""
    people = computed.names
    return [
        *(_tie(one, people, delegations) for one in computed.awards.ties),
        *(_waiting(one, people) for one in computed.awards.waiting),
    ]


def _tie(tie: BoundaryTie, people: Mapping[SittingId, str], names: Mapping[str, str]) -> bodies.AwardBlocker:
    return bodies.AwardBlocker(
        "tie",
        [[award_name(kind), seats] for kind, seats in tie.seats],
        [people[one] for one in tie.persons] or [names.get(one, one) for one in tie.delegations],
        list(tie.persons),
        list(tie.delegations),
        tie.delegation or "",
    )


def _waiting(waiting: Waiting, people: Mapping[SittingId, str]) -> bodies.AwardBlocker:
    seats = [[AwardKind.STAR.value, waiting.seats]]
    named = [people[one] for one in waiting.candidates]
    return bodies.AwardBlocker("waiting", seats, named, list(waiting.candidates), [], waiting.delegation)


def personal(contest: Contest) -> list[str]:
    """Return the awards that persons can get, as lists name them."""
    if contest.owner:
        return [one.name for one in contest.prizes if not one.teams]
    return [AwardKind.KNOWLEDGE.value, AwardKind.STAR.value]


def chosen(lines: Iterable[Explanation], delegation: str, award: str) -> list[Explanation]:
    """Return the lines of a delegation (empty: all) and an award: its name, `none`, or empty: whoever has one, may
    get one, and, of a single delegation, everybody."""
    found = [one for one in lines if not delegation or one.delegation == delegation]
    if award == "none":
        return [one for one in found if one.verdict is not Verdict.AWARDED and one.verdict not in OPEN_VERDICTS]
    if award:
        return [one for one in found if one.kind is not None and award_name(one.kind) == award]
    return found if delegation else [one for one in found if one.kind is not None]


def why(computed: Computed, line: Explanation) -> bodies.WhyLine:
    """Return a contestant's line as a body."""
    standing_ = computed.outcome.by_sitting.get(line.sitting_id)
    return bodies.WhyLine(
        line.sitting_id,
        computed.names[line.sitting_id],
        line.delegation,
        computed.sittings[line.sitting_id].contestant.person.unit,
        line.verdict.value,
        award_name(line.kind) if line.kind is not None else "",
        line.rank,
        standing_.score.centipoints if standing_ is not None else 0,
        line.national_place,
        line.province_place,
        line.after_passing,
        [computed.names[one] for one in line.passed_over],
        line.ruling_id or 0,
    )


def changes(before: bodies.AwardList | None, after: bodies.AwardList) -> list[bodies.ListChange]:
    """Return what differs between two lists; nothing where there is none before."""
    if before is None:
        return []
    return [
        bodies.ListChange(one.kind.value, one.name, one.delegation, one.before, one.after)
        for one in publicity.changes(holders(before), holders(after))
    ]


def publication(
    state: Publication,
    listed: bodies.AwardList,
    before: bodies.AwardList | None,
    contact: str,
    delegations: Mapping[str, str],
    now_us: int,
) -> bodies.PublicationBody:
    """Return what everybody may see of a publication."""
    people = [
        bodies.PublishedPerson(
            one.kind,
            one.place,
            one.rank,
            one.quota,
            one.name,
            one.delegation,
            one.unit,
            one.centipoints,
            one.passed_over,
            one.ruling,
        )
        for one in listed.people
    ]
    return bodies.PublicationBody(
        listed.session,
        listed.contest,
        listed.year,
        state.edition,
        state.opens_us,
        state.closes_us,
        state.definite_us,
        state.takes_objections(now_us),
        contact,
        people,
        listed.teams,
        listed.shortfalls,
        changes(before, listed),
        dict(delegations),
    )


def counts(listed: bodies.AwardList) -> dict[str, int]:
    """Return how many of each award a list holds."""
    return dict(Counter([one.kind for one in listed.people] + [one.kind for one in listed.teams]))


def step(one: Step, digest: bytes, edition: int) -> bodies.AwardStep:
    """Return a step that waits for a second person."""
    stale = one.digest != digest or one.edition != edition
    return bodies.AwardStep(
        one.step_id, one.kind.value, one.closes_us, one.actor, one.name, one.at_us, one.lapses_us, stale
    )


def correction(one: Correction, made: Sequence[Correction], people: Mapping[SittingId, str]) -> bodies.CorrectionBody:
    """Return a correction."""
    effect = one.effect
    kind, sitting, name, persons, delegations = "withdraw", 0, "", (), ()
    match effect:
        case StrikeOff():
            kind, sitting = "strike_off", effect.sitting_id
            name = people.get(effect.sitting_id, "")
        case Rename():
            kind, sitting, name = "rename", effect.sitting_id, effect.name
        case OrderEquals():
            kind, persons, delegations = "order_equals", effect.persons, effect.delegations
        case Withdraw():
            name = f"#{effect.correction_id}"
    return bodies.CorrectionBody(
        one.correction_id,
        one.objection_id or 0,
        kind,
        sitting,
        name,
        list(persons),
        [people.get(one, "") for one in persons],
        [DelegationCode(one) for one in delegations],
        one.reason,
        one.actor,
        one.at_us,
        not isinstance(effect, Withdraw) and one not in standing(made),
    )


def objection(one: Objection, name: str) -> bodies.ObjectionBody:
    """Return an objection for the staff; `name` is whose it is."""
    answer = one.answer
    return bodies.ObjectionBody(
        one.objection_id,
        one.origin,
        name,
        one.delegation or "",
        one.about,
        one.text,
        one.at_us,
        state_of(one),
        answer.reason if answer else "",
        answer.actor if answer else "",
        answer.at_us if answer else 0,
    )


def own_objection(one: Objection) -> bodies.OwnObjection:
    """Return an objection for whoever filed it."""
    answer = one.answer
    return bodies.OwnObjection(
        one.objection_id,
        one.about,
        one.text,
        one.at_us,
        state_of(one),
        answer.reason if answer else "",
        answer.at_us if answer else 0,
    )


def state_of(one: Objection) -> str:
    """Return `filed`, `upheld` or `refused`."""
    if one.answer is None:
        return "filed"
    return "upheld" if one.answer.upheld else "refused"
