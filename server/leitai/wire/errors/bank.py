"""The codes of the question bank and the syllabus (`rules.questions`, `rules.syllabus`)."""

from leitai.wire.errors.text import ErrorText

BANK: dict[str, ErrorText] = {
    "question-illegal-move": ErrorText(
        "该试题现在的状态不允许此操作。", "The question's state does not allow this.", status=409
    ),
    "question-in-review": ErrorText(
        "该试题正在审核，请先撤回再修改。",
        "The question is being reviewed; take it back before changing it.",
        status=409,
    ),
    "question-own-version": ErrorText(
        "不能审核自己参与编写的版本。", "Nobody reviews a version that they wrote or helped to write.", status=403
    ),
    "question-retired": ErrorText("该试题已停用。", "The question is retired.", status=409),
    "question-not-retired": ErrorText("该试题没有停用。", "The question is not retired.", status=409),
    "question-reason-missing": ErrorText("请写明理由。", "A reason is needed.", status=400),
    "question-reason-too-long": ErrorText("理由不超过 500 字。", "A reason has at most 500 characters.", status=400),
    "question-stale": ErrorText(
        "该试题已有新的变动，请刷新后再操作。", "The question moved on; look at it again.", retry=True, status=409
    ),
    "question-stem-taken": ErrorText(
        "题库中已有题干相同的试题。", "The bank has a question with the same stem.", status=409
    ),
    "question-unchanged": ErrorText(
        "内容与上一版本相同，没有需要保存的改动。", "Nothing differs from the version before.", status=409
    ),
    "comment-missing": ErrorText("请填写意见。", "The comment is empty.", status=400),
    "comment-too-long": ErrorText("意见不超过 2000 字。", "A comment has at most 2,000 characters.", status=400),
    "search-too-short": ErrorText(
        "请输入两个或以上的字。", "Two characters or more are needed to search for.", status=400
    ),
    "syllabus-name-missing": ErrorText("请填写名称。", "A name is needed.", status=400),
    "syllabus-name-too-long": ErrorText("名称不超过 60 字。", "A name has at most 60 characters.", status=400),
    "syllabus-name-taken": ErrorText("已有相同的名称。", "The name is there already.", status=409),
    "syllabus-unknown-module": ErrorText("大纲没有这个模块。", "The syllabus has no such module.", status=400),
    "syllabus-published": ErrorText(
        "该版已发布，不能再改名或再次发布；请在下一版中修改。",
        "The edition is published: names stand until the next one.",
        status=409,
    ),
    "syllabus-not-in-work": ErrorText(
        "该版之后已有新的版本，不能再修改。", "A later edition was made; this one does not change any more.", status=409
    ),
    "syllabus-unknown-point": ErrorText("该版没有这个知识点。", "The edition has no such point.", status=404),
    "syllabus-point-retired": ErrorText("该知识点已停用。", "The point is retired.", status=409),
    "syllabus-point-not-retired": ErrorText("该知识点没有停用。", "The point is not retired.", status=409),
    "syllabus-reason-missing": ErrorText("请写明停用的理由。", "Say why the point is retired.", status=400),
    "syllabus-draft-open": ErrorText(
        "当前版尚未发布，发布后才能编制下一版。",
        "The edition in work is not published yet; the next one is made after that.",
        status=409,
    ),
    "point-unknown": ErrorText(
        "请从大纲中选择该模块的知识点。", "Choose a point of this module from the syllabus.", status=400
    ),
}
