"""The codes of blueprints and papers."""

from leitai.wire.errors.text import ErrorText

PAPERS: dict[str, ErrorText] = {
    "blueprint-empty": ErrorText("蓝图中没有题目。", "The blueprint has no items.", status=400),
    "blueprint-too-large": ErrorText(
        "一份试卷至多 300 题，蓝图至多 100 行。", "A paper has 300 items at most, in 100 lines.", status=400
    ),
    "blueprint-bad-line": ErrorText(
        "蓝图中有数量或难度不合理、或重复的行。",
        "A line's count or difficulty is out of range, or it is there twice.",
        status=400,
    ),
    "blueprint-bad-worth": ErrorText(
        "题型的分值、时长或评分方式不合理，或有题型未设分值。",
        "A type's points, seconds or marking are out of range or missing.",
        status=400,
    ),
    "paper-not-feasible": ErrorText(
        "题库不足以按此蓝图组卷，请查看缺口。", "The bank cannot fill this blueprint; see what is short.", status=409
    ),
    "paper-not-sealed": ErrorText(
        "没有这份试卷，或尚未封存，不能排入场次。", "There is no such paper, or it is not sealed.", status=409
    ),
    "paper-sealed": ErrorText(
        "试卷已封存，开题前任何人不能查看。", "The paper is sealed: nobody reads it before it is opened.", status=409
    ),
    "paper-not-now": ErrorText("试卷当前的状态不允许此操作。", "The paper's state does not allow this.", status=409),
    "paper-own-work": ErrorText(
        "组卷或改过题目的人不能审定该试卷。", "Nobody approves a paper that they made or changed.", status=409
    ),
    "paper-approved-before": ErrorText("您已审定过该试卷。", "You have approved this paper.", status=409),
    "paper-stale": ErrorText("他人已先行修改，请刷新后再试。", "Somebody changed this first; look again.", status=409),
    "paper-reason-missing": ErrorText("请写明理由，至多 500 字。", "A reason is needed, 500 characters.", status=400),
    "paper-no-other": ErrorText("题库中没有其他合适的题目。", "The bank has no other question that fits.", status=409),
    "paper-unfit": ErrorText(
        "所选题目与该题的要求不符，或已在卷中。", "The question does not fit this place, or is on it.", status=409
    ),
}
