"""The codes of matches between learners."""

from leitai.wire.errors.text import ErrorText

MATCHES: dict[str, ErrorText] = {
    "match-too-few": ErrorText(
        "已发布的试题不足，暂时不能对战。", "Too few questions are released for a match.", status=409
    ),
    "match-over": ErrorText("本场对战已经结束。", "This match is over.", status=409),
    "match-already-answered": ErrorText("本题已作答，以第一次为准。", "This question was answered; the first stands."),
}
