"""The pages: the built client, read into memory once, so that a path is only ever looked up and never opened."""

import gzip
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from leitai.web.errors import Refusal, error_response, language
from leitai.web.exchange import etag_of, revalidated, takes_gzip

PAGES = {
    "/": "index.html",
    "/contest": "contest.html",
    "/publicity": "publicity.html",
    "/verify": "verify.html",
    "/board": "board.html",
    "/hall": "hall.html",
    "/reveal": "hall.html",
    "/results": "results.html",
    "/calendar": "calendar.html",
    "/roster": "roster.html",
    "/registration": "registration.html",
    "/draw": "draw.html",
    "/draw/verify": "draw-verify.html",
    "/stage/desk": "stage-desk.html",
    "/stage/hall": "stage-hall.html",
    "/stage/vote": "stage-vote.html",
}
"""Addresses of pages and their files; a client of one page has index.html alone, which then serves them all."""
OVERLAY_PAGES = tuple(
    f"/overlay/{name}"
    for name in ("strip", "top10", "delegations", "province", "item", "versus", "ticker", "reveal", "program")
)
"""Addresses of what broadcasters put on air, at the office's door; all are one page, which looks at its own address."""

_IMMUTABLE = "public, max-age=31536000, immutable"
_REVALIDATE = "no-cache"
_COMPRESSIBLE = ("text/", "application/json", "application/manifest+json", "image/svg+xml")
_MEDIA = {
    # Not left to mimetypes, whose answers differ between machines.
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
    ".zip": "application/zip",
}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file of the client in memory, plain and perhaps compressed, each with its ETag."""

    content: bytes
    etag: str
    media: str
    cache: str
    compressed: bytes | None = None
    compressed_etag: str = ""


def load_client(folder: Path) -> dict[str, StaticFile]:
    """Return every file under `folder` by its address; links that lead outside are left out.

    `name.gz` beside `name` is served to whoever takes gzip; where it is missing, text is compressed here.
    """
    root = folder.resolve()
    files: dict[str, StaticFile] = {}
    for path in sorted(root.rglob("*")):
        inside = path.resolve().is_relative_to(root) and path.is_file()
        hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
        if not inside or hidden or path.suffix == ".gz":
            continue
        address = "/" + path.relative_to(root).as_posix()
        content = path.read_bytes()
        media = _MEDIA.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        compressed = _compressed(path, content, media, root)
        files[address] = StaticFile(
            content,
            etag_of(content),
            media,
            _IMMUTABLE if address.startswith("/assets/") else _REVALIDATE,
            compressed,
            etag_of(compressed) if compressed else "",
        )
    return files


def _compressed(path: Path, content: bytes, media: str, root: Path) -> bytes | None:
    beside = path.with_name(path.name + ".gz")
    if beside.is_file() and beside.resolve().is_relative_to(root):
        return beside.read_bytes()
    if len(content) > 512 and media.startswith(_COMPRESSIBLE):
        return gzip.compress(content, 9, mtime=0)
    return None


class Pages:
    """The ASGI app for every path that no other route has; `addresses` are those of pages, with their files."""

    def __init__(self, folder: Path | None, addresses: Mapping[str, str] = PAGES) -> None:
        self._folder = folder
        self._addresses = addresses
        self._files: dict[str, StaticFile] = load_client(folder) if folder is not None and folder.is_dir() else {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a page or a file; refuse what there is not."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
            return
        request = Request(scope, receive)
        try:
            response = self.respond(request)
        except Refusal as refusal:
            allow = "GET, HEAD" if refusal.code == "method-not-allowed" else None
            response = error_response(scope, refusal.code, allow=allow)
        await response(scope, receive, send)

    def respond(self, request: Request) -> Response:
        """Return the answer for a path; raises `Refusal`."""
        path: str = request.scope["path"]
        file = self._find(path)
        if file is None and path not in self._addresses:
            raise Refusal("not-found")
        if request.method not in ("GET", "HEAD"):
            raise Refusal("method-not-allowed")
        if file is None:
            return _not_built(request)
        if file.compressed is not None and takes_gzip(request.headers):
            response = revalidated(
                request,
                file.compressed_etag,
                file.compressed,
                cache=file.cache,
                media=file.media,
                vary="Accept-Encoding",
            )
            response.headers["Content-Encoding"] = "gzip"
            return response
        vary = "Accept-Encoding" if file.compressed is not None else None
        return revalidated(request, file.etag, file.content, cache=file.cache, media=file.media, vary=vary)

    def _find(self, path: str) -> StaticFile | None:
        if path not in self._addresses:
            return self._files.get(path)
        # A client that was built after the start is found without another start.
        if not self._files and self._folder is not None and self._folder.is_dir():
            self._files = load_client(self._folder)
        return self._files.get("/" + self._addresses[path]) or self._files.get("/index.html")


def _not_built(request: Request) -> Response:
    locale = language(request.headers.get("accept-language", ""))
    if locale == "en":
        title, sentence = "Leitai", "The server is running, but its pages have not been built: run `make client`."
    else:
        title, sentence = "擂台", "服务器正在运行，但页面尚未构建：请执行 make client。"
    body = (
        f'<!doctype html>\n<html lang="{locale}">\n<head><meta charset="utf-8"><title>{title}</title></head>\n'
        f"<body><main><h1>{title}</h1><p>{sentence}</p></main></body>\n</html>\n"
    )
    return Response(body, 503, {"Cache-Control": "no-store", "Vary": "Accept-Language"}, "text/html; charset=utf-8")
