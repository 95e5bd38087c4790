"""A contestant's result, item by item: what was given, the key in force, what it earned, which ruling changed it."""

from collections.abc import Iterable, Mapping, Sequence

from leitai.office.session_ports import SessionRecord, Sitting
from leitai.office.standings import Outcome
from leitai.rules.accounts import ItemAccount, accounts, striking, touching
from leitai.rules.effects import name_of
from leitai.rules.rulings import Ruling, in_force
from leitai.rules.values import Answer, ItemNo, Key, Member, PaperItem, Window
from leitai.wire.bodies import ResultBody, ResultItem, ResultRuling
from leitai.wire.messages import ItemContent


def explanation(
    record: SessionRecord,
    outcome: Outcome,
    sitting: Sitting,
    windows: Iterable[Window],
    answers: Iterable[Answer],
    marks: Mapping[tuple[ItemNo, int], int],
    rulings: Sequence[Ruling],
) -> ResultBody:
    """Return the explanation; its points and times add up to the standing (`rules.accounts`).

    Args:
        windows: of the items that closed.
        answers: the sitting's own.
        marks: what the judges gave them, by item and offset.
        rulings: of the session, in force or not.
    """
    sitting_id = sitting.sitting_id
    member = next(one for one in outcome.members if one.sitting_id == sitting_id)
    told = accounts(record.plan, sitting_id, answers, windows, outcome.adjustments, marks)
    person = sitting.contestant.person
    standing = outcome.by_sitting.get(sitting_id)
    ruled = in_force(rulings)
    team = next((one for one in outcome.delegations if one.delegation == person.delegation), None)
    return ResultBody(
        name=person.name,
        admission_no=sitting.admission_no,
        delegation=person.delegation,
        centipoints=standing.score.centipoints if standing else 0,
        rank=standing.rank if standing else 0,
        of=len(outcome.individuals),
        delegation_rank=team.rank if team else 0,
        elapsed_us=standing.score.elapsed_us if standing else 0,
        items=[
            _item(account, printed, content, said, member, ruled)
            for account, printed, content, said in zip(
                told, record.plan.items, record.contents, record.explanations, strict=True
            )
        ],
        pacing=record.plan.pacing.value,
        struck=member.struck,
        absent=member.absent,
        rulings=[_ruling(one) for one in striking(ruled, sitting_id)],
    )


def _item(
    account: ItemAccount,
    printed: PaperItem,
    content: ItemContent,
    said: str,
    member: Member,
    ruled: Sequence[Ruling],
) -> ResultItem:
    item, answer = account.item, account.shown
    return ResultItem(
        item=item.item_no,
        type=item.type.value,
        stem=content.stem,
        options=content.options,
        response=list(answer.response) if answer else [],
        key=_key(item.key),
        explanation=said,
        centipoints=0 if member.struck else account.centipoints,
        full_centipoints=item.centipoints,
        status=answer.status.value if answer else "",
        elapsed_us=answer.elapsed_us if answer else 0,
        stamp_us=answer.stamp_us if answer else 0,
        parts=content.parts,
        verdict=account.verdict.value,
        taken_us=account.elapsed_us,
        also=sorted(sorted(one) for one in item.key.also),
        printed=_key(printed.key) if item.key != printed.key else [],
        rulings=[_ruling(one) for one in touching(ruled, item.item_no, member)],
        media=content.media,
    )


def _key(key: Key) -> list[str]:
    return sorted(key.options) or [" / ".join(alternatives) for alternatives in key.blanks]


def _ruling(ruling: Ruling) -> ResultRuling:
    approved = ruling.approved
    return ResultRuling(ruling.ruling_id, name_of(ruling.effect), ruling.reason, approved.at_us if approved else 0)
