"""From what comes in to what is written: whom of the pool each record is about, and what changes of them. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from leitai.office.importing.problems import Place
from leitai.office.pool.ports import PoolChange, PoolPerson, Private
from leitai.office.pool.reading import PoolRow
from leitai.rules.pool import Expert, Identity, Match, PoolHonour, PoolState, match, merge, merge_honours
from leitai.rules.values import DelegationCode, Micros


@dataclass(frozen=True, slots=True)
class Draft:
    """A person as a file has it. `unit` empty, `expertise` and `state` None: the file says nothing of it.

    `as_of`: of a table, the year of its latest honour, as old as which all else is; 0: it is as of `revised_us`.
    """

    place: Place
    name: str
    province: DelegationCode
    unit: str
    expertise: tuple[str, ...] | None
    state: PoolState | None
    revised_us: Micros
    private: Private
    digest: bytes | None
    honours: frozenset[PoolHonour]
    as_of: int = 0
    rows: int = 1

    @property
    def identity(self) -> Identity:
        """By what the person is known."""
        won = frozenset(honour.key for honour in self.honours)
        return Identity(self.name, self.province, self.unit, self.digest, won)


@dataclass(frozen=True, slots=True)
class Refused:
    """A draft that cannot be taken in, by a code of importing.problems; `field` is the column that it is about."""

    draft: Draft
    field: str
    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Possible:
    """A draft taken in as somebody new, who may be a person of the pool already (same name and province)."""

    draft: Draft
    person_id: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be written. `changes` goes with `drafts`; `unchanged` are people of whom all is known already."""

    changes: tuple[PoolChange, ...]
    drafts: tuple[Draft, ...]
    unchanged: int
    refused: tuple[Refused, ...]
    possible: tuple[Possible, ...]

    @property
    def added(self) -> int:
        """How many are new."""
        return sum(change.person_id is None for change in self.changes)

    @property
    def changed(self) -> int:
        """How many are known and change."""
        return len(self.changes) - self.added


def drafts_of(rows: Sequence[PoolRow], digests: Mapping[str, bytes], now_us: Micros) -> tuple[list[Draft], list[Draft]]:
    """Return the people of a file's rows, and rows of which it is unclear whose they are.

    Args:
        rows: as read.
        digests: of every identity number in them.
        now_us: when all this is said.
    """
    people: dict[object, Draft] = {}
    named: dict[tuple[str, str, str], set[object]] = defaultdict(set)
    unclear: list[Draft] = []
    # Rows with a number first: rows without one may be about the same people.
    for row in sorted(rows, key=lambda row: not row.private.id_number):
        number = row.private.id_number
        draft = Draft(
            row.place,
            row.name,
            row.province,
            row.unit,
            row.expertise,
            row.state,
            now_us,
            row.private,
            digests.get(number) if number else None,
            frozenset({row.honour}),
            row.honour.year,
        )
        words = (row.name, row.province, row.unit)
        same = named[words] if not number else {number}
        if not number and len(same) > 1:
            unclear.append(draft)
            continue
        key = next(iter(same), words)
        known = people.get(key)
        people[key] = draft if known is None else _joined(known, draft)
        named[words].add(key)
    return sorted(people.values(), key=lambda draft: (draft.place.sheet, draft.place.row)), unclear


def _joined(known: Draft, more: Draft) -> Draft:
    # What the row of the latest year says counts.
    first, second = sorted((known, more), key=lambda draft: (draft.as_of, draft.place.sheet, draft.place.row))
    return replace(
        known,
        place=min(known.place, more.place, key=lambda place: (place.sheet, place.row)),
        name=second.name,
        unit=second.unit or first.unit,
        expertise=second.expertise or first.expertise,
        state=second.state or first.state,
        private=Private(known.private.id_number or more.private.id_number, second.private.phone or first.private.phone),
        honours=merge_honours(known.honours, more.honours),
        as_of=second.as_of,
        rows=known.rows + more.rows,
    )


