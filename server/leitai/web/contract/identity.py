"""The staff's second factor, and signing in through a provider of identities."""

from leitai.rules.rights import Act
from leitai.web.contract.table import TEXT, Operation, Query
from leitai.wire import bodies, identity_bodies, staff_bodies

BEGIN_PATH = "/staff/oidc"
BACK_PATH = "/staff/oidc/back"
_ANSWER = (
    Query("code", "What the provider gave, to be exchanged once.", TEXT),
    Query("state", "What the sign-in was begun with.", TEXT),
    Query("error", "Why the provider refused.", TEXT),
)

IDENTITY: tuple[Operation, ...] = (
    Operation(
        "staff_sign_in_ways",
        "GET",
        "/api/staff/sign-in",
        "staff",
        "How one may sign in besides by password.",
        identity_bodies.SignInWays,
    ),
    Operation(
        "staff_sign_in_code",
        "POST",
        "/api/staff/sign-in/code",
        "staff",
        "The second step, for whoever was answered `code-needed` within five minutes: a code, or a recovery code. Ten "
        "tries a minute and thirty an hour for one account.",
        staff_bodies.StaffMe,
        ("bad-request", "code-refused", "sign-in-lapsed", "too-many-tries", "store-unavailable"),
        request=identity_bodies.StaffCodeRequest,
    ),
    Operation(
        "second_factor",
        "GET",
        "/api/staff/second-factor",
        "staff",
        "Where one's own second factor stands.",
        identity_bodies.SecondFactorBody,
        ("store-unavailable",),
        signed_in=True,
    ),
    Operation(
        "second_factor_begin",
        "POST",
        "/api/staff/second-factor",
        "staff",
        "Make a secret for an authenticator app (RFC 6238); it counts once a code confirmed it.",
        identity_bodies.SecondFactorBegun,
        ("bad-request", "second-factor-on", "store-unavailable"),
        request=bodies.EmptyRequest,
        signed_in=True,
    ),
    Operation(
        "second_factor_confirm",
        "POST",
        "/api/staff/second-factor/confirm",
        "staff",
        "Turn the second factor on by a first code; ends every other session of the person.",
        identity_bodies.RecoveryCodes,
        (
            "bad-request",
            "code-refused",
            "second-factor-on",
            "second-factor-off",
            "too-many-tries",
            "store-unavailable",
        ),
        request=identity_bodies.StaffCodeRequest,
        signed_in=True,
    ),
    Operation(
        "second_factor_off",
        "POST",
        "/api/staff/second-factor/off",
        "staff",
        "Turn the second factor off by password and code; ends every other session of the person.",
        identity_bodies.SecondFactorBody,
        ("bad-request", "wrong-login", "code-refused", "second-factor-off", "too-many-tries", "store-unavailable"),
        request=identity_bodies.SecondFactorOffRequest,
        signed_in=True,
    ),
    Operation(
        "staff_factor_reset",
        "POST",
        "/api/staff/people/{staff}/second-factor/reset",
        "staff",
        "Take another's second factor away, for whoever lost the device; ends that person's sessions everywhere.",
        staff_bodies.StaffPerson,
        ("bad-request", "forbidden", "not-found", "second-factor-off", "second-factor-own", "store-unavailable"),
        request=bodies.EmptyRequest,
        signed_in=True,
        act=Act.MANAGE_STAFF,
    ),
    Operation(
        "oidc_begin",
        "GET",
        BEGIN_PATH,
        "staff",
        "Go to the provider of identities (OpenID Connect: authorization code, PKCE, state, nonce), with a cookie that "
        "only the way back reads.",
        None,
        ("oidc-off", "oidc-unavailable", "store-unavailable"),
        status=303,
    ),
    Operation(
        "oidc_back",
        "GET",
        BACK_PATH,
        "staff",
        "The way back from the provider: signs in the account that it names, or goes on to the code of its second "
        "factor. Accounts and roles are never made here.",
        None,
        (
            "oidc-off",
            "oidc-unavailable",
            "oidc-state",
            "oidc-refused",
            "oidc-token",
            "oidc-unknown-account",
            "store-unavailable",
        ),
        status=303,
        queries=_ANSWER,
    ),
)
