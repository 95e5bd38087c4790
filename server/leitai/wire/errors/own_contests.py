"""The codes of provinces' own contests, and of registering for them."""

from leitai.wire.errors.text import ErrorText

OWN_CONTESTS: dict[str, ErrorText] = {
    "registration-closed": ErrorText("报名未开放或已截止。", "Registration is not open, or has closed.", status=409),
    "registration-past": ErrorText(
        "报名截止时间须在当前时间之后。", "Registration has to close in the future.", status=400
    ),
    "already-registered": ErrorText(
        "该号码已经报过名。如有疑问，请联系主办单位。",
        "This number has registered already; ask the organizer if that was not you.",
        status=409,
    ),
    "person-registered": ErrorText(
        "其中有人已在参赛名单上，未作任何更改。", "Somebody is on the roster already; nothing was changed.", status=409
    ),
    "roster-full": ErrorText(
        "参赛名单人数将超过每场比赛的上限，未作任何更改。",
        "The roster would hold more people than a contest may have; nothing was changed.",
        status=409,
    ),
    "registration-full": ErrorText(
        "报名人数已满。如有疑问，请联系主办单位。", "Registration is full; ask the organizer.", status=409
    ),
    "name-odd": ErrorText("请填写真实姓名。", "Give your real name.", status=409),
    "unit-missing": ErrorText("请填写单位，不超过 100 字。", "Give your unit, in 100 characters at most.", status=409),
    "team-unknown": ErrorText("请选择代表队。", "Choose a team.", status=409),
    "phone-wrong": ErrorText("手机号码不正确。", "This is no telephone number.", status=409),
    "id-number-wrong": ErrorText("证件号码不正确。", "This is no identity number.", status=409),
    "prizes-bad": ErrorText(
        "每个奖项须有不重复的名称和至少 1 个名额。",
        "Each prize needs a name of its own and one place at least.",
        status=400,
    ),
    "prizes-stale": ErrorText(
        "奖项设置刚刚有变动，请核对后再操作。", "The prizes have just changed; look at them again.", status=409
    ),
    "prizes-fixed": ErrorText(
        "比赛已经开始，奖项设置不能再更改。", "The contest has begun; its prizes are fixed.", status=409
    ),
    "not-over-yet": ErrorText("本场比赛尚未结束。", "This session is not over yet.", status=409),
    "not-lent": ErrorText(
        "只有国家题库中已审核的试题可以开放给各省使用。",
        "Only approved questions of the nation's bank are lent.",
        status=409,
    ),
    "nothing-won": ErrorText(
        "前列选手中没有可推荐的人员：须定榜、有证件号码和手机号码，且不在名单上。",
        "Nobody to nominate: the session has to be final, people need both numbers and must not be on the list.",
        status=409,
    ),
    "list-full": ErrorText("推荐名单最多 100 人。", "A list has 100 nominees at most.", status=409),
}
