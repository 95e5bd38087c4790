"""What the judges' desk knows of a session: responses and their times by item, the newest answers, and oddities.

A fold over recorded answers and events, for whoever judges. Nothing here decides anything, and the key is the paper's:
rulings change standings, never what was given. Shards may come in any interleaving; within a shard the order of the
ledger holds. Answers told twice change nothing but the tail.

What is held is bounded by the paper: one standing answer of each sitting to each item, and a ring of the newest.
"""

from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from leitai.live import patterns
from leitai.live.desk_values import (
    Anomaly,
    DelegationSummary,
    Group,
    GroupSummary,
    ItemInFull,
    ItemSummary,
    Only,
    Seen,
)
from leitai.live.patterns import Pattern, Wrong
from leitai.live.ports import SessionFile, SittingEvent
from leitai.rules.marking import comparable, mark, mark_comparable
from leitai.rules.values import (
    JUDGED,
    Answer,
    AnswerStatus,
    Counted,
    DelegationCode,
    ItemNo,
    Member,
    PaperItem,
    QuestionType,
    Response,
    SittingId,
)

TAIL = 10_000
"""Newest answers that are kept to be looked through."""
COMMON_SHARE = 0.1
"""A wrong response is common when so many of those who answered gave it, and two or more did."""
LONG_STEM_CHARS = 40
READING_US_PER_CHAR = 25_000
"""Whoever answers a long stem in less than this for each of its characters (40 a second) cannot have read it."""
TIMES_US = tuple((8 + eighth) * 12_500 << octave for octave in range(17) for eighth in range(8))
"""Bounds for response times: 100 ms to 3.4 h, each at most an eighth above the one before."""


_Room = tuple[DelegationCode, str]


@dataclass(slots=True)
class _Item:
    paper: PaperItem
    unread_us: int
    """Below this nobody has read the stem; 0 for a short one."""
    held: dict[SittingId, tuple[Answer, Group]] = field(default_factory=dict[SittingId, tuple[Answer, Group]])
    groups: dict[Response, Group] = field(default_factory=dict[Response, Group])
    late: set[SittingId] = field(default_factory=set[SittingId])
    early: set[SittingId] = field(default_factory=set[SittingId])
    times: list[int] = field(default_factory=lambda: [0] * (len(TIMES_US) + 1))
    right: int = 0
    wrong: int = 0
    edition: int = 0