def plan(
    drafts: Sequence[Draft],
    known: Sequence[PoolPerson],
    names: Mapping[DelegationCode, str],
    *,
    own: DelegationCode | None,
) -> Plan:
    """Return what taking drafts in would write.

    Args:
        drafts: one for each person.
        known: everybody of the pool with one of their names or digests.
        names: of delegations by code, for people.
        own: the province that says so, which writes about its own people only; None: the ministry.
    """
    by_digest = {person.digest: person for person in known if person.digest is not None}
    by_name: dict[str, list[PoolPerson]] = defaultdict(list)
    for person in known:
        by_name[person.expert.name].append(person)
    changes: list[PoolChange] = []
    written: list[Draft] = []
    refused: list[Refused] = []
    possible: list[Possible] = []
    unchanged = 0
    taken: set[int] = set()
    for draft in drafts:
        person = by_digest.get(draft.digest) if draft.digest is not None else None
        maybe: list[PoolPerson] = []
        if person is None:
            matches = [(one, match(draft.identity, _identity(one))) for one in by_name[draft.name]]
            same = [one for one, how in matches if how is Match.SAME]
            maybe = [one for one, how in matches if how is Match.POSSIBLE]
            if len(same) > 1:
                refused.append(Refused(draft, "name", "pool-unclear"))
                continue
            person = same[0] if same else None
        if person is not None and own is not None and person.expert.province != own:
            elsewhere = names.get(person.expert.province, person.expert.province)
            refused.append(Refused(draft, "province", "pool-elsewhere", elsewhere))
            continue
        if person is not None and person.person_id in taken:
            # Two of the file are one of the pool: whichever it is, a person has to say.
            refused.append(Refused(draft, "name", "pool-unclear"))
            continue
        change = _added(draft) if person is None else _changed(person, draft)
        if person is not None:
            taken.add(person.person_id)
        if change is None:
            unchanged += 1
            continue
        if person is None and maybe:
            possible.append(Possible(draft, maybe[0].person_id))
        changes.append(change)
        written.append(draft)
    return Plan(tuple(changes), tuple(written), unchanged, tuple(refused), tuple(possible))


def _identity(person: PoolPerson) -> Identity:
    expert = person.expert
    won = frozenset(honour.key for honour in expert.honours)
    return Identity(expert.name, expert.province, expert.unit, person.digest, won)


def _added(draft: Draft) -> PoolChange:
    expert = Expert(
        draft.name,
        draft.province,
        draft.unit,
        draft.expertise or (),
        draft.state or PoolState.ACTIVE,
        draft.revised_us,
        merge_honours(draft.honours),
    )
    return PoolChange(None, 0, expert, draft.private, draft.digest, (("added", told(expert.honours)),))


def _changed(person: PoolPerson, draft: Draft) -> PoolChange | None:
    before = person.expert
    # Where somebody is now changes by a transfer alone: an old list tells for whom an honour was won.
    incoming = Expert(
        draft.name,
        before.province,
        draft.unit or before.unit,
        before.expertise if draft.expertise is None else draft.expertise,
        draft.state or before.state,
        draft.revised_us,
        draft.honours,
    )
    if draft.as_of:
        incoming = _of_a_table(before, incoming, draft.as_of)
    after = merge(before, incoming)
    events: list[tuple[str, str]] = []
    if gained := after.honours - before.honours:
        events.append(("honoured", told(gained)))
    if (after.name, after.unit, after.expertise) != (before.name, before.unit, before.expertise):
        events.append(("changed", _differences(before, after)))
    if after.state is not before.state:
        events.append(("left" if after.state is PoolState.LEFT else "returned", ""))
    private = _news(person.private, draft.private, later=draft.revised_us >= before.revised_us)
    if private != Private() or (draft.digest is not None and person.digest is None):
        events.append(("changed", "numbers"))
    if not events:
        return None
    return PoolChange(person.person_id, person.version, after, private, draft.digest, tuple(events))


def _of_a_table(before: Expert, incoming: Expert, as_of: int) -> Expert:
    """Return what a table says: one that is older than what is known fills gaps; what is not new dates nothing."""
    if as_of < max((honour.year for honour in before.honours), default=0):
        incoming = replace(
            before,
            unit=before.unit or incoming.unit,
            expertise=before.expertise or incoming.expertise,
            honours=incoming.honours,
            revised_us=incoming.revised_us,
        )
    said = (incoming.name, incoming.unit, incoming.expertise, incoming.state)
    if said == (before.name, before.unit, before.expertise, before.state):
        return replace(incoming, revised_us=before.revised_us)
    return incoming


def _news(kept: Private, said: Private, *, later: bool) -> Private:
    """What of the numbers is new: a missing one, or another telephone said later. A number once known stays."""
    number = said.id_number if not kept.id_number else ""
    phone = said.phone if said.phone != kept.phone and (later or not kept.phone) else ""
    return Private(number, phone)


def told(honours: frozenset[PoolHonour]) -> str:
    """Return honours as the history keeps them: `2022 knowledge; 2021 national 一等奖`, the newest first."""
    listed = sorted(honours, reverse=True)
    return "; ".join(" ".join(part for part in (str(one.year), one.kind, one.title) if part) for one in listed)


def _differences(before: Expert, after: Expert) -> str:
    changed = [
        ("name", before.name, after.name),
        ("unit", before.unit, after.unit),
        ("expertise", "、".join(before.expertise), "、".join(after.expertise)),
    ]
    return "; ".join(f"{field}: {was} → {now}" for field, was, now in changed if was != now)
