"""Pictures and films: brought, listed, served in ranges, shown with questions."""

import asyncio
import re
from collections.abc import AsyncIterator, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import cast, get_args

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from leitai.office.bank import MODULES
from leitai.office.media_desk import MAX_CAPTION, MAX_TITLE, MediaDesk
from leitai.office.media_ports import MediaFile, MediaKept, MediaStore, Purpose, ShownMedia
from leitai.office.media_types import MAX_VIDEO_BYTES, MediaRefused
from leitai.rules.rights import Act
from leitai.web.bank import editor_of, refusing
from leitai.web.contract import Endpoint
from leitai.web.errors import Refusal
from leitai.web.exchange import id_in_path, page_in_query, private, read_json
from leitai.web.parts import SignedIn, permitted
from leitai.web.serving import serve_file
from leitai.wire.bank_files_bodies import (
    HideRequest,
    MediaBody,
    MediaList,
    MediaTaken,
    ShownFile,
    ShownFiles,
    ShowRequest,
)

PAGE = 24
_NEXT_S = 60.0
"""For so long an upload may bring nothing."""
_SHA256 = re.compile(r"[0-9a-f]{64}")
_show = msgspec.json.Decoder(ShowRequest)
_hide = msgspec.json.Decoder(HideRequest)


@dataclass(frozen=True, slots=True)
class MediaPart:
    """Pictures and films: an `OfficePart`."""

    desk: MediaDesk

    def endpoints(self, signed_in: SignedIn, limit: int) -> Mapping[str, Endpoint]:
        """Return the endpoints by the names of web.contract."""
        return {**_files(self.desk, signed_in), **_questions(self.desk, signed_in, limit)}


def _files(desk: MediaDesk, signed_in: SignedIn) -> dict[str, Endpoint]:
    async def take(request: Request) -> Response:
        member = await permitted(signed_in, request, Act.ADD_MEDIA)
        query = request.query_params
        title, module, purpose = (
            query.get("title", "").strip(),
            query.get("module", ""),
            query.get("purpose", "question"),
        )
        if (
            not 1 <= len(title) <= MAX_TITLE
            or not title.isprintable()
            or purpose not in get_args(Purpose)
            or (module and module not in MODULES)
        ):
            raise Refusal("bad-request")
        _declared(request)
        with _refusing():
            kept, new = await desk.take(
                _chunks(request), title=title, purpose=cast("Purpose", purpose), module=module, actor=member.login
            )
        return private(MediaTaken(_body(kept), new), 201 if new else 200)

    async def listed(request: Request) -> Response:
        await permitted(signed_in, request, Act.SEE_BANK)
        purpose, text = request.query_params.get("purpose"), request.query_params.get("text", "").strip()
        if (purpose is not None and purpose not in get_args(Purpose)) or len(text) > MAX_TITLE or "\0" in text:
            raise Refusal("bad-request")
        page = page_in_query(request)
        found, total = await desk.store.media_files(cast("Purpose | None", purpose), text, (page - 1) * PAGE, PAGE)
        return private(MediaList([_body(one) for one in found], total, page, PAGE))

    async def content(request: Request) -> Response:
        await permitted(signed_in, request, Act.SEE_BANK)
        sha256 = sha256_of(request.path_params["media"])
        with _refusing():
            file = await desk.store.media_file(sha256)
        return serve(request, file, desk.store)

    return {"media_upload": take, "media_list": listed, "media": content}


def serve(request: Request, file: MediaFile, files: MediaStore) -> Response:
    """Return a file of the bank or a range of it."""
    read = partial(files.read_media, bytes.fromhex(file.sha256))
    return serve_file(request, file.media_type, file.bytes, file.sha256, read)


def _questions(desk: MediaDesk, signed_in: SignedIn, limit: int) -> dict[str, Endpoint]:
    async def told(question_id: int) -> Response:
        return private(ShownFiles(question_id, [_shown(one) for one in await desk.store.shown(question_id)]))

    async def shown(request: Request) -> Response:
        await permitted(signed_in, request, Act.SEE_BANK)
        return await told(id_in_path(request, "question"))

    async def show(request: Request) -> Response:
        editor = editor_of(await permitted(signed_in, request, Act.WRITE_QUESTIONS))
        question_id = id_in_path(request, "question")
        body = await read_json(request, _show, limit)
        if len(body.caption) > MAX_CAPTION:
            raise Refusal("bad-request")
        with _refusing():
            await desk.show(editor, question_id, sha256_of(body.media), body.caption)
        return await told(question_id)

    async def hide(request: Request) -> Response:
        editor = editor_of(await permitted(signed_in, request, Act.WRITE_QUESTIONS))
        question_id = id_in_path(request, "question")
        body = await read_json(request, _hide, limit)
        with _refusing():
            await desk.hide(editor, question_id, sha256_of(body.media))
        return await told(question_id)

    return {"question_media": shown, "question_media_show": show, "question_media_hide": hide}


@contextmanager
def _refusing() -> Generator[None]:
    try:
        with refusing():
            yield
    except MediaRefused as refused:
        raise Refusal(refused.code) from refused
    except MediaKept:
        raise Refusal("question-stale") from None


def _declared(request: Request) -> None:
    """Turn away what is not sent as it is, and what says that it is too large, before any of it is read."""
    media, _, _ = request.headers.get("content-type", "").partition(";")
    if media.strip().lower() != "application/octet-stream":
        raise Refusal("unsupported-media-type")
    declared = request.headers.get("content-length", "0")
    if not (declared.isascii() and declared.isdigit()) or len(declared) > 12 or int(declared) > MAX_VIDEO_BYTES:
        raise Refusal("media-too-large")


async def _chunks(request: Request) -> AsyncIterator[bytes]:
    stream = request.stream().__aiter__()
    while True:
        try:
            async with asyncio.timeout(_NEXT_S):
                chunk = await anext(stream)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise ClientDisconnect from None
        yield chunk


def sha256_of(text: str) -> bytes:
    """Return the hash that names a file; raises `Refusal` with `not-found` for what is none."""
    if _SHA256.fullmatch(text) is None:
        raise Refusal("not-found")
    return bytes.fromhex(text)


def _body(one: MediaFile) -> MediaBody:
    return MediaBody(
        one.sha256,
        one.media_type,
        one.bytes,
        one.width,
        one.height,
        one.title,
        one.purpose,
        one.module,
        one.uploaded_by,
        one.uploaded_us,
        one.used,
    )


def _shown(one: ShownMedia) -> ShownFile:
    return ShownFile(one.version, one.place, one.caption, _body(one.file))
