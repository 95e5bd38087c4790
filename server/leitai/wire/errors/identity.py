"""The codes of the staff's second factor and of signing in through a provider of identities."""

from leitai.wire.errors.text import ErrorText

IDENTITY: dict[str, ErrorText] = {
    "code-needed": ErrorText("请输入验证码。", "A code of the second factor is needed.", status=401),
    "code-refused": ErrorText(
        "验证码不正确、已用过或已过期。", "The code is wrong, was used, or its time has passed.", status=401
    ),
    "sign-in-lapsed": ErrorText(
        "登录已超时或账号有变动，请重新登录。",
        "The sign-in lapsed or the account changed meanwhile; begin anew.",
        status=401,
    ),
    "second-factor-on": ErrorText("两步验证已经开启。", "The second factor is on already.", status=409),
    "second-factor-off": ErrorText("两步验证没有开启。", "The second factor is not on.", status=409),
    "second-factor-own": ErrorText(
        "自己的两步验证请在“两步验证”页用密码和验证码关闭。",
        "Turn your own second factor off by password and code.",
        status=409,
    ),
    "oidc-off": ErrorText(
        "没有启用统一身份认证登录。", "Signing in through a provider of identities is not set up.", status=404
    ),
    "oidc-unavailable": ErrorText(
        "统一身份认证暂时没有响应，请稍后再试，或用密码登录。",
        "The provider of identities does not answer; try again later, or use your password.",
        retry=True,
        status=503,
    ),
    "oidc-state": ErrorText(
        "登录已超时，或不是在本浏览器中发起的，请重新登录。",
        "The sign-in lapsed, or was not begun in this browser; begin anew.",
        status=400,
    ),
    "oidc-refused": ErrorText(
        "统一身份认证没有同意此次登录，请重新登录。", "The provider of identities refused this sign-in.", status=401
    ),
    "oidc-token": ErrorText(
        "统一身份认证返回的凭证无效，请告知管理员。",
        "What the provider of identities says does not hold; tell an administrator.",
        status=401,
    ),
    "oidc-unknown-account": ErrorText(
        "统一身份认证中的这个用户没有对应的工作人员账号，请联系管理员。",
        "No account of the staff belongs to this user of the provider; ask an administrator.",
        status=403,
    ),
}
