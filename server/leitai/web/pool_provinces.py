"""The doors by which provinces' files come into the pool: on a page, and from a province's own system by its token."""

from collections.abc import Awaitable, Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from leitai.office.importing.files import MAX_FILE_BYTES
from leitai.office.pool.files import PoolFileRefused
from leitai.office.pool.pool import PoolRefused
from leitai.office.pool.sync import Synchronisation, SyncReport
from leitai.rules.rights import Act
from leitai.rules.values import DelegationCode
from leitai.web.contract import Endpoint
from leitai.web.contract.pool import NDJSON
from leitai.web.errors import Refusal, error_response
from leitai.web.exchange import flag_in_query, private, read_json, read_upload
from leitai.web.parts import SignedIn, permitted
from leitai.wire.pool_bodies import (
    PoolKeyBody,
    PoolKeyMade,
    PoolKeyRequest,
    PoolLeftOut,
    PoolProvincesBody,
    PoolRevokeRequest,
    PoolSyncBody,
    PoolTakenBody,
    PoolTokenBody,
    PoolTokenMade,
    PoolTokenRequest,
)

_FILES = (NDJSON, "application/octet-stream")
_NO_STORE = {"Cache-Control": "no-store"}
_key = msgspec.json.Decoder(PoolKeyRequest)
_token = msgspec.json.Decoder(PoolTokenRequest)
_revoke = msgspec.json.Decoder(PoolRevokeRequest)


def endpoints(sync: Synchronisation, signed_in: SignedIn, limit: int) -> dict[str, Endpoint]:
    """Return the endpoints by the names of web.contract."""

    async def file(request: Request) -> Response:
        member = await permitted(signed_in, request, Act.TAKE_POOL_FILES)
        data = await read_upload(request, _FILES, MAX_FILE_BYTES)
        return await _taken(request, lambda dry: sync.take(data, actor=member.login, dry_run=dry))

    async def provinces(request: Request) -> Response:
        await permitted(signed_in, request, Act.KEEP_POOL_KEYS)
        keys, tokens = await sync.keys(), await sync.tokens()
        taken: list[PoolTakenBody] = []
        for province in sorted({one.province for one in (*keys, *tokens)}):
            for last in (await sync.taken(province))[:1]:
                told = msgspec.json.decode(last.report, type=SyncReport)
                taken.append(
                    PoolTakenBody(
                        province,
                        last.sequence,
                        last.taken_us,
                        told.people,
                        told.added,
                        told.changed,
                        len(told.left_out),
                    )
                )
        return private(
            PoolProvincesBody(
                sync.mailbox,
                [
                    PoolKeyBody(
                        one.key_id, one.province, sync.written(one), one.created_us, one.created_by, one.revoked
                    )
                    for one in keys
                ],
                [
                    PoolTokenBody(one.token_id, one.province, one.created_us, one.created_by, one.revoked)
                    for one in tokens
                ],
                taken,
            )
        )

    async def key(request: Request) -> Response:
        member = await permitted(signed_in, request, Act.KEEP_POOL_KEYS)
        body = await read_json(request, _key, limit)
        province = DelegationCode(body.province)
        try:
            if body.public.strip():
                made = PoolKeyMade(await sync.register_key(member.login, province, body.public), "")
            else:
                made = PoolKeyMade(*await sync.make_key(member.login, province))
        except PoolRefused as refused:
            raise Refusal(refused.code) from None
        except KeyError:
            raise Refusal("not-found") from None
        return private(made, 201)

    async def token(request: Request) -> Response:
        member = await permitted(signed_in, request, Act.KEEP_POOL_KEYS)
        body = await read_json(request, _token, limit)
        try:
            number, secret = await sync.make_token(member.login, DelegationCode(body.province))
        except KeyError:
            raise Refusal("not-found") from None
        return private(PoolTokenMade(number, secret), 201)

    async def revoke(request: Request) -> Response:
        member = await permitted(signed_in, request, Act.KEEP_POOL_KEYS)
        body = await read_json(request, _revoke, limit)
        if bool(body.key) == bool(body.token):
            raise Refusal("bad-request")
        try:
            if body.key:
                await sync.revoke_key(member.login, body.key)
            else:
                await sync.revoke_token(member.login, body.token)
        except KeyError:
            raise Refusal("not-found") from None
        return Response(None, 204, _NO_STORE)

    return {
        "pool_file": file,
        "pool_provinces": provinces,
        "pool_key": key,
        "pool_token": token,
        "pool_revoke": revoke,
        "pool_sync": _machines(sync),
    }


def _machines(sync: Synchronisation) -> Endpoint:
    async def take(request: Request) -> Response:
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        token = await sync.bearer(secret.strip()) if scheme.lower() == "bearer" else None
        if token is None:
            raise Refusal("token-refused")
        data = await read_upload(request, (NDJSON,), MAX_FILE_BYTES)
        actor = f"province {token.province} token {token.token_id}"
        return await _taken(request, lambda dry: sync.take(data, actor=actor, dry_run=dry, province=token.province))

    return take


async def _taken(request: Request, take: Callable[[bool], Awaitable[SyncReport]]) -> Response:
    try:
        report = await take(flag_in_query(request, "dry_run"))
    except PoolRefused as refused:
        raise Refusal(refused.code) from None
    except PoolFileRefused as refused:
        response = error_response(request.scope, refused.code)
        response.headers["Leitai-Line"] = str(refused.line)
        return response
    return private(
        PoolSyncBody(
            report.province,
            report.sequence,
            report.people,
            report.added,
            report.changed,
            report.unchanged,
            [PoolLeftOut(one.line, one.code, one.sentence) for one in report.left_out],
            report.possible,
            report.sha256,
            report.committed,
            report.repeated,
        )
    )
