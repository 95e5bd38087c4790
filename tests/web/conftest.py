"""The app with fakes behind its doors, and a client that stands on our own page."""

import gzip
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from leitai.web.app import build_app
from tests.support.doors import CODES, LI, ORIGIN, World, settings
from tests.support.staffed import Office, staffed_office

SignIn = Callable[[str], None]


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with staffed_office() as office:
        yield office


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def client_folder(tmp_path: Path) -> Path:
    """A built client: pages, an asset with a compressed neighbour, a secret outside."""
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    for page in ("index", "contest", "board", "results"):
        (folder / f"{page}.html").write_text(f"<!doctype html><title>{page}</title>", "utf-8")
    (folder / "assets" / "app-1a2b.js").write_text("export const a = 1;\n" * 100, "utf-8")
    (folder / "assets" / "app-1a2b.js.gz").write_bytes(gzip.compress(b"the neighbour"))
    (folder / "assets" / "style-3c4d.css").write_text("body { color: red }\n" * 100, "utf-8")
    (folder / "favicon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", "utf-8")
    (folder / ".env").write_text("SECRET=1", "utf-8")
    (tmp_path / "secret.txt").write_text("outside", "utf-8")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    return folder


@pytest.fixture
def client(world: World, client_folder: Path) -> Iterator[TestClient]:
    app = build_app(world.doors(), settings(client=client_folder))
    with TestClient(app, base_url=ORIGIN, headers={"Origin": ORIGIN}) as client:
        yield client


@pytest.fixture
def sign_in(client: TestClient) -> SignIn:
    """Signs in by an admission number."""

    def sign_in(admission_no: str = LI.admission_no) -> None:
        answer = client.post("/api/sign-in", json={"admission_no": admission_no, "code": CODES[admission_no]})
        assert answer.status_code == 200

    return sign_in
