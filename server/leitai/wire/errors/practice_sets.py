"""The codes of sets of practice."""

from leitai.wire.errors.text import ErrorText

PRACTICE_SETS: dict[str, ErrorText] = {
    "practice-nothing-released": ErrorText(
        "该模块和题型还没有可练习的试题，请换一个。", "No question of this kind is released yet.", status=409
    ),
    "practice-done-today": ErrorText(
        "今天已学完该范围的试题，请换一个模块，或明天再来。", "All of these are done for today.", status=409
    ),
    "practice-too-few": ErrorText(
        "已发布的试题不足一组，暂时不能开始周周练。", "Too few questions are released for a set.", status=409
    ),
    "practice-set-expired": ErrorText(
        "本组题已超过时限，请重新取题。", "The time of this set is over; ask for another.", status=409
    ),
    "practice-handed-in": ErrorText("本组题已经提交。", "This set was handed in.", status=409),
    "practice-answer-shape": ErrorText("请先作答再提交。", "An answer is missing or of another kind.", status=400),
    "practice-other-kind": ErrorText(
        "这组题的提交方式不同，请刷新页面。", "Sets of this kind are answered otherwise.", status=409
    ),
    "practice-not-mastered": ErrorText(
        "再连续答对几次后才能移出错题本。", "Answer it right a few times more to take it out.", status=409
    ),
    "practice-nothing-to-release": ErrorText(
        "没有符合条件且尚未发布的试题。", "No approved question is left to release.", status=409
    ),
    "practice-featured": ErrorText("该题已在精讲中。", "This question is featured already.", status=409),
    "practice-not-explained": ErrorText(
        "该题没有解析，请选择讲解视频。", "It has no explanation; choose a lecture.", status=409
    ),
    "practice-captions": ErrorText(
        "字幕应为 WebVTT 格式（首行 WEBVTT），且须配有视频，不含样式。",
        "Captions are WebVTT (first line WEBVTT) for a film, without styles.",
        status=400,
    ),
    "practice-withdrawn": ErrorText("已经撤回。", "It was withdrawn before.", status=409),
}
