"""A preview's lists are capped, and its counts tell of all."""

from leitai.rules.effects import StrikeOff, VoidItem
from leitai.rules.previews import Preview, Shift
from leitai.rules.rulings import Judge
from leitai.rules.values import ActorId, ItemNo, Micros, Score, SittingId, Standing
from leitai.web.judging_bodies import LISTED, preview_body
from tests.support.live import session_file


def _standing(sitting_id: SittingId, centipoints: int) -> Standing:
    return Standing(sitting_id, sitting_id, Score(sitting_id, centipoints, Micros(1)))


def test_a_change_of_many_is_told_in_part_and_counted_whole() -> None:
    file = session_file(members=250)
    shifts = tuple(
        Shift(one.sitting_id, _standing(one.sitting_id, 100), _standing(one.sitting_id, 200)) for one in file.members
    )
    struck = (Shift(SittingId(1), _standing(SittingId(1), 100), None),)
    seen = Preview(gain=shifts, lose=struck, ranks=(), teams=(), crossings=(), open_before=0, open_after=0)
    body = preview_body(seen, file, VoidItem(ItemNo(1)), Judge(ActorId("anna")))
    assert (body.gaining, len(body.gain), body.losing) == (250, LISTED, 1)
    assert (body.lose[0].rank_after, body.lose[0].centipoints_after, body.conflict) == (0, 0, False)
    home = file.members[0].delegation
    about = StrikeOff(SittingId(1))
    assert preview_body(seen, file, about, Judge(ActorId("local"), home)).conflict
    assert preview_body(seen, file, about, Judge(ActorId("anna"))).concerned == [home]
