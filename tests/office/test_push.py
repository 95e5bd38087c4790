"""Reminders by Web Push: messages by the standards' own examples, to known services alone, and to whoever wishes."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from leitai.office.practice.learners_ports import LearnerRecord
from leitai.office.practice.push.encryption import MAX_TEXT_BYTES, NoKey, Voluntary, encrypted, message, read, written
from leitai.office.practice.push.posting import Posting
from leitai.office.practice.push.reminding import PushRefused, Reminding, Services
from leitai.office.practice.timing import Clock
from leitai.rules.values import Micros
from leitai.stores.postgres.push_store import MOST_BROWSERS, MOST_FAILURES, PushSubscriptions
from leitai.stores.postgres.vault import Vault
from tests.support.learners import TODAY, Practice, practising
from tests.support.office import SERVER_KEY
from tests.support.push import Device, PushService, push_service

CONTACT = "mailto:office@practice.example"
ADDRESS = "https://practice.example"
EVENING_US = ((TODAY - date(1970, 1, 1)).days * 24 + 12) * 3_600_000_000
"""20:00 in Beijing."""


def test_the_example_of_the_standard() -> None:
    # RFC 8291, Appendix A.
    ours = ec.derive_private_key(
        int.from_bytes(read("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big"), ec.SECP256R1()
    )
    public = read("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4")
    body = encrypted(
        b"When I grow up, I want to be a watermelon",
        public,
        read("BTBZMqHH6r4Tts7J_aSIgg"),
        ours=ours,
        salt=read("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert written(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6Tlz"
        "AC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_a_message_is_read_by_its_device_alone() -> None:
    device = Device()
    body = message("今天的题".encode(), device.public, device.auth)
    assert device.read(body).decode() == "今天的题"
    assert message("今天的题".encode(), device.public, device.auth) != body
    with pytest.raises(NoKey):
        message(b"x", b"\4" + bytes(64), device.auth)
    with pytest.raises(ValueError, match=str(MAX_TEXT_BYTES + 1)):
        message(bytes(MAX_TEXT_BYTES + 1), device.public, device.auth)


def test_who_sends_is_proved_by_a_key_that_follows_from_the_servers() -> None:
    proof = Voluntary(SERVER_KEY, CONTACT)
    assert proof.public == Voluntary(SERVER_KEY, "mailto:another@practice.example").public
    assert proof.public != Voluntary(bytes(32), CONTACT).public
    header = proof.authorization("https://push.example", 1_000)
    token, key = header.removeprefix("vapid t=").split(", k=")
    assert read(key) == proof.public
    head, claims, signature = token.split(".")
    assert json.loads(read(head)) == {"typ": "JWT", "alg": "ES256"}
    assert json.loads(read(claims)) == {"aud": "https://push.example", "exp": 44_200, "sub": CONTACT}
    raw = read(signature)
    pair = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), proof.public)
    public.verify(pair, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))


TAKEN = (
    "https://fcm.googleapis.com/fcm/send/abc:def",
    "https://fcm.googleapis.com:443/fcm/send/abc",
    "https://updates.push.services.mozilla.com/wpush/v2/gAAA",
    "https://web.push.apple.com/QGuQ",
    "https://wns2-sg2p.notify.windows.com/w/?token=BQY",
)
NOT_TAKEN = (
    "http://fcm.googleapis.com/fcm/send/abc",
    "https://fcm.googleapis.com:8443/fcm",
    "https://fcm.googleapis.com.evil.example/fcm",
    "https://evil.example/fcm.googleapis.com",
    "https://fcm.googleapis.com@127.0.0.1/fcm",
    "https://user:word@fcm.googleapis.com/fcm",
    "https://127.0.0.1/x",
    "http://127.0.0.1:6379/",
    "https://localhost/x",
    "https://[::1]/x",
    "https://169.254.169.254/latest/meta-data",
    "https://10.0.0.1/x",
    "https://evilnotify.windows.com/x",
    "https://.notify.windows.com/x",
    "https://notify.windows.com/x",
    "https://fcm.googleapis.com\\@127.0.0.1/x",
    "https://fcm.googleapis.com/ x",
    "https://fcm.googleapis.com",
    "https://fcm.googleapis.com/x#y",
    "https://fcm.googleapis.com:port/x",
    "ftp://fcm.googleapis.com/x",
    "//fcm.googleapis.com/x",
    "",
)


@pytest.mark.parametrize("endpoint", TAKEN)
def test_push_services_of_browsers_are_posted_to(endpoint: str) -> None:
    assert Services().take(endpoint)


@pytest.mark.parametrize("endpoint", NOT_TAKEN)
def test_nothing_else_is(endpoint: str) -> None:
    assert not Services().take(endpoint)


class Evening:
    """Reminding over a real database and a push service on this machine, by a clock that is turned."""

    def __init__(self, practice: Practice, service: PushService) -> None:
        self.practice = practice
        self.service = service
        self.now_us = EVENING_US
        self.store = PushSubscriptions(practice.database, Vault(SERVER_KEY))
        self.reminding = Reminding(
            self.store,
            Posting(),
            Voluntary(SERVER_KEY, CONTACT),
            Clock(lambda: Micros(self.now_us), asyncio.sleep),
            ADDRESS,
            Services(loopback=frozenset({service.origin})),
        )

    async def subscribe(self, who: LearnerRecord, device: Device, path: str, locale: str = "zh-CN") -> None:
        """A device of somebody asks for reminders."""
        said = device.subscription(f"{self.service.origin}{path}", locale)
        await self.reminding.subscribe(
            who.learner.learner_id,
            said["endpoint"],
            said["p256dh"],
            said["auth"],
            "en" if locale == "en" else "zh-CN",
        )

    async def studied(self, who: LearnerRecord) -> None:
        """Somebody has answered a question today."""
        async with self.practice.database.connection() as connection:
            day = TODAY + timedelta(days=(self.now_us - EVENING_US) // 86_400_000_000)
            await connection.execute(
                "insert into practice_day (learner_id, day, questions) values ($1, $2, 1)", who.learner.learner_id, day
            )


@pytest.fixture
async def evening(database: str) -> AsyncIterator[Evening]:
    async with practising(database) as practice, push_service() as service:
        yield Evening(practice, service)


async def test_whoever_has_not_studied_is_reminded_once_an_evening(evening: Evening) -> None:
    one, two = await evening.practice.learner("one"), await evening.practice.learner("two")
    telephone, tablet, other = Device(), Device(), Device()
    await evening.subscribe(one, telephone, "/telephone")
    await evening.subscribe(one, tablet, "/tablet", "en")
    await evening.subscribe(two, other, "/other")
    await evening.studied(two)
    evening.now_us = EVENING_US - 1
    assert await evening.reminding.remind() == 0
    evening.now_us = EVENING_US
    assert await evening.reminding.remind() == 2
    assert await evening.reminding.remind() == 0
    (told,) = evening.service.messages(telephone, "/telephone")
    assert told == {
        "title": "日日学：今天的题",
        "body": "今天还没有学习，做一组只要几分钟。",
        "url": f"{ADDRESS}/#study",
        "tag": "daily",
    }
    assert evening.service.messages(tablet, "/tablet")[0]["title"] == "Daily study"
    assert evening.service.messages(other, "/other") == []
    _, headers, _ = evening.service.came[0]
    assert headers["content-encoding"] == "aes128gcm"
    assert headers["ttl"] == "7200"
    assert headers["authorization"].startswith("vapid t=")
    # The next evening again, and nothing in the quiet hours between.
    evening.now_us = EVENING_US + 90 * 60_000_000
    assert await evening.reminding.remind() == 0
    evening.now_us = EVENING_US + 86_400_000_000
    await evening.studied(one)
    assert await evening.reminding.remind() == 1
    assert len(evening.service.messages(other, "/other")) == 1


async def test_what_a_service_knows_no_more_is_forgotten(evening: Evening) -> None:
    one, device = await evening.practice.learner("one"), Device()
    learner_id = one.learner.learner_id
    for path, status in (("/a", "410 Gone"), ("/b", "404 Not Found"), ("/c", "500 Oops"), ("/d", "307 Elsewhere")):
        evening.service.says[path] = status
        await evening.subscribe(one, device, path)
    assert await evening.store.subscribed(learner_id) == 4
    assert await evening.reminding.remind() == 0
    assert await evening.store.subscribed(learner_id) == 2
    for _ in range(1, MOST_FAILURES):
        evening.now_us += 86_400_000_000
        await evening.reminding.remind()
    assert await evening.store.subscribed(learner_id) == 0
    assert [path for path, _, _ in evening.service.came].count("/c") == MOST_FAILURES


async def test_subscriptions_are_at_will_sealed_and_few(evening: Evening) -> None:
    one, two = await evening.practice.learner("one"), await evening.practice.learner("two")
    device = Device()
    for no in range(MOST_BROWSERS + 2):
        await evening.subscribe(one, device, f"/{no}")
    assert await evening.store.subscribed(one.learner.learner_id) == MOST_BROWSERS
    # A telephone that is handed on reminds whoever subscribed last.
    await evening.subscribe(two, device, f"/{MOST_BROWSERS + 1}")
    assert await evening.store.subscribed(one.learner.learner_id) == MOST_BROWSERS - 1
    endpoint = f"{evening.service.origin}/{MOST_BROWSERS + 1}"
    await evening.store.unsubscribe(one.learner.learner_id, endpoint)
    assert await evening.store.subscribed(two.learner.learner_id) == 1
    async with evening.practice.database.connection() as connection:
        rows = await connection.fetch("select p::text as row from learner_push p")
    assert evening.service.origin.encode().hex() not in "".join(row["row"] for row in rows)
    assert evening.service.origin not in "".join(row["row"] for row in rows)
    await evening.store.unsubscribe(two.learner.learner_id, endpoint)
    assert await evening.store.subscribed(two.learner.learner_id) == 0


async def addresses(evening: Evening) -> set[str]:
    """Paths of all browsers that are reminded, on the next day."""
    evening.service.came.clear()
    evening.now_us += 86_400_000_000
    await evening.reminding.remind()
    return {path for path, _, _ in evening.service.came}


async def test_of_many_browsers_the_one_that_subscribed_longest_ago_goes(evening: Evening) -> None:
    one, other = await evening.practice.learner("one"), await evening.practice.learner("other")
    device = Device()
    # The oldest row of all is of a telephone that is handed on, and comes last.
    await evening.subscribe(other, device, "/handed-on")
    for no in range(MOST_BROWSERS):
        await evening.subscribe(one, device, f"/{no}")
    await evening.subscribe(one, device, "/handed-on")
    assert await addresses(evening) == {"/handed-on", *[f"/{no}" for no in range(1, MOST_BROWSERS)]}
    # Whoever subscribes again is the newest again.
    await evening.subscribe(one, device, "/1")
    await evening.subscribe(one, device, "/new")
    assert await addresses(evening) == {"/handed-on", "/1", "/new", *[f"/{no}" for no in range(3, MOST_BROWSERS)]}


async def test_browsers_that_subscribe_at_once_are_not_more_than_may_be(evening: Evening) -> None:
    one, device = await evening.practice.learner("one"), Device()
    await asyncio.gather(*(evening.subscribe(one, device, f"/{no}") for no in range(MOST_BROWSERS + 3)))
    assert await evening.store.subscribed(one.learner.learner_id) == MOST_BROWSERS


async def test_what_is_not_a_browsers_is_refused(evening: Evening) -> None:
    one, device = await evening.practice.learner("one"), Device()
    good = device.subscription(f"{evening.service.origin}/x")
    public, auth = good["p256dh"], good["auth"]
    short = base64.urlsafe_b64encode(device.auth[:15]).decode()
    for endpoint, key, secret in (
        ("http://127.0.0.1:1/x", public, auth),
        (good["endpoint"], "????", auth),
        (good["endpoint"], written(b"\4" + bytes(64)), auth),
        (good["endpoint"], public, short),
    ):
        with pytest.raises(PushRefused, match="push-subscription"):
            await evening.reminding.subscribe(one.learner.learner_id, endpoint, key, secret, "zh-CN")
    # What is already kept is judged again before it is posted to.
    await evening.subscribe(one, device, "/kept")
    strict = Reminding(
        evening.store,
        Posting(),
        Voluntary(SERVER_KEY, CONTACT),
        Clock(lambda: Micros(EVENING_US), asyncio.sleep),
        ADDRESS,
    )
    assert await strict.remind() == 0
    assert evening.service.came == []
    assert await evening.store.subscribed(one.learner.learner_id) == 0
    off = Reminding(evening.store, Posting(), None, Clock(lambda: Micros(EVENING_US), asyncio.sleep), ADDRESS)
    with pytest.raises(PushRefused, match="push-off"):
        await off.subscribe(one.learner.learner_id, "https://fcm.googleapis.com/x", public, auth, "zh-CN")
