"""Pictures and films over HTTP: whole, in ranges, not again to whoever has them."""

from collections.abc import AsyncIterator, Callable
from functools import partial

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from leitai.live.ports import ItemFile
from leitai.web.doors import ItemBytes
from leitai.web.errors import error_response
from leitai.web.exchange import holds
from leitai.web.ranges import Unsatisfiable, asked_range

_ENDINGS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    "video/mp4": "mp4",
    "video/webm": "webm",
}


def serve_item_file(request: Request, file: ItemFile, media: ItemBytes) -> Response:
    """Return what an item shows, or a range of it, by its address's name: its hash would tell which question it is."""
    return serve_file(request, file.media_type, file.bytes, file.address, partial(media.read, file))


def serve_file(
    request: Request, media_type: str, size: int, name: str, read: Callable[[int, int], AsyncIterator[bytes]]
) -> Response:
    """Return a file or a range of it. Its type is what its bytes said, and nothing of it runs wherever it is opened.

    Args:
        name: of these bytes and no others.
        read: gives the bytes from one place to another, both included.
    """
    etag = f'"{name}"'
    # What it holds never changes; whether somebody may see it is asked every time.
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "Accept-Ranges": "bytes"}
    if holds(request.headers.get("if-none-match"), etag):
        return Response(None, 304, headers)
    try:
        wanted = asked_range(request.method, request.headers.get("range"), request.headers.get("if-range"), size, etag)
    except Unsatisfiable:
        refused = error_response(request.scope, "range-not-satisfiable")
        refused.headers["Content-Range"] = f"bytes */{size}"
        return refused
    headers |= {
        "Content-Disposition": f'inline; filename="{name[:16]}.{_ENDINGS[media_type]}"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Type": media_type,
        "Content-Length": str(size if wanted is None else wanted.length),
    }
    if request.method == "HEAD":
        return Response(None, 200, headers)
    if wanted is None:
        return StreamingResponse(read(0, size - 1), 200, headers)
    headers["Content-Range"] = f"bytes {wanted.first}-{wanted.last}/{size}"
    return StreamingResponse(read(wanted.first, wanted.last), 206, headers)
