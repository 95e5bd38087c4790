"""Reminding: subscriptions as learners wish, one message an evening to whoever has not studied, never elsewhere.

An address to which the server posts comes from a browser, so it could be any. Only those of the push services that
browsers have are taken and ever posted to (`Services`).
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Literal, Protocol
from urllib.parse import urlsplit

import msgspec
import structlog

from leitai.office.ports import StoreUnavailable
from leitai.office.practice.push.encryption import NoKey, Voluntary, message, read, read_point
from leitai.office.practice.timing import Clock
from leitai.rules.beijing import beijing_day
from leitai.rules.practice_reminders import Reminder, reminder

LocaleName = Literal["zh-CN", "en"]
LOOK_S = 60.0
AT_ONCE = 200
"""So many are claimed at once, and sent a few at a time."""
_SENDING = 16
TTL_S = 2 * 3600
"""A telephone that is off is not reminded the next morning."""
HOSTS = frozenset({"fcm.googleapis.com", "updates.push.services.mozilla.com", "web.push.apple.com"})
"""The push services of Chrome and its kin, of Firefox, of Safari."""
SUFFIXES = (".notify.windows.com",)
"""That of Edge, which has a name for each region."""
_log = structlog.get_logger()
_WORDS: Mapping[tuple[Reminder, LocaleName], tuple[str, str]] = {
    (Reminder.DAILY, "zh-CN"): ("日日学：今天的题", "今天还没有学习，做一组只要几分钟。"),
    (Reminder.DAILY, "en"): ("Daily study", "Nothing studied yet today; a set takes some minutes."),
    (Reminder.WEEK_ENDS, "zh-CN"): ("周周练：本周最后一天", "今晚 24 时前还可以完成今天计分的两组。"),
    (Reminder.WEEK_ENDS, "en"): ("Weekly practice ends today", "Two sets still count until midnight in Beijing."),
}


class PushRefused(Exception):
    """A subscription is not taken; `code`: `push-off`, `push-subscription` (no browser would say that)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Services:
    """The push services that may be posted to.

    Args:
        hosts: their names.
        suffixes: ends of names, with the dot before them.
        loopback: origins of this machine, for tests alone: no setting reaches it.
    """

    hosts: frozenset[str] = HOSTS
    suffixes: tuple[str, ...] = SUFFIXES
    loopback: frozenset[str] = frozenset()

    def take(self, endpoint: str) -> bool:
        """Whether an address is one of theirs: https, no port but its own, no name or password, nothing odd."""
        if not endpoint.isascii() or not endpoint.isprintable() or " " in endpoint or "\\" in endpoint:
            return False
        try:
            parts = urlsplit(endpoint)
            port, host = parts.port, parts.hostname or ""
        except ValueError:
            return False
        if parts.username is not None or parts.password is not None or not parts.path.startswith("/") or parts.fragment:
            return False
        if origin_of(endpoint) in self.loopback:
            return True
        if parts.scheme != "https" or port not in (None, 443):
            return False
        return host in self.hosts or any(host.endswith(one) and host[0] != "." for one in self.suffixes)


@dataclass(frozen=True, slots=True)
class Subscription:
    """A browser that asked for reminders: an address, its key (65 bytes) and secret (16)."""

    endpoint: str
    public: bytes
    auth: bytes
    locale: LocaleName


@dataclass(frozen=True, slots=True)
class Claimed:
    """A subscription that is reminded now by whoever claimed it."""

    subscription_id: int
    subscription: Subscription


class PushStore(Protocol):
    """Subscriptions. Every call may raise `StoreUnavailable`."""

    async def subscribe(self, learner_id: int, subscription: Subscription) -> None:
        """Keep a subscription; one of the same address is this learner's from now on.

        Of many the one goes that subscribed longest ago: never this one, which is the newest, however old its row is.
        """
        ...

    async def unsubscribe(self, learner_id: int, endpoint: str) -> None:
        """Forget a learner's subscription, if it is there."""
        ...

    async def subscribed(self, learner_id: int) -> int:
        """Return how many browsers of a learner are reminded."""
        ...

    async def claim(self, day: date, most: int) -> Sequence[Claimed]:
        """Return subscriptions of learners who have not studied on a day and were not reminded on it.

        Nobody else gets them on that day, also when this process ends before it has sent anything.
        """
        ...

    async def gone(self, subscription_id: int) -> None:
        """Forget a subscription that its push service knows no more."""
        ...

    async def tried(self, subscription_id: int, *, well: bool) -> None:
        """Keep whether it went well; after some failures in a row a subscription is forgotten."""
        ...


