"""A contestant's doors."""

import msgspec
import pytest
from starlette.testclient import TestClient

from leitai.live import ports as live
from leitai.office import ports as office
from leitai.rules.values import SessionId
from leitai.web.app import build_app
from leitai.wire.codec import decode_sealed_paper
from tests.support.doors import CODES, LI, ORIGIN, SESSION, STRUCK, WANG, World, settings
from tests.web.conftest import SignIn

LI_SAYS = {"admission_no": LI.admission_no, "code": CODES[LI.admission_no]}


def test_sign_in_says_who_and_sets_a_cookie_that_scripts_cannot_read(client: TestClient) -> None:
    answer = client.post("/api/sign-in", json=LI_SAYS)
    assert answer.status_code == 200
    assert answer.json() == {
        "session": 7,
        "sitting": 1,
        "admission_no": "20260001",
        "name": "李明",
        "delegation": "110000",
        "delegation_name": "北京市代表队",
    }
    cookie = answer.headers["set-cookie"].lower()
    for attribute in ("leitai_sid=", "httponly", "samesite=strict", "secure", "path=/", "max-age=43200"):
        assert attribute in cookie
    assert answer.headers["cache-control"] == "no-store"


def test_without_https_the_cookie_is_not_marked_secure(world: World) -> None:
    origin = "http://localhost:8000"
    app = build_app(world.doors(), settings(https=False, origins=frozenset((origin,))))
    with TestClient(app, base_url=origin, headers={"Origin": origin}) as client:
        answer = client.post("/api/sign-in", json=LI_SAYS)
        assert "secure" not in answer.headers["set-cookie"].lower()
        assert client.get("/api/me").json()["name"] == "李明"


@pytest.mark.parametrize(
    ("admission_no", "code"),
    [
        ("２０２６０００１", "ＡＢ１２ＣＤ３４"),
        (" 2026 0001 ", "ab12-cd34"),
        ("2026-0001", "AB12 CD34"),
        ("2026—0001\u3000", "ab12\u00a0cd34\n"),
    ],
)
def test_what_people_type_is_read_kindly(client: TestClient, world: World, admission_no: str, code: str) -> None:
    answer = client.post("/api/sign-in", json={"admission_no": admission_no, "code": code})
    assert answer.status_code == 200
    assert world.accounts.seen == [("20260001", "AB12CD34")]


def test_wrong_code_and_unknown_number_are_answered_alike_after_the_same_work(client: TestClient, world: World) -> None:
    wrong_code = client.post("/api/sign-in", json={"admission_no": LI.admission_no, "code": "WRONG"})
    calls_for_wrong_code = world.calls.made.copy()
    world.calls.made.clear()
    unknown = client.post("/api/sign-in", json={"admission_no": "99999999", "code": "WRONG"})
    assert calls_for_wrong_code == world.calls.made == ["tries", "sign_in"]
    assert (wrong_code.status_code, unknown.status_code) == (401, 401)
    assert wrong_code.content == unknown.content
    assert dict(wrong_code.headers) == dict(unknown.headers)
    assert wrong_code.json()["error"]["code"] == "wrong-credentials"


@pytest.mark.parametrize("nonsense", ["", "！！！", "准考证", "\x00", "'; DROP TABLE"])
def test_nonsense_takes_the_same_way(client: TestClient, world: World, nonsense: str) -> None:
    answer = client.post("/api/sign-in", json={"admission_no": nonsense, "code": nonsense})
    assert answer.json()["error"]["code"] == "wrong-credentials"
    assert world.calls.made == ["tries", "sign_in"]


def test_the_eleventh_try_in_a_minute_is_refused_however_the_number_is_written(
    client: TestClient, world: World
) -> None:
    for written in ("20260001", "2026 0001", "２０２６０００１", "2026-0001", "20260001") * 2:
        answer = client.post("/api/sign-in", json={"admission_no": written, "code": "WRONG"})
        assert answer.status_code == 401
    world.calls.made.clear()
    answer = client.post("/api/sign-in", json=LI_SAYS)
    assert answer.status_code == 429
    assert answer.json()["error"] == {
        "code": "too-many-tries",
        "message": "尝试次数过多，请一分钟后再试。",
        "retry": True,
    }
    assert answer.headers["retry-after"] == "60"
    assert world.calls.made == ["tries"]
    other = client.post("/api/sign-in", json={"admission_no": WANG.admission_no, "code": CODES[WANG.admission_no]})
    assert other.status_code == 200


