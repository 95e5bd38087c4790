"""The draw as the office carries it out: a province's nominations in, a transcript and the drawn people out."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from leitai.office.ports import Nomination, OfficeStore
from leitai.office.roster import DRAWN_PLACES
from leitai.rules.draw import draw_province
from leitai.rules.selection import Source
from leitai.rules.transcript import Transcript
from leitai.rules.values import DelegationCode


@dataclass(frozen=True, slots=True)
class ProvinceDraw:
    """A province's draw and the nominations that were drawn, in the order they were drawn."""

    transcript: Transcript
    drawn: tuple[Nomination, ...]


def nomination_id(nomination: Nomination) -> str:
    """Return what a nominated person is called in the published list and in transcripts: `007 阿依古丽·买买提`."""
    return f"{nomination.no:03d} {nomination.person.name}"


def draw_all(
    nominations: Sequence[Nomination], seed: bytes, public_value: Source, count: int = DRAWN_PLACES
) -> dict[DelegationCode, ProvinceDraw]:
    """Draw for every province that nominated; one seed and one public value, each province's own list and code.

    A province that nominated fewer than `count` gets all of them.

    Raises:
        ValueError: the seed is too short or the public value has no canonical form.
    """
    pools: defaultdict[DelegationCode, list[Nomination]] = defaultdict(list)
    for nomination in sorted(nominations, key=lambda one: one.no):
        if nomination.list == "nominated":
            pools[nomination.person.delegation].append(nomination)
    draws: dict[DelegationCode, ProvinceDraw] = {}
    for delegation, pool in sorted(pools.items()):
        by_id = {nomination_id(nomination): nomination for nomination in pool}
        transcript = draw_province(
            list(by_id), min(count, len(by_id)), seed=seed, public_value=public_value, delegation=delegation
        )
        draws[delegation] = ProvinceDraw(transcript, tuple(by_id[one] for one in transcript.selected))
    return draws


async def hold_draws(
    store: OfficeStore, contest_id: int, seed: bytes, public_value: Source
) -> dict[DelegationCode, ProvinceDraw]:
    """Draw from a contest's stored nominations and keep the transcripts.

    Raises:
        AlreadyThere: a province has drawn before.
        ValueError: as `draw_all`.
        StoreUnavailable: from the store.
    """
    draws = draw_all(await store.nominations(contest_id), seed, public_value)
    await store.save_draws(contest_id, [draw.transcript for draw in draws.values()])
    return draws
