"""The codes of nominations, the roster and admission tickets."""

from leitai.wire.errors.text import ErrorText

NOMINATIONS: dict[str, ErrorText] = {
    "lists-frozen": ErrorText(
        "名单已冻结，不能再更改。", "The lists are frozen; nothing changes any more.", status=409
    ),
    "lists-not-frozen": ErrorText("名单尚未冻结。", "The lists are not frozen yet.", status=409),
    "list-submitted": ErrorText(
        "名单已提交。如需更改，请联系赛务组退回。",
        "The list was submitted; ask the operators to return it.",
        status=409,
    ),
    "list-not-submitted": ErrorText("该名单尚未提交。", "This list was not submitted.", status=409),
    "list-empty": ErrorText("请先上传名单。", "Upload a list first.", status=409),
    "list-short": ErrorText(
        "名单不足 15 名自主确定、100 名推荐，请确认后提交。",
        "The list has fewer than 15 named and 100 nominated; confirm that this is meant.",
        status=409,
    ),
    "list-stale": ErrorText(
        "名单刚刚有变动，请核对后再操作。", "The list has just changed; look at it again.", status=409
    ),
    "nothing-to-undo": ErrorText("没有可以撤销的上传。", "There is no upload to undo.", status=409),
    "person-elsewhere": ErrorText(
        "名单中有人刚刚被另一代表队上报，请重新检查文件。",
        "Somebody on the list was just sent in by another delegation; check the file again.",
        status=409,
    ),
    "nothing-to-freeze": ErrorText("还没有已提交的名单。", "No list was submitted yet.", status=409),
    "reason-missing": ErrorText("请写明理由。", "A reason is needed.", status=400),
    "draw-missing": ErrorText("尚有代表队未抽签。", "Not every delegation has drawn.", status=409),
    "roster-made": ErrorText("参赛名单已经生成。", "The roster was made already.", status=409),
    "roster-published": ErrorText("参赛名单已经公布。", "The roster was published already.", status=409),
    "already-struck": ErrorText("该选手已被取消资格。", "This contestant was struck off already.", status=409),
    "tickets-busy": ErrorText(
        "另一批准考证正在生成，请稍候。", "Other tickets are being made; please wait.", retry=True, status=409
    ),
}
