"""The codes of 月月比 (`rules.monthly`)."""

from leitai.wire.errors.text import ErrorText

MONTHLY: dict[str, ErrorText] = {
    "monthly-length": ErrorText("每份答卷的时长应为 1 至 180 分钟。", "A sitting lasts 1 to 180 minutes.", status=400),
    "monthly-window": ErrorText(
        "开放时间须在同一个自然月内，且不短于答卷时长。",
        "The window lies within one month and is no shorter than a sitting.",
        status=400,
    ),
    "monthly-past": ErrorText("开放时间已过，请改为以后的时间。", "The window must begin later than now.", status=409),
    "monthly-month-taken": ErrorText("该月已经安排了月月比。", "This month has its sitting already.", status=409),
    "monthly-judged": ErrorText(
        "试卷中有需要裁判评阅的题目，不能用于月月比。",
        "The paper has items that judges would have to mark.",
        status=409,
    ),
    "monthly-begun": ErrorText(
        "即将开放或已经开放，不能再撤回。", "It is about to open; it can no longer be withdrawn.", status=409
    ),
    "monthly-not-open": ErrorText("现在不在月月比开放时间内。", "It is not open now.", status=409),
    "monthly-taken": ErrorText("您本月已经考过。", "You have sat this month.", status=409),
}