class Outcome(Enum):
    """What a push service said."""

    SENT = "sent"
    GONE = "gone"
    """404 or 410: it knows the address no more (RFC 8030, 7.3)"""
    FAILED = "failed"


class Sender(Protocol):
    """Posts to push services."""

    async def send(self, endpoint: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        """Post a message; never follows where it is sent on to, reads nothing but the status, raises nothing."""
        ...


class Reminding:
    """Takes subscriptions and reminds.

    Args:
        store: where subscriptions are.
        sender: posts them.
        proof: says who sends; None: nobody is reminded here.
        clock: the server's.
        address: where the practice is.
        services: to whom is posted at all.
    """

    def __init__(
        self,
        store: PushStore,
        sender: Sender,
        proof: Voluntary | None,
        clock: Clock,
        address: str,
        services: Services | None = None,
    ) -> None:
        self.store = store
        self.proof = proof
        self._sender = sender
        self._clock = clock
        self._address = address
        self._services = services or Services()

    async def subscribe(self, learner_id: int, endpoint: str, public: str, auth: str, locale: LocaleName) -> None:
        """Keep a browser's subscription as it tells it; raises `PushRefused`, `StoreUnavailable`."""
        if self.proof is None:
            raise PushRefused("push-off")
        if not self._services.take(endpoint):
            raise PushRefused("push-subscription")
        try:
            key, secret = read(public), read(auth)
            read_point(key)
        except ValueError:
            raise PushRefused("push-subscription") from None
        if len(key) != 65 or len(secret) != 16:
            raise PushRefused("push-subscription")
        await self.store.subscribe(learner_id, Subscription(endpoint, key, secret, locale))

    async def remind(self) -> int:
        """Remind whoever is to be reminded now, and return how many messages were sent; raises `StoreUnavailable`."""
        sent = 0
        while self.proof is not None and (about := reminder(now_us := self._clock.now_us())) is not None:
            claimed = await self.store.claim(beijing_day(now_us), AT_ONCE)
            if not claimed:
                break
            turns = asyncio.Semaphore(_SENDING)
            outcomes = await asyncio.gather(*(self._one(one, about, self.proof, now_us, turns) for one in claimed))
            sent += sum(outcomes)
        return sent

    async def keep(self) -> None:
        """Remind, evening after evening, until cancelled."""
        while True:
            try:
                if sent := await self.remind():
                    _log.info("learners_reminded", messages=sent)
            except StoreUnavailable as outage:
                _log.warning("archive_out", reason=str(outage))
            await self._clock.sleep(LOOK_S)

    async def _one(
        self, claimed: Claimed, about: Reminder, proof: Voluntary, now_us: int, turns: asyncio.Semaphore
    ) -> bool:
        to = claimed.subscription
        # What was taken under other rules, or put there by hand, is not posted to either.
        if not self._services.take(to.endpoint):
            await self.store.gone(claimed.subscription_id)
            return False
        title, body = _WORDS[about, to.locale]
        text = msgspec.json.encode({"title": title, "body": body, "url": f"{self._address}/#study", "tag": about.value})
        headers = {
            "TTL": str(TTL_S),
            "Urgency": "normal",
            "Topic": about.value,
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "Authorization": proof.authorization(origin_of(to.endpoint), now_us // 1_000_000),
        }
        try:
            sealed = message(text, to.public, to.auth)
        except NoKey:
            await self.store.gone(claimed.subscription_id)
            return False
        async with turns:
            outcome = await self._sender.send(to.endpoint, headers, sealed)
        if outcome is Outcome.GONE:
            await self.store.gone(claimed.subscription_id)
        else:
            await self.store.tried(claimed.subscription_id, well=outcome is Outcome.SENT)
        return outcome is Outcome.SENT


def origin_of(endpoint: str) -> str:
    """Return the origin of an address."""
    parts = urlsplit(endpoint)
    return f"{parts.scheme}://{parts.netloc}"
