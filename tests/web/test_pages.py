"""The pages, and that a path never leaves their folder."""

from pathlib import Path
from urllib.parse import unquote

import pytest
from starlette.testclient import TestClient
from starlette.types import Message

from leitai.web.app import build_app
from leitai.web.pages import load_client
from tests.support.doors import ORIGIN, World, settings


@pytest.mark.parametrize(
    ("path", "title"), [("/", "index"), ("/contest", "contest"), ("/board", "board"), ("/results", "results")]
)
def test_each_address_has_its_page(client: TestClient, path: str, title: str) -> None:
    answer = client.get(path)
    assert answer.text == f"<!doctype html><title>{title}</title>"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    again = client.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


def test_a_client_of_one_page_serves_every_address(world: World, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("all")
    with TestClient(build_app(world.doors(), settings(client=tmp_path))) as client:
        assert {client.get(path).text for path in ("/", "/contest", "/board", "/results")} == {"all"}


def test_assets_are_kept_for_good_and_come_compressed(client: TestClient) -> None:
    plain = client.get("/assets/app-1a2b.js", headers={"Accept-Encoding": "identity"})
    assert plain.text.startswith("export const a")
    assert plain.headers["content-type"] == "text/javascript; charset=utf-8"
    assert plain.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert plain.headers["vary"] == "Accept-Encoding"
    assert "content-encoding" not in plain.headers
    refused = client.get("/assets/app-1a2b.js", headers={"Accept-Encoding": "gzip;q=0, br"})
    assert refused.content == plain.content
    neighbour = client.get("/assets/app-1a2b.js", headers={"Accept-Encoding": "br, gzip"})
    assert neighbour.text == "the neighbour"
    assert neighbour.headers["content-encoding"] == "gzip"
    assert neighbour.headers["etag"] != plain.headers["etag"]


def test_without_a_compressed_neighbour_text_is_compressed_once(client: TestClient) -> None:
    answer = client.get("/assets/style-3c4d.css", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.text == "body { color: red }\n" * 100
    assert int(answer.headers["content-length"]) < 200
    etag = answer.headers["etag"]
    again = client.get("/assets/style-3c4d.css", headers={"Accept-Encoding": "gzip", "If-None-Match": etag})
    assert again.status_code == 304


def test_small_files_at_the_root_are_served(client: TestClient) -> None:
    answer = client.get("/favicon.svg")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["cache-control"] == "no-cache"


TRAVERSALS = [
    "/../secret.txt",
    "/assets/../../secret.txt",
    "/assets/../index.html",
    "/..%2fsecret.txt",
    "/%2e%2e/secret.txt",
    "/assets/..%5c..%5csecret.txt",
    "//secret.txt",
    "/./secret.txt",
    "/link.txt",
    "/.env",
    "/assets",
    "/assets/",
    "/index.html/",
    "/index.html%00",
    "/%00",
    "/C:/secret.txt",
    "/app-1a2b.js.gz",
    "/assets/app-1a2b.js.gz",
]


async def _ask(world: World, folder: Path, path: str) -> tuple[int, bytes]:
    """Ask with the path as it stands: clients tidy paths up before they send them."""
    app = build_app(world.doors(), settings(client=folder))
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "https",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [],
        "client": ("192.0.2.1", 1),
        "server": ("contest.example", 443),
        "state": {},
    }
    await app(scope, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


@pytest.mark.parametrize("path", TRAVERSALS)
async def test_no_path_leads_out_of_the_folder(world: World, client_folder: Path, path: str) -> None:
    status, body = await _ask(world, client_folder, path)
    assert status == 404
    assert b"outside" not in body
    assert b"SECRET" not in body


def test_only_plain_files_inside_are_loaded(client_folder: Path) -> None:
    assert sorted(load_client(client_folder)) == [
        "/assets/app-1a2b.js",
        "/assets/style-3c4d.css",
        "/board.html",
        "/contest.html",
        "/favicon.svg",
        "/index.html",
        "/results.html",
    ]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_client_that_is_not_built_is_said_plainly_and_found_once_it_is(
    world: World, tmp_path: Path, language: str
) -> None:
    folder = tmp_path / "dist"
    with TestClient(build_app(world.doors(), settings(client=folder)), base_url=ORIGIN) as client:
        answer = client.get("/contest", headers={"Accept-Language": language})
        assert answer.status_code == 503
        assert "make" in answer.text
        assert f'lang="{language}"' in answer.text
        assert "<style" not in answer.text
        assert client.get("/assets/x.js").status_code == 404
        folder.mkdir()
        (folder / "index.html").write_text("built")
        assert client.get("/contest").text == "built"


def test_without_a_folder_the_api_stands(world: World) -> None:
    with TestClient(build_app(world.doors(), settings(client=None)), base_url=ORIGIN) as client:
        assert client.get("/").status_code == 503
        assert client.get("/api/contest").status_code == 200


def test_pages_are_only_read(client: TestClient) -> None:
    answer = client.post("/board", json={})
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert client.head("/board").status_code == 200