class Desk:
    """What the answers and events of one session say."""

    def __init__(self, file: SessionFile, tail: int = TAIL) -> None:
        """Whoever is struck off is seen too: their answers are recorded like any."""
        self.edition = 0
        """Counts answers and events that were taken in."""
        self._last = file.plan.counted is Counted.LAST
        self._conduct_limit = file.conduct_limit
        self._members = {one.sitting_id: one for one in file.members}
        self._delegations = sorted({one.delegation for one in file.members})
        self._items = {
            paper.item_no: _Item(paper, _unread_us(file.contents[paper.item_no - 1].stem)) for paper in file.plan.items
        }
        self._tail: deque[Seen] = deque(maxlen=tail)
        self._number = 0
        self._wrongs: dict[SittingId, set[Wrong]] = {}
        self._fast: dict[SittingId, dict[ItemNo, Response]] = {}
        self._left: Counter[SittingId] = Counter()
        self._superseded: Counter[SittingId] = Counter()
        self._browsers: dict[SittingId, str] = {}
        self._moved: Counter[SittingId] = Counter()
        self._networks: dict[SittingId, str] = {}
        self._elsewhere: Counter[SittingId] = Counter()
        self._rooms: dict[_Room, list[SittingId]] = {}
        for member in file.members:
            self._rooms.setdefault((member.delegation, member.room), []).append(member.sitting_id)
        self._stirred: set[_Room] = set()
        self._patterns: dict[_Room, list[Pattern]] = {}

    @property
    def newest(self) -> int:
        """The number of the newest answer; 0 before the first."""
        return self._number

    def name_of(self, sitting: SittingId) -> str:
        """Return whose sitting it is; raises KeyError."""
        return self._members[sitting].name

    def learn(self, answer: Answer) -> None:
        """Take a recorded answer in; of a sitting or an item that the session has not it says nothing."""
        item, member = self._items.get(answer.item_no), self._members.get(answer.sitting_id)
        if item is None or member is None:
            return
        self.edition += 1
        item.edition = self.edition
        form = _form(item.paper, answer.response)
        group = item.groups.get(form) or _group(item.paper, form, answer.response)
        self._number += 1
        self._tail.append(Seen(self._number, answer, member, group))
        if answer.status is AnswerStatus.ACCEPTED:
            self._hold(item, member, answer, group)
        elif answer.status is AnswerStatus.LATE:
            item.late.add(answer.sitting_id)
        else:
            item.early.add(answer.sitting_id)

    def note(self, event: SittingEvent) -> None:
        """Take an event in."""
        if event.sitting_id not in self._members:
            return
        if event.kind == "left":
            self._left[event.sitting_id] += 1
        elif event.kind == "superseded":
            self._superseded[event.sitting_id] += 1
        elif event.kind == "check_in":
            # Round trip and offset of the clock come before it.
            browser = event.detail.partition(" ")[2].partition(" ")[2]
            if self._browsers.setdefault(event.sitting_id, browser) == browser:
                return
            self._browsers[event.sitting_id] = browser
            self._moved[event.sitting_id] += 1
        elif event.kind == "connected":
            # The gateway and its count of joins come before it; what was recorded before networks were has none.
            network = event.detail.partition(" ")[2].partition(" ")[2]
            if not network or self._networks.setdefault(event.sitting_id, network) == network:
                return
            self._networks[event.sitting_id] = network
            self._elsewhere[event.sitting_id] += 1
        else:
            return
        self.edition += 1

    def items(self, since: int = -1, also: Container[ItemNo] = ()) -> list[ItemSummary]:
        """Return the items that moved after edition `since`, and those of `also`, in order of the paper."""
        return [_summary(item) for number, item in self._items.items() if item.edition > since or number in also]

    def item(self, item_no: ItemNo) -> ItemInFull:
        """Return one item in full; raises KeyError for an unknown one."""
        item = self._items[item_no]
        return ItemInFull(_summary(item), self._groups(item), self._by_delegation(item), _times(item.times))

    def counts(self, item_no: ItemNo) -> dict[Response, int]:
        """Return how many gave each response to an item, as it is compared; raises KeyError for an unknown one."""
        return {form: group.count for form, group in self._items[item_no].groups.items()}

    def tail(
        self,
        count: int,
        *,
        item: ItemNo | None = None,
        delegation: DelegationCode | None = None,
        sitting: SittingId | None = None,
        name: str = "",
        only: Only | None = None,
    ) -> list[Seen]:
        """Return the newest `count` of the kept answers that fit, newest first; `name` is part of a contestant's."""
        found: list[Seen] = []
        for seen in reversed(self._tail):
            if (
                (item is None or seen.answer.item_no == item)
                and (delegation is None or seen.member.delegation == delegation)
                and (sitting is None or seen.answer.sitting_id == sitting)
                and name in seen.member.name
                and (only is None or self._is(seen, only))
            ):
                found.append(seen)
                if len(found) == count:
                    break
        return found

    def anomalies(self) -> list[Anomaly]:
        """Return all that is worth a look, by kind and place."""
        for room in self._stirred:
            self._patterns[room] = patterns.shared(self._wrongs_of(room))
        self._stirred.clear()
        found = [anomaly for room in self._patterns for anomaly in self._same_wrong(room)]
        found += [
            self._of_one("too-fast", sitting, responses=tuple(sorted(fast.items())), count=len(fast))
            for sitting, fast in self._fast.items()
            if fast
        ]
        found += [
            self._of_one("left", sitting, count=count)
            for sitting, count in self._left.items()
            if count > self._conduct_limit
        ]
        found += [self._of_one("two-devices", sitting, count=count) for sitting, count in self._superseded.items()]
        found += [self._of_one("other-browser", sitting, count=count) for sitting, count in self._moved.items()]
        found += [self._of_one("other-network", sitting, count=count) for sitting, count in self._elsewhere.items()]
        return sorted(found, key=lambda one: (one.kind, one.delegation, one.room, one.sittings))

    def _hold(self, item: _Item, member: Member, answer: Answer, group: Group) -> None:
        """Let the answer stand, unless another of the sitting does."""
        sitting = answer.sitting_id
        before = item.held.get(sitting)
        if before is not None:
            if before[0].offset == answer.offset or (answer.offset > before[0].offset) is not self._last:
                return
            self._count(item, *before, -1)
        # A group without answers is forgotten; the one at hand may have just been.
        group = item.groups.setdefault(group.form, group)
        item.held[sitting] = (answer, group)
        self._count(item, answer, group, 1)
        if (before is not None and before[1].wrong) or group.wrong:
            wrongs = self._wrongs.setdefault(sitting, set())
            if before is not None:
                wrongs.discard((answer.item_no, before[1].form))
            if group.wrong:
                wrongs.add((answer.item_no, group.form))
            self._stirred.add((member.delegation, member.room))
        if item.unread_us:
            if answer.response and answer.elapsed_us < item.unread_us and not answer.elapsed_flagged:
                self._fast.setdefault(sitting, {})[answer.item_no] = group.form
            elif before is not None and sitting in self._fast:
                self._fast[sitting].pop(answer.item_no, None)

    def _count(self, item: _Item, answer: Answer, group: Group, by: int) -> None:
        group.count += by
        item.times[bisect_left(TIMES_US, answer.elapsed_us)] += by
        item.right += by * (group.centipoints == item.paper.centipoints)
        item.wrong += by * group.wrong
        if group.count == 0:
            del item.groups[group.form]

    def _is(self, seen: Seen, only: Only) -> bool:
        match only:
            case Only.WRONG:
                return seen.group.wrong
            case Only.COMMON:
                item = self._items[seen.answer.item_no]
                group = item.groups.get(seen.group.form)
                return group is not None and _common(item, group)
            case Only.LATE:
                return seen.answer.status is AnswerStatus.LATE
            case Only.FLAGGED:
                return seen.answer.elapsed_flagged

    def _groups(self, item: _Item) -> list[GroupSummary]:
        by_delegation: dict[Response, Counter[DelegationCode]] = {form: Counter() for form in item.groups}
        first: dict[Response, SittingId] = {}
        for sitting, (_, group) in item.held.items():
            by_delegation[group.form][self._members[sitting].delegation] += 1
            first[group.form] = min(first.get(group.form, sitting), sitting)
        summaries = [
            GroupSummary(
                form,
                item.held[first[form]][0].response,
                group.centipoints,
                group.wrong,
                _common(item, group),
                group.count,
                dict(sorted(by_delegation[form].items())),
            )
            for form, group in item.groups.items()
        ]
        return sorted(summaries, key=lambda one: (-one.count, one.form))

    def _by_delegation(self, item: _Item) -> list[DelegationSummary]:
        times: dict[DelegationCode, list[int]] = {code: [] for code in self._delegations}
        right: Counter[DelegationCode] = Counter()
        for sitting, (answer, group) in item.held.items():
            code = self._members[sitting].delegation
            times[code].append(answer.elapsed_us)
            right[code] += group.centipoints == item.paper.centipoints
        late = Counter(self._members[sitting].delegation for sitting in item.late)
        early = Counter(self._members[sitting].delegation for sitting in item.early)
        return [
            DelegationSummary(
                code, len(taken), right[code], late[code], early[code], _exact(taken, 50), _exact(taken, 90)
            )
            for code, taken in ((code, sorted(taken)) for code, taken in times.items())
        ]

    def _of_one(self, kind: str, sitting: SittingId, *, responses: tuple[Wrong, ...] = (), count: int = 0) -> Anomaly:
        member = self._members[sitting]
        return Anomaly(kind, member.delegation, member.room, (sitting,), responses, count)

    def _wrongs_of(self, room: _Room) -> dict[SittingId, set[Wrong]]:
        return {sitting: held for sitting in self._rooms[room] if (held := self._wrongs.get(sitting))}

    def _same_wrong(self, room: _Room) -> list[Anomaly]:
        found = self._patterns[room]
        if not found:
            return []
        inside, wrongs = self._rooms[room], self._wrongs_of(room)
        given = Counter(wrong for held in wrongs.values() for wrong in held)
        answered: dict[ItemNo, int] = {}

        def chance(wrong: Wrong) -> float:
            item = self._items[wrong[0]]
            if wrong[0] not in answered:
                answered[wrong[0]] = len(item.held) - sum(sitting in item.held for sitting in inside)
            return patterns.share(item.groups[wrong[1]].count - given[wrong], answered[wrong[0]])

        sat = max(len(item.held) for item in self._items.values())
        mean = sum(item.wrong for item in self._items.values()) / sat
        return [
            Anomaly("same-wrong", *room, one.sittings, tuple(sorted(one.responses)), len(one.responses))
            for one in patterns.unlikely(found, wrongs, chance, mean)
        ]


