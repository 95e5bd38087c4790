"""The codes of awards after 定榜 (`rules.publicity`, `office.awards`)."""

from leitai.wire.errors.text import ErrorText

AWARDS: dict[str, ErrorText] = {
    "awards-not-final": ErrorText(
        "场次定榜并解封后才能公示奖项。",
        "Awards are published once the session is final and its board thawed.",
        status=409,
    ),
    "awards-tied": ErrorText(
        "奖项边界有并列，须先裁定先后。", "Equals at an award's boundary wait for an order among them.", status=409
    ),
    "awards-changed": ErrorText("名单已有变动，请重新核对。", "The list changed; look at it again.", True, 409),
    "awards-list-differs": ErrorText(
        "公示的名单与现在的结果不一致，请先更新公示。",
        "The published list is not the present one: revise it first.",
        status=409,
    ),
    "awards-unchanged": ErrorText("名单没有变化，不必更新公示。", "The list is as published.", status=409),
    "awards-step": ErrorText("公示的状态已不同，请刷新后再操作。", "The publication is in another state.", True, 409),
    "awards-period-open": ErrorText("公示期尚未结束。", "The period has not ended.", status=409),
    "awards-period": ErrorText("公示期的时间不正确。", "The period's length or end is not possible.", status=400),
    "awards-not-definite": ErrorText("奖项确定后才能办理。", "The awards are not definite yet.", status=409),
    "awards-printing": ErrorText("已有打印任务在进行，请稍候。", "Something is being printed; please wait.", True, 409),
    "step-self-confirmation": ErrorText("须由另一人确认。", "Somebody else must confirm it.", status=403),
    "step-lapsed": ErrorText("申请已超过一天，须重新提出。", "The request lapsed; ask anew.", status=409),
    "step-decided": ErrorText("该申请已有人处理。", "Somebody has decided this request.", status=409),
    "objections-undecided": ErrorText("还有异议没有答复。", "Objections wait for an answer.", status=409),
    "objection-not-open": ErrorText("现在不受理异议。", "Objections are not taken now.", status=409),
    "objection-text-missing": ErrorText("请写明异议内容。", "Say what the objection is.", status=400),
    "objection-text-too-long": ErrorText("异议内容不超过 2000 字。", "At most 2,000 characters.", status=400),
    "objection-too-many": ErrorText("您有多项异议待答复，请等候。", "Several of your objections wait.", True, 429),
    "objection-answered": ErrorText("该异议已有答复。", "The objection has been answered.", status=409),
    "objection-reason-missing": ErrorText("请写明理由。", "A reason is needed.", status=400),
    "correction-unknown-person": ErrorText("更正涉及的人或代表队不在本场次。", "Nobody of this session.", status=400),
    "correction-senseless": ErrorText(
        "更正内容不完整或没有作用。", "The correction is incomplete or changes nothing.", status=400
    ),
    "certificate-not-found": ErrorText(
        "没有查到这份证书。请核对二维码是否完整。", "No such certificate. Check that the code is complete.", status=404
    ),
}
