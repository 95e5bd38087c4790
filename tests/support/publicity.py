"""A publication in memory: what the public's doors of awards tell."""

from typing import Any

from leitai.office.awards.ports import Certificate
from leitai.office.awards.tokens import CertificateTokens
from leitai.rules.values import DelegationCode, SessionId, SittingId
from leitai.web.awards import PublicityPart
from leitai.wire.awards_bodies import ListedTeam, OwnObjections, PublicationBody, PublishedPerson
from tests.support.doors import SESSION
from tests.support.office import SERVER_KEY

TOKEN = "A" * 26
BODY = PublicationBody(
    session=SESSION,
    contest="业务技能练兵比武",
    year=2022,
    edition=1,
    opens_us=1,
    closes_us=2,
    definite_us=0,
    takes_objections=True,
    contact="",
    people=[PublishedPerson("star", 1, 60, 3, "李娜", "110000", "单位", 9000, ["王芳"], 0)],
    teams=[ListedTeam("team_grand", 1, 1, 1, "110000", "北京市", 9000, 0)],
    shortfalls=[],
    changes=[],
    delegations={"110000": "北京市"},
)


class _Published:
    """As much of `AwardsOffice` and its store as the public's doors ask."""

    def __init__(self) -> None:
        self.tokens = CertificateTokens(SERVER_KEY)
        self.awards = self

    async def publication(self, session_id: SessionId | None) -> PublicationBody:
        if session_id not in (None, SESSION):
            raise KeyError(session_id)
        return BODY

    async def certificate(self, token_hash: bytes) -> Certificate | None:
        if token_hash != self.tokens.hashed(TOKEN):
            return None
        return Certificate(1, "certificate", "star", SittingId(1), DelegationCode("110000"), "李娜", 2022, token_hash)


class _Heard:
    """As much of `Objections`."""

    async def own(self, session_id: SessionId, sitting_id: SittingId) -> OwnObjections:
        return OwnObjections(True, [])

    async def file(self, session_id: SessionId, text: str, about: str, *, sitting_id: SittingId) -> None:
        return None


def fake_publicity() -> PublicityPart:
    """Return doors with that publication behind them."""
    published: Any = _Published()
    heard: Any = _Heard()
    return PublicityPart(published, heard)