def _unread_us(stem: str) -> int:
    return len(stem) * READING_US_PER_CHAR if len(stem) >= LONG_STEM_CHARS else 0


def _form(paper: PaperItem, response: Response) -> Response:
    if paper.type is QuestionType.FILL_IN:
        return tuple(_normal(text) for text in response)
    # Texts that judges mark have little in common.
    return ("",) if response and paper.type in JUDGED else response


@lru_cache(maxsize=4096)
def _normal(text: str) -> str:
    return comparable(text)


def _group(paper: PaperItem, form: Response, response: Response) -> Group:
    fill_in = paper.type is QuestionType.FILL_IN and response
    centipoints = mark_comparable(paper, form) if fill_in else mark(paper, response)
    return Group(form, centipoints, bool(response) and centipoints == 0 and paper.type not in JUDGED)


def _common(item: _Item, group: Group) -> bool:
    return group.wrong and group.count >= max(2, COMMON_SHARE * len(item.held))


def _summary(item: _Item) -> ItemSummary:
    cleared = item.groups.get(())
    return ItemSummary(
        item.paper.item_no,
        len(item.held),
        item.right,
        item.wrong,
        cleared.count if cleared else 0,
        len(item.late),
        len(item.early),
        _quantile(item.times, len(item.held), 50),
        _quantile(item.times, len(item.held), 90),
        len(item.groups),
    )


def _quantile(times: Sequence[int], count: int, percent: int) -> int:
    if count == 0:
        return 0
    rank, passed = -(-count * percent // 100), 0
    for bucket, held in enumerate(times):
        passed += held
        if passed >= rank:
            return TIMES_US[min(bucket, len(TIMES_US) - 1)]
    raise AssertionError("buckets hold every standing answer")


def _exact(taken: Sequence[int], percent: int) -> int:
    return taken[-(-len(taken) * percent // 100) - 1] if taken else 0


def _times(times: Sequence[int]) -> list[tuple[int, int]]:
    """Half an octave to a pair: few enough to be drawn."""
    counts = [sum(times[place : place + 4]) for place in range(0, len(TIMES_US), 4)]
    counts[-1] += times[-1]
    return list(zip(TIMES_US[3::4], counts, strict=True))
