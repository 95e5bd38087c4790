"""From a province's own contest into its list of nominees: the best of a final session, their places as evidence."""

from dataclasses import dataclass, field
from typing import Literal, Protocol

from leitai.office.nominations.lists import QUOTAS, Nominations
from leitai.office.nominations.values import (
    NewNominee,
    NominationRefused,
    Nominee,
    ProvinceList,
    Upload,
    WonTaken,
)
from leitai.office.own_contests_ports import Numbers, OwnContestRefused
from leitai.office.people_ports import Person
from leitai.rules.values import DelegationCode, Micros, SessionId

LeftOut = Literal["no-numbers", "on-list", "elsewhere"]


@dataclass(frozen=True, slots=True)
class WonSession:
    """A final session of a province's own."""

    session_id: SessionId
    contest_title: str
    title: str
    start_us: Micros
    people: int


@dataclass(frozen=True, slots=True)
class WonPlace:
    """Somebody's place in it."""

    rank: int
    name: str
    unit: str
    centipoints: int
    numbers: Numbers = field(repr=False)


@dataclass(frozen=True, slots=True)
class BestTaken:
    """What was taken into the list; of those who were not: rank, name and why."""

    taken: int
    left_out: tuple[tuple[int, str, LeftOut], ...]
    standing: ProvinceList


class OwnResults(Protocol):
    """What a province's own house knows of its final sessions. Every call may raise `StoreUnavailable`."""

    async def sessions(self, owner: DelegationCode) -> list[WonSession]:
        """Return a province's final sessions, the newest first."""
        ...

    async def best(self, owner: DelegationCode, session_id: SessionId, best: int) -> list[WonPlace]:
        """Return who holds the first `best` ranks of a session, equals of the last one among them, best first.

        Raises KeyError when the province has no such session that is final.
        """
        ...


class WonPlaces:
    """Takes the best of a province's own contests into its list."""

    def __init__(self, lists: Nominations, results: OwnResults) -> None:
        self._lists = lists
        self._results = results

    async def offered(self, contest_id: int, delegation: DelegationCode) -> list[WonSession]:
        """Return the province's own final sessions, whose best a contest may have; raises KeyError for no contest."""
        await self._lists.store.contest_state(contest_id)
        return await self._results.sessions(delegation)

    async def take(
        self, contest_id: int, delegation: DelegationCode, session_id: SessionId, best: int, expects: int, actor: str
    ) -> BestTaken:
        """Add the best of a session to the nominees, behind those who are on the list.

        Whoever is on the list, named or nominated, stays as listed; whoever has no identity or telephone number in the
        province's roster cannot be nominated. The list changes as by an upload, and can be undone like one;
        the evidence comes with it, or neither does.

        Raises:
            KeyError: no such contest, or no such final session of the province's.
            NominationRefused: `lists-frozen`, or as `NominationStore.replace_list`.
            OwnContestRefused: `nothing-won`, `list-full`.
        """
        store = self._lists.store
        if (await store.contest_state(contest_id)).frozen_us is not None:
            raise NominationRefused("lists-frozen")
        found = next((one for one in await self._results.sessions(delegation) if one.session_id == session_id), None)
        if found is None:
            raise KeyError(session_id)
        places = await self._results.best(delegation, session_id, best)
        listed = await store.nominees(contest_id, delegation)
        numbers = await store.numbers(contest_id, delegation, actor)
        on_list = {one.id_hash for one in listed}
        hashes = [one for place in places for one in (place.numbers.id_hash, place.numbers.phone_hash) if one]
        elsewhere = await store.taken(contest_id, delegation, hashes)
        phones = {self._lists.hash_phone(phone) for _, phone in numbers.values()}
        added: list[tuple[WonPlace, bytes, bytes]] = []
        left_out: list[tuple[int, str, LeftOut]] = []
        for place in places:
            id_hash, phone_hash = place.numbers.id_hash, place.numbers.phone_hash
            if id_hash is None or phone_hash is None:
                left_out.append((place.rank, place.name, "no-numbers"))
            elif id_hash in on_list or phone_hash in phones:
                left_out.append((place.rank, place.name, "on-list"))
            elif id_hash in elsewhere or phone_hash in elsewhere:
                left_out.append((place.rank, place.name, "elsewhere"))
            else:
                added.append((place, id_hash, phone_hash))
        won = tuple(
            (place.numbers.id_hash, place.rank, place.centipoints)
            for place in places
            if place.numbers.id_hash is not None and place.numbers.id_hash not in elsewhere
        )
        nominated = max((one.no for one in listed if one.list == "nominated"), default=0)
        if not added:
            raise OwnContestRefused("nothing-won")
        if nominated + len(added) > QUOTAS["nominated"]:
            raise OwnContestRefused("list-full")
        lines = [_again(one, *numbers[one.nominee_id], self._lists) for one in listed]
        for no, (place, id_hash, phone_hash) in enumerate(added, start=nominated + 1):
            person = Person(delegation, place.name, place.unit, 0, 0)
            known = place.numbers
            lines.append(NewNominee("nominated", no, person, known.id_number, known.phone, id_hash, phone_hash))
        trace = Upload(0, f"{found.contest_title} {found.title}"[:200], bytes(32), self._lists.now_us(), actor)
        evidence = WonTaken(session_id, found.people, won)
        standing = await store.replace_list(contest_id, delegation, expects, trace, lines, evidence)
        return BestTaken(len(added), tuple(left_out), standing)


def _again(one: Nominee, id_number: str, phone: str, lists: Nominations) -> NewNominee:
    return NewNominee(one.list, one.no, one.person, id_number, phone, one.id_hash, lists.hash_phone(phone))
