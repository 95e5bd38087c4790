"""The codes of learners and organisations."""

from leitai.wire.errors.text import ErrorText

LEARNERS: dict[str, ErrorText] = {
    "learner-wrong-login": ErrorText("账号或密码不正确。", "The account or the password is wrong.", status=401),
    "learner-account-taken": ErrorText(
        "该手机号或账号已注册，请直接登录。", "This number or login is registered already; sign in.", status=409
    ),
    "learner-login-invalid": ErrorText(
        "请填写 11 位手机号，或 4 至 32 位的账号：以字母开头，可含字母、数字、点、下划线和连字符。",
        "Give a mobile number, or a login of 4 to 32 letters, digits, dots, underscores or hyphens that begins with a "
        "letter.",
        status=400,
    ),
    "learner-phone-invalid": ErrorText(
        "手机号应为 11 位，请核对。", "A mobile number has 11 digits; look at it again.", status=400
    ),
    "learner-name-invalid": ErrorText(
        "姓名或昵称应为 1 至 32 个字。", "A name or nickname has 1 to 32 characters.", status=400
    ),
    "learner-id-invalid": ErrorText(
        "身份证号不正确，请核对。", "This is no identity number; look at it again.", status=400
    ),
    "learner-id-taken": ErrorText(
        "该身份证号已登记，如非本人登记，请联系练兵组。",
        "This identity number is registered; if not by you, write to the practice office.",
        status=409,
    ),
    "learner-organisation": ErrorText(
        "请选择所在单位；已停用的机构不能选择。",
        "Choose where you work; closed organisations cannot be chosen.",
        status=409,
    ),
    "learner-password-weak": ErrorText(
        "密码至少 8 位，不能包含账号，也不能是重复的字符。",
        "A password has 8 characters or more, without the account in it, and not a few repeated.",
        status=400,
    ),
    "learner-title-missing": ErrorText("尚未获得该称号。", "This title has not been earned.", status=404),
    "learner-recovery": ErrorText(
        "账号或找回代码不正确，或代码已使用、已过期。请联系发放代码的工作人员。",
        "The account or the code is wrong, or it was used or is out of date. Ask the office for another.",
        status=403,
    ),
    "push-off": ErrorText("本站未开启消息提醒。", "There are no reminders by message here.", status=409),
    "push-subscription": ErrorText(
        "浏览器的消息服务不受支持，请使用日历提醒。",
        "The browser's push service is not supported; use the calendar instead.",
        status=400,
    ),
    "organisations-changed": ErrorText(
        "机构已被他人修改，请重新检查后再导入。", "Somebody changed the organisations; check again.", status=409
    ),
}