def test_tries_are_counted_by_address_only_when_set(world: World) -> None:
    app = build_app(world.doors(), settings(tries_per_address=3))
    with TestClient(app, base_url=ORIGIN, headers={"Origin": ORIGIN}) as client:
        numbers = [f"1000000{i}" for i in range(4)]
        answers = [client.post("/api/sign-in", json={"admission_no": no, "code": "X"}) for no in numbers]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert any(name.startswith("address:") for name in world.tickets.counts)


def test_by_default_no_address_is_counted(client: TestClient, world: World) -> None:
    client.post("/api/sign-in", json=LI_SAYS)
    assert list(world.tickets.counts) == ["number:20260001"]


def test_signing_in_at_a_shared_seat_ends_the_session_before(client: TestClient, world: World, sign_in: SignIn) -> None:
    sign_in(LI.admission_no)
    (before,) = world.tickets.cookies
    sign_in(WANG.admission_no)
    assert before not in world.tickets.cookies
    assert client.get("/api/me").json()["name"] == "王芳"


def test_signing_out_ends_the_session_and_clears_the_cookie(client: TestClient, world: World, sign_in: SignIn) -> None:
    sign_in(LI.admission_no)
    answer = client.post("/api/sign-out", json={})
    assert answer.status_code == 204
    assert "max-age=0" in answer.headers["set-cookie"].lower()
    assert not world.tickets.cookies
    assert client.get("/api/me").status_code == 401
    assert client.post("/api/sign-out", json={}).status_code == 204


def test_me_says_who(client: TestClient, sign_in: SignIn) -> None:
    sign_in(LI.admission_no)
    answer = client.get("/api/me")
    assert answer.json()["admission_no"] == "20260001"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/me"),
        ("POST", "/api/tickets"),
        ("GET", "/api/sessions/7/sealed"),
        ("GET", "/api/sessions/7/result"),
    ],
)
@pytest.mark.parametrize("cookie", [None, "unknown", "x" * 5000])
def test_without_a_cookie_of_ours_nothing_opens(client: TestClient, method: str, path: str, cookie: str | None) -> None:
    headers = {"Content-Type": "application/json"}
    if cookie is not None:
        headers["Cookie"] = f"leitai_sid={cookie}"
    answer = client.request(method, path, headers=headers)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "not-signed-in"


def test_a_ticket_belongs_to_the_sitting_that_asked(client: TestClient, world: World, sign_in: SignIn) -> None:
    sign_in(WANG.admission_no)
    answer = client.post("/api/tickets", json={})
    assert answer.json()["expires_in_s"] == 30
    issued = world.tickets.issued[answer.json()["ticket"]]
    assert issued[:2] == (SESSION, WANG.sitting_id)
    # Told apart, and nothing more: no address stands there.
    assert len(bytes.fromhex(issued.network)) == 6
    assert answer.headers["cache-control"] == "no-store"


def test_a_struck_contestant_gets_no_ticket(client: TestClient, sign_in: SignIn) -> None:
    sign_in(STRUCK.admission_no)
    answer = client.post("/api/tickets", json={})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "struck")


def test_a_sitting_that_is_gone_is_not_signed_in(client: TestClient, world: World, sign_in: SignIn) -> None:
    sign_in(LI.admission_no)
    world.accounts.by_sitting.clear()
    assert client.get("/api/me").status_code == 401
    assert client.post("/api/tickets", json={}).status_code == 401


