"""The auditor's doors: entries by page and filter, the chain's state, the whole audit as a signed file; and, for
everybody, where the audit stands and the key that the contest signs with.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from leitai.office.auditing.files import export
from leitai.office.auditing.ports import AuditFilter, AuditStore
from leitai.office.auditing.watch import ChainState, ChainWatch
from leitai.office.signing import ALGORITHM, Signer
from leitai.rules.rights import Act
from leitai.rules.values import Micros
from leitai.web.contract import Endpoint
from leitai.web.errors import Refusal
from leitai.web.exchange import encode, private, read_json
from leitai.web.parts import SignedIn, permitted
from leitai.web.results import Shared
from leitai.wire.audit_bodies import AuditLine, AuditPage, AuditState
from leitai.wire.bodies import EmptyRequest
from leitai.wire.results_bodies import ResultsKey

PAGE = 100
MAX_TEXT = 100
_LONGEST = 16
_empty = msgspec.json.Decoder(EmptyRequest)
_detail = msgspec.json.Decoder(dict[str, Any])


class AuditPart:
    """The audit's doors (`web.parts.OfficePart`)."""

    def __init__(self, store: AuditStore, signer: Signer) -> None:
        self._store = store
        self._signer = signer
        self._watch = ChainWatch(store)

    def endpoints(self, signed_in: SignedIn, limit: int) -> Mapping[str, Endpoint]:
        """See `OfficePart.endpoints`."""

        async def entries(request: Request) -> Response:
            await permitted(signed_in, request, Act.READ_AUDIT)
            found = await self._store.page(_filter(request), _long(request, "before"), PAGE + 1)
            names = await self._store.names()
            lines = [
                AuditLine(
                    one.no,
                    one.at_us,
                    one.actor,
                    names.get(one.actor, ""),
                    one.action,
                    one.subject,
                    _detail.decode(one.detail),
                )
                for one in found[:PAGE]
            ]
            return private(AuditPage(lines, lines[-1].no if len(found) > PAGE else 0))

        async def state(request: Request) -> Response:
            await permitted(signed_in, request, Act.READ_AUDIT)
            return private(await self._told(await self._watch.state()))

        async def check(request: Request) -> Response:
            member = await permitted(signed_in, request, Act.READ_AUDIT)
            await read_json(request, _empty, limit)
            found = await self._watch.state(anew=True)
            broken = found.broken.no if found.broken else 0
            await self._store.audit(member.login, "check-audit", "audit", {"upto": found.head.no, "broken": broken})
            return private(await self._told(found))

        async def whole(request: Request) -> Response:
            member = await permitted(signed_in, request, Act.READ_AUDIT)
            await self._store.audit(member.login, "export-audit", "audit", {})
            parts = export(self._store, self._signer)
            # What cannot be begun is refused; what breaks off later lacks its signed last line.
            first = await anext(parts)
            headers = {"Cache-Control": "no-store", "Content-Disposition": 'attachment; filename="leitai-audit.jsonl"'}
            return StreamingResponse(_with(first, parts), 200, headers, "application/jsonl")

        return {"audit_entries": entries, "audit_state": state, "audit_check": check, "audit_export": whole}

    async def _told(self, found: ChainState) -> AuditState:
        actors, actions = await self._store.words()
        return AuditState(
            found.head.no,
            found.at_us,
            found.broken.no if found.broken else 0,
            found.broken.fault.value if found.broken else "",
            found.head.hash.hex(),
            list(actors),
            list(actions),
        )


class SigningPart:
    """The public key, for everybody (`web.parts.PublicPart`)."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer
        self._shared = Shared(kept_s=60)

    def public_endpoints(self) -> Mapping[str, Endpoint]:
        """See `PublicPart.public_endpoints`."""

        async def made() -> bytes:
            return encode(ResultsKey(ALGORITHM, (await self._signer.public_key()).hex()))

        async def key(_request: Request) -> Response:
            _, content = await self._shared.get("key", made)
            return Response(content, 200, {"Cache-Control": "public, max-age=60"}, "application/json")

        return {"results_key": key}


async def _with(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for part in rest:
        yield part


def _filter(request: Request) -> AuditFilter:
    given = request.query_params
    texts = {name: given.get(name, "").strip() for name in ("actor", "action", "text")}
    if any(len(text) > MAX_TEXT or "\0" in text for text in texts.values()):
        raise Refusal("bad-request")
    return AuditFilter(**texts, from_us=_moment(request, "from_us"), until_us=_moment(request, "until_us"))


def _moment(request: Request, name: str) -> Micros | None:
    number = _long(request, name)
    return None if number is None else Micros(number)


def _long(request: Request, name: str) -> int | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > _LONGEST:
        raise Refusal("bad-request")
    return int(text)
