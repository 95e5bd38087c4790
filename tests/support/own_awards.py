"""A session of a province's own that is final, made in the record without playing it."""

from collections.abc import Sequence

from leitai.rules.timeline import windows
from leitai.rules.values import Answer, AnswerStatus, Member, Micros, Phase, QuestionType, SessionId
from tests.support.office import Stores


async def finish(stores: Stores, session: SessionId, *, equal: int = -1) -> Sequence[Member]:
    """Everybody has answered one item right, each slower than the one before, but the one at place `equal` (from 0),
    who was as quick as that one. Returns everybody, best first.
    """
    file = await stores.archive.load_session(session)
    item = next(one for one in file.plan.items if one.type is QuestionType.SINGLE)
    window = next(one for one in windows(file.plan, file.start_us) if one.item_no == item.item_no)
    members = sorted(file.members, key=lambda one: one.sitting_id)
    answers = [
        Answer(
            member.sitting_id,
            item.item_no,
            1,
            tuple(item.key.options),
            Micros(window.opens_at_us + 1),
            Micros(1000 * (place if place != equal else place - 1)),
            False,
            place + 1,
            AnswerStatus.ACCEPTED,
        )
        for place, member in enumerate(members)
    ]
    await stores.archive.record_answers(session, 0, "1-1", answers)
    await stores.archive.save_phase(session, Phase.FINALIZED, file.start_us)
    return members