def test_what_an_item_shows_is_there_from_its_opening_on_for_contestants_alone(
    client: TestClient, world: World, sign_in: SignIn
) -> None:
    path = f"/api/item-media/{world.media.ADDRESS}"
    assert client.get(path).status_code == 401
    sign_in(LI.admission_no)
    world.media.opened = False
    early, unknown = client.get(path), client.get(f"/api/item-media/{'b' * 22}")
    # Not yet and never are answered alike.
    assert (early.status_code, early.content) == (unknown.status_code, unknown.content)
    assert (early.status_code, early.headers["cache-control"]) == (404, "no-store")
    world.media.opened = True
    whole = client.get(path)
    assert (whole.status_code, whole.content) == (200, world.media.DATA)
    assert (whole.headers["content-type"], whole.headers["accept-ranges"]) == ("image/png", "bytes")
    assert whole.headers["cache-control"] == "private, no-cache"
    part = client.get(path, headers={"Range": "bytes=1-4"})
    assert (part.status_code, part.content) == (206, world.media.DATA[1:5])
    assert part.headers["content-range"] == f"bytes 1-4/{len(world.media.DATA)}"
    assert client.get(path, headers={"Range": "bytes=99999-"}).status_code == 416
    held = client.get(path, headers={"If-None-Match": whole.headers["etag"]})
    assert (held.status_code, held.content) == (304, b"")
    world.media.opened = False
    assert client.get(path, headers={"If-None-Match": whole.headers["etag"]}).status_code == 404


def test_the_sealed_paper_comes_whole_once_and_then_as_304(client: TestClient, world: World, sign_in: SignIn) -> None:
    sign_in(LI.admission_no)
    answer = client.get("/api/sessions/7/sealed")
    assert answer.headers["content-type"] == "application/vnd.msgpack"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert decode_sealed_paper(answer.content).session == SESSION
    again = client.get("/api/sessions/7/sealed", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == answer.headers["etag"]
    world.session.paper = msgspec.msgpack.encode([])
    world.session.paper_name = "8"
    changed = client.get("/api/sessions/7/sealed", headers={"If-None-Match": answer.headers["etag"]})
    assert changed.status_code == 200


def test_another_session_than_the_own_is_forbidden(client: TestClient, sign_in: SignIn) -> None:
    sign_in(LI.admission_no)
    for path in ("/api/sessions/8/sealed", "/api/sessions/8/result"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")


def test_a_session_that_this_process_does_not_serve_is_not_found(
    client: TestClient, world: World, sign_in: SignIn
) -> None:
    sign_in(LI.admission_no)
    for cookie in world.tickets.cookies:
        world.tickets.cookies[cookie] = (SessionId(8), LI.sitting_id)
    assert client.get("/api/sessions/8/sealed").status_code == 404


def test_the_result_is_the_own_one_whatever_is_asked(client: TestClient, sign_in: SignIn) -> None:
    sign_in(WANG.admission_no)
    answer = client.get("/api/sessions/7/result?sitting=1&sitting_id=1")
    assert answer.json()["name"] == "王芳"
    assert answer.headers["cache-control"] == "no-store"


def test_the_result_waits_for_its_time(client: TestClient, world: World, sign_in: SignIn) -> None:
    sign_in(LI.admission_no)
    world.results.published = False
    answer = client.get("/api/sessions/7/result")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not-yet")


def test_a_result_that_would_hold_others_up_is_to_be_asked_for_later(
    client: TestClient, world: World, sign_in: SignIn
) -> None:
    sign_in(LI.admission_no)
    world.results.at_rest = False
    answer = client.get("/api/sessions/7/result")
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["retry"]) == (503, "result-unavailable", True)
    assert answer.headers["retry-after"] == "60"


@pytest.mark.parametrize("failure", [live.StoreUnavailable(), office.StoreUnavailable()])
@pytest.mark.parametrize("call", ["tries", "sign_in", "open_web_session"])
def test_a_store_that_is_away_is_said_with_a_retry(
    client: TestClient, world: World, call: str, failure: Exception
) -> None:
    world.calls.fail[call] = failure
    answer = client.post("/api/sign-in", json=LI_SAYS)
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "store-unavailable"
    assert answer.json()["error"]["retry"] is True
    assert answer.headers["retry-after"] == "1"
