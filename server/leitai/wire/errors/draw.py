"""The codes of the draw (`rules.draw_protocol`)."""

from leitai.wire.errors.text import ErrorText

DRAW: dict[str, ErrorText] = {
    "draw-lists-missing": ErrorText(
        "推荐名单尚未冻结，不能公布抽签。", "The nomination lists are not frozen; no draw can be announced.", status=409
    ),
    "draw-lists-unsound": ErrorText(
        "推荐名单中有重复或空缺的条目，不能抽签。", "A list has empty or repeated entries.", status=409
    ),
    "draw-lists-changed": ErrorText(
        "推荐名单与公布时不一致，请作废本次抽签后重新公布。",
        "The lists are not those that were announced; abandon this draw and announce another.",
        status=409,
    ),
    "draw-under-way": ErrorText("上一次抽签尚未结束。", "The draw before is not over.", status=409),
    "draw-stale": ErrorText(
        "他人已先行操作，请刷新后再试。", "Somebody did something first; look again.", retry=True, status=409
    ),
    "draw-illegal-act": ErrorText("当前步骤不允许此操作。", "This step does not allow that.", status=409),
    "draw-reason-missing": ErrorText(
        "请写明理由（200 字以内）；首次抽签不需要理由。",
        "Say why, in 200 characters; a first draw has no reason.",
        status=400,
    ),
    "draw-parties-few": ErrorText(
        "须有 2 至 8 个名称不同的种子持有方。", "2 to 8 parties with different names hold a seed.", status=400
    ),
    "draw-value-unnamed": ErrorText(
        "请写明公共值的名称、种类和抽取人数（200 字以内）。",
        "Name the public value, its kind and how many are drawn, in 200 characters.",
        status=400,
    ),
    "draw-too-late": ErrorText(
        "公共值的产生时间已过，不能再公布或提交承诺。",
        "The public value may be known already; announcements and commitments end before.",
        status=409,
    ),
    "draw-party-unknown": ErrorText("没有这个种子持有方。", "There is no such party.", status=400),
    "draw-party-done": ErrorText("该方已完成此步骤。", "This party has done so already.", status=409),
    "draw-party-same-person": ErrorText(
        "一人不能为两方提交承诺。", "Nobody gives the commitments of two parties.", status=403
    ),
    "draw-commitment-malformed": ErrorText(
        "承诺值须为 64 位十六进制数（种子的 SHA-256）。", "A commitment has 64 hexadecimal digits.", status=400
    ),
    "draw-commitment-known": ErrorText(
        "该承诺值已出现过，请另选种子。", "This commitment was used before; choose another seed.", status=409
    ),
    "draw-value-not-yet": ErrorText("公共值尚未产生。", "The public value is not known yet.", status=409),
    "draw-value-malformed": ErrorText(
        "公共值的写法不正确：数字之间用空格分开，文字只含字母和数字。",
        "Numbers are parted by blanks; a text has letters and digits only.",
        status=400,
    ),
    "draw-self-confirmation": ErrorText("录入人不能自己确认。", "Nobody confirms what they entered.", status=403),
    "draw-value-differs": ErrorText(
        "与录入的公共值不一致，请核对；如录入有误，请退回。",
        "This is not the value that was entered; check it, or send it back.",
        status=409,
    ),
    "draw-seed-malformed": ErrorText(
        "种子须为 32 至 128 位十六进制数。", "A seed has 32 to 128 hexadecimal digits.", status=400
    ),
    "draw-seed-wrong": ErrorText(
        "种子与此前公布的承诺值不符。", "This is not the seed that was committed to.", status=409
    ),
    "draw-not-drawn": ErrorText("抽签尚未完成。", "Nothing is drawn yet.", status=409),
}
