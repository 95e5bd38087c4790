"""From draws to their bodies."""

from collections.abc import Mapping

from leitai.office.draw_ports import DrawContest, KeptDraw, Showing
from leitai.rules.draw import lists_digest
from leitai.rules.draw_protocol import DrawAct
from leitai.rules.values import ActorId, DelegationCode
from leitai.wire.draw_bodies import (
    DrawContestBody,
    DrawDetail,
    DrawEventBody,
    DrawListBody,
    DrawPartyBody,
    DrawShowing,
)

_TOLD = frozenset({DrawAct.COMMIT, DrawAct.CONFIRM_VALUE, DrawAct.DISCLOSE, DrawAct.ABANDON})
"""Acts whose content is the public's: an entered value is none yet."""


def contest_body(contest: DrawContest) -> DrawContestBody:
    """Return a contest with its last draw."""
    return DrawContestBody(contest.contest_id, contest.title, contest.year, contest.number, contest.state)


def detail(kept: KeptDraw, shorts: Mapping[DelegationCode, str], *, named: bool) -> DrawDetail:
    """Return a draw; `named` with the staff's names, for the staff."""
    draw, notice = kept.draw, kept.draw.notice
    people: dict[ActorId, int] = {}
    events: list[DrawEventBody] = []
    for one in draw.events:
        person = people.setdefault(one.actor, len(people) + 1)
        who = (kept.names.get(one.actor) or one.actor) if named else ""
        content = one.content if one.act in _TOLD or named else ""
        login = one.actor if named else ""
        events.append(DrawEventBody(one.act.value, one.at_us, person, one.party, who, login, content))
    return DrawDetail(
        notice.number,
        draw.state.value if draw.state else "",
        notice.reason,
        notice.algorithm.value,
        notice.places,
        [
            DrawPartyBody(name, draw.of_party(DrawAct.COMMIT, party), draw.of_party(DrawAct.DISCLOSE, party))
            for party, name in enumerate(notice.parties, start=1)
        ],
        notice.value_name,
        notice.value_kind,
        notice.known_from_us,
        draw.value,
        [
            DrawListBody(one.delegation, one.name, shorts.get(one.delegation, one.name), len(one.ids), one.digest)
            for one in notice.lists
        ],
        lists_digest(notice.lists),
        events,
        kept.digest,
    )


def showing_body(showing: Showing, now_us: int) -> DrawShowing:
    """Return where the ceremony is."""
    return DrawShowing(showing.edition, showing.province, showing.manner, showing.at_us, now_us)
