"""Certificates and plaques in print: pages made from definite awards, in bulk, off the loop, with progress."""

import asyncio
import io
import re
import zipfile
from collections.abc import Mapping, Sequence

from msgspec import Struct

from leitai.office.awards.ports import Certificate
from leitai.office.awards.procedure import AwardsOffice
from leitai.office.awards.tokens import CertificateTokens
from leitai.office.awards.wording import OWN_PRIZE, OWN_TEAM_PRIZE, award_said, citation_of, filled
from leitai.office.printing.fonts import unprintable
from leitai.office.printing.jobs import Press, PrintBusy, PrintJob, Prints, PrintStore
from leitai.office.printing.qr import qr_svg
from leitai.office.printing.typesetting import pdf, pictures
from leitai.office.session_ports import Contest
from leitai.rules.values import DelegationCode, SessionId
from leitai.wire.awards_bodies import AwardSettings

SCAN = "扫码查验"
SAMPLE_PPI = 80
_BATCH = 8
_IN_NAMES = re.compile(r"[^\w\u00b7-]+")


class Unprintable(Exception):
    """Texts hold characters that the fonts lack: `texts` are those texts, each with its characters."""

    def __init__(self, texts: Sequence[tuple[str, str]]) -> None:
        super().__init__(", ".join(lacking for _, lacking in texts))
        self.texts = texts


class Busy(Exception):
    """Something is being printed already."""

    code = "awards-printing"


class NotDefinite(Exception):
    """The awards are not definite, or there is nothing of the kind to print."""

    code = "awards-not-definite"


class Page(Struct, frozen=True):
    """What the template sets on one page; `sample` is printed across it."""

    form: str
    title: str
    recipient: str
    body: str
    award: str
    number: str
    scan: str
    qr: str
    issuers: list[str]
    date: str
    sample: bool = False


class Pages:
    """Makes what the template sets from certificates and settings.

    Args:
        tokens: what codes say.
        address: of the public pages, as people scan it.
    """

    def __init__(self, tokens: CertificateTokens, address: str) -> None:
        self._tokens = tokens
        self._address = address

    def page(
        self,
        session_id: SessionId,
        one: Certificate,
        contest: Contest,
        settings: AwardSettings,
        delegations: Mapping[str, str],
        *,
        sample: bool = False,
    ) -> Page:
        """Return one page's data; a sample's code and number are nobody's."""
        award = award_said(one.kind)
        delegation = delegations.get(one.delegation, one.delegation)
        number = "0000" if sample else f"{one.serial:04}"
        values = {
            "name": one.name,
            "delegation": delegation,
            "year": str(one.year),
            "contest": contest.title,
            "award": award,
            "no": number,
        }
        token = "SAMPLE" if sample else self._tokens.token(session_id, one.serial)
        person = one.form == "certificate"
        return Page(
            one.form,
            settings.title if person else contest.title,
            f"{one.name} 同志：" if person else f"{delegation}代表队",
            filled(citation_of(settings, one.kind, team=not person), values),
            award,
            filled(settings.number, values),
            SCAN,
            qr_svg(f"{self._address}/verify#{token}"),
            settings.issuers,
            settings.date,
            sample,
        )


class Printing:
    """Prints, one job at a time (`office.printing.jobs`)."""

    def __init__(self, office: AwardsOffice, address: str, prints: PrintStore) -> None:
        self._office = office
        self._pages = Pages(office.tokens, address)
        self._prints = Prints(prints, "awards")

    async def start(self, session_id: SessionId, form: str, file: str, delegation: str) -> PrintJob:
        """Begin to print all certificates or plaques, or a delegation's.

        Raises:
            NotDefinite, Busy, Unprintable: see there.
            KeyError: there is no such session.
            StoreUnavailable: from the store.
        """
        pages, names = await self.pages(session_id, form, delegation)
        label = "证书" if form == "certificate" else "奖牌"
        name = f"{label}-场次{session_id}{delegation}.{file}"

        async def work(press: Press) -> None:
            if file == "pdf":
                content = await asyncio.to_thread(pdf, "certificates", {"pages": pages})
            else:
                content = await _zipped(press, pages, names)
            await press.file(name, content, len(pages))

        try:
            return await self._prints.start(session_id, len(pages), name, work)
        except PrintBusy:
            raise Busy from None

    async def job(self, job_id: str) -> PrintJob:
        """Return a job; raises KeyError when none of that name is kept."""
        return await self._prints.job(job_id)

    async def file(self, job_id: str) -> tuple[str, bytes]:
        """Return the file of a job that is ready, with its name; raises KeyError for any other."""
        return await self._prints.file(job_id, 0)

    async def close(self) -> None:
        """Wait for what is under way in this process."""
        await self._prints.close()

    async def pages(self, session_id: SessionId, form: str, delegation: str = "") -> tuple[list[Page], list[str]]:
        """Return the pages' data and a file name for each; raises as `start`, but for `Busy`."""
        contest = (await self._office.record(session_id)).contest
        wanted = [
            one
            for one in await self._office.awards.certificates(session_id)
            if one.form == form and (not delegation or one.delegation == delegation)
        ]
        if not wanted:
            raise NotDefinite
        _, settings = await self._office.settings(session_id)
        delegations = await self._office.delegations()

        def make() -> list[Page]:
            made = [self._pages.page(session_id, one, contest, settings, delegations) for one in wanted]
            if lacking := lacking_in(made):
                raise Unprintable(lacking)
            return made

        pages = await asyncio.to_thread(make)
        return pages, [_IN_NAMES.sub("_", f"{one.serial:04}-{one.name}") + ".pdf" for one in wanted]

    async def sample(self, session_id: SessionId, kind: str) -> bytes:
        """Return a picture (PNG) of what a certificate or plaque will look like, in the settings' words: an award's, or
        of the highest prize of persons or teams of a province's own contest (`prize`, `team_prize`). Raises as
        `start`."""
        contest = (await self._office.record(session_id)).contest
        _, settings = await self._office.settings(session_id)
        delegations = await self._office.delegations()
        person = kind in ("knowledge", "star", OWN_PRIZE)
        if kind in (OWN_PRIZE, OWN_TEAM_PRIZE):
            kind = next((one.name for one in contest.prizes if one.teams is not person), "一等奖")
        code = next(iter(delegations), "")
        name = "张三" if person else delegations[code]
        form = "certificate" if person else "plaque"
        one = Certificate(0, form, kind, None, DelegationCode(code), name, contest.year, b"")
        page = self._pages.page(session_id, one, contest, settings, delegations, sample=True)
        return (await asyncio.to_thread(pictures, "certificates", {"pages": [page]}, SAMPLE_PPI))[0]


def lacking_in(pages: Sequence[Page]) -> list[tuple[str, str]]:
    """Return every text of pages that cannot be printed whole, once, with the characters that the fonts lack."""
    texts = dict.fromkeys(
        text
        for page in pages
        for text in (page.title, page.recipient, page.body, page.award, page.number, page.date, *page.issuers)
    )
    return [(text, lacking) for text in texts if (lacking := unprintable(text))]


async def _zipped(press: Press, pages: Sequence[Page], names: Sequence[str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for start in range(0, len(pages), _BATCH):
            made = await asyncio.to_thread(_each, pages[start : start + _BATCH])
            for name, content in zip(names[start:], made, strict=False):
                archive.writestr(name, content)
            await press.tell(min(len(pages), start + _BATCH))
    return out.getvalue()


def _each(pages: Sequence[Page]) -> list[bytes]:
    return [pdf("certificates", {"pages": [page]}) for page in pages]
