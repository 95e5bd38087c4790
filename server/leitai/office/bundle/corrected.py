"""What was put right after 定榜, as a member of a bundle and back; and the awards that follow with it.

Standings and `awards.json` stay as they were when the session became final (`rules.award_corrections`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from leitai.rules.award_corrections import Correction, fault, names
from leitai.rules.honours import Awards
from leitai.rules.values import ActorId, Member, Micros
from leitai.wire.effects import correction_from_builtins, correction_to_builtins
from leitai.wire.results_bundle import BundleCorrection, BundleCorrections


@dataclass(frozen=True, slots=True)
class PutRight:
    """Corrections by id, withdrawn ones too; `definite_us` 0: the awards are not definite yet, more may come."""

    corrections: tuple[Correction, ...]
    definite_us: Micros


def told(right: PutRight) -> BundleCorrections:
    """Return the member."""
    made = [
        BundleCorrection(
            one.correction_id,
            one.objection_id,
            correction_to_builtins(one.effect),
            one.reason,
            one.actor,
            one.at_us,
        )
        for one in sorted(right.corrections, key=lambda one: one.correction_id)
    ]
    return BundleCorrections(right.definite_us, made)


def read(member: BundleCorrections) -> PutRight:
    """Return what a member says; raises `wire.effects.BadEffect`."""
    made = tuple(
        Correction(
            one.correction_id,
            correction_from_builtins(one.effect),
            one.reason,
            ActorId(one.actor),
            Micros(one.at_us),
            one.objection_id,
        )
        for one in member.corrections
    )
    return PutRight(made, Micros(member.definite_us))


def renamed(awards: Awards, corrections: Sequence[Correction]) -> Awards:
    """Return awards under the names that corrections gave."""
    read_as = names(corrections)
    persons = tuple(replace(one, name=read_as.get(one.sitting_id, one.name)) for one in awards.persons)
    return replace(awards, persons=persons)


def senseless(corrections: Sequence[Correction], members: Sequence[Member]) -> Iterator[int]:
    """Yield the ids of corrections that could not have been made: of nobody's, made twice, or out of their order."""
    for place, one in enumerate(corrections):
        before = corrections[:place]
        follows = all(other.correction_id < one.correction_id and other.at_us <= one.at_us for other in before)
        if not follows or fault(one.effect, members, before) is not None:
            yield one.correction_id
