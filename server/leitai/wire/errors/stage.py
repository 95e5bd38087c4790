"""The codes of stage rounds (`rules.stage`)."""

from leitai.wire.errors.text import ErrorText

STAGE: dict[str, ErrorText] = {
    "stage-bad-plan": ErrorText(
        "赛程不完整或数值超出范围，请检查。", "The plan is incomplete or a figure is out of range.", status=400
    ),
    "stage-too-few-questions": ErrorText(
        "题库中可用的题目不足，或所选题目不存在、未审定、有重复、已在现场赛出示过。",
        "The bank has too few usable questions, or one that was named is unknown, not approved, named twice or was "
        "shown on a stage.",
        status=409,
    ),
    "stage-not-begun": ErrorText("现场赛尚未开始。", "The stage has not begun.", status=409),
    "stage-begun": ErrorText("现场赛已经开始。", "The stage has begun.", status=409),
    "stage-question-shown": ErrorText(
        "有题目已在另一场现场赛出示过，请修改赛程后再开始。",
        "A question was shown on another stage meanwhile; change the plan and begin again.",
        status=409,
    ),
    "stage-plan-stale": ErrorText(
        "他人已先行修改赛程，请核对后再试。", "Somebody changed the plan first; look again.", status=409
    ),
    "stage-ended": ErrorText("现场赛已经结束。", "The stage is over.", status=409),
    "stage-moved": ErrorText(
        "现场情况刚有变化，请再操作一次。", "The stage moved on; try again.", retry=True, status=409
    ),
    "stage-no-round": ErrorText("请先开始一个环节。", "Begin a round first.", status=409),
    "stage-unknown-round": ErrorText("没有这个环节。", "There is no such round.", status=400),
    "stage-round-played": ErrorText("该环节已经进行过。", "This round was played.", status=409),
    "stage-other-round": ErrorText("当前环节没有这项操作。", "The round that goes on has no such act.", status=409),
    "stage-other-question": ErrorText("题目已变化，请看清当前题目。", "Another question is shown now.", status=409),
    "stage-unknown-team": ErrorText("没有这支队伍。", "There is no such team.", status=400),
    "stage-not-their-turn": ErrorText("现在不是该队的轮次。", "It is not this team's turn.", status=409),
    "stage-not-equal": ErrorText(
        "加赛须由同分的两队或更多队伍参加。", "A sudden death is between teams that stand equal.", status=409
    ),
    "stage-all-play": ErrorText("该环节由全部队伍参加。", "All teams play this round.", status=409),
    "stage-decided": ErrorText("加赛已分出名次。", "The sudden death is decided.", status=409),
    "stage-no-stake": ErrorText("请先选定分值。", "Choose the stake first.", status=409),
    "stage-bad-stake": ErrorText("没有这一档分值。", "There is no such stake.", status=400),
    "stage-time-over": ErrorText("答题时间已到。", "The time is over.", status=409),
    "stage-bad-time": ErrorText("时间不正确。", "The time is not right.", status=400),
    "stage-no-film": ErrorText("当前题目没有这段影片。", "The question that is shown has no such film.", status=409),
    "stage-buzzer-open": ErrorText("本题已经开放抢答。", "The buzzer of this question was opened.", status=409),
    "stage-not-answering": ErrorText("现在不是该队答题。", "This team is not answering.", status=409),
    "stage-bad-points": ErrorText("分值超出范围。", "The points are out of range.", status=400),
    "stage-reason-missing": ErrorText("请写明理由。", "A reason is needed.", status=400),
    "stage-not-withdrawable": ErrorText("这一步不能撤回。", "This cannot be withdrawn.", status=409),
    "stage-withdraw-later-first": ErrorText("请先撤回之后的判定。", "Withdraw what follows from it first.", status=409),
    "stage-vote-open": ErrorText("请先结束投票。", "Close the vote first.", status=409),
    "stage-vote-closed": ErrorText("投票已经结束。", "This vote is closed.", status=409),
    "stage-bad-vote": ErrorText("投票的题目或选项不正确。", "The vote's title or choices are not right.", status=400),
    "stage-voted": ErrorText("您已投过票。", "You have voted.", status=409),
    "stage-code-wrong": ErrorText("席位码不正确或已更换。", "The code is wrong or was replaced.", status=401),
    "stage-press-late": ErrorText("本题已经结束。", "This question is over."),
    "stage-not-a-desk": ErrorText("大屏不能抢答。", "A screen cannot press."),
}
