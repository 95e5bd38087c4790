"""The public's doors: the contest and its boards."""

from urllib.parse import quote

import msgspec
import pytest
from starlette.testclient import TestClient

from leitai.office.session_ports import FinalSession
from leitai.rules.values import Micros
from leitai.wire.bodies import BoardSessions, ContestBody, DelegationsBoard, FoundBody, ParticipationBody, PeopleBoard
from leitai.wire.messages import BoardRow
from tests.support.doors import SESSION, World, person_row
from tests.support.reading import body_as

BOARD = "/api/sessions/7/boards/individuals"


def test_the_contest_is_told_to_anybody_with_the_clock(client: TestClient) -> None:
    answer = client.get("/api/contest")
    body = body_as(answer, ContestBody)
    assert (body.session.id, body.session.phase, body.server_us) == (7, "lobby", 1_759_999_000_000_000)
    assert [one.members for one in body.delegations] == [60, 60]
    assert answer.headers["cache-control"] == "no-store"


def test_without_a_contest_the_server_says_to_try_again(client: TestClient, world: World) -> None:
    world.session.body = None
    answer = client.get("/api/contest")
    assert (answer.status_code, answer.json()["error"]["retry"]) == (503, True)


@pytest.mark.parametrize("path", ["/api/contest", "/api/participation", "/api/reveal"])
def test_no_session_and_stores_that_are_away_are_two_things(client: TestClient, world: World, path: str) -> None:
    world.session.body = world.session.turnout = None
    for none, code, after in ((False, "store-unavailable", "1"), (True, "no-session", "10")):
        world.session.none = none
        answer = client.get(path)
        error = answer.json()["error"]
        assert (answer.status_code, error["code"], error["retry"]) == (503, code, True)
        assert answer.headers["retry-after"] == after


def test_individuals_come_in_pages(client: TestClient) -> None:
    first = body_as(client.get(BOARD), PeopleBoard)
    assert (first.view, first.page, first.pages, first.page_size, first.total) == ("individuals", 1, 3, 50, 120)
    last = body_as(client.get(BOARD + "?page=3"), PeopleBoard)
    assert [row.order for row in last.rows] == list(range(101, 121))
    assert last.rows[0].name == "选手101"
    beyond = client.get(BOARD + "?page=4")
    assert (beyond.status_code, beyond.json()["error"]["code"]) == (404, "not-found")


def test_an_empty_board_has_one_empty_page(client: TestClient, world: World) -> None:
    world.session.rows = []
    body = body_as(client.get(BOARD), PeopleBoard)
    assert (body.pages, body.total, body.rows) == (0, 0, [])


def test_who_takes_part_is_told_by_delegation_and_without_names(client: TestClient, world: World) -> None:
    answer = client.get("/api/participation")
    body = body_as(answer, ParticipationBody)
    assert body.session == 7
    assert [(one.code, one.seats, one.connected) for one in body.delegations] == [
        ("110000", 60, 55),
        ("660000", 60, 55),
    ]
    assert answer.headers["cache-control"] == "public, max-age=1"
    again = client.get("/api/participation", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    world.session.turnout = msgspec.structs.replace(body, delegations=body.delegations[:1])
    assert len(body_as(client.get("/api/participation"), ParticipationBody).delegations) == 1
    world.session.turnout = None
    assert client.get("/api/participation").status_code == 503


@pytest.mark.parametrize("page", ["0", "-1", "1.5", "x", "", "100001", "9" * 5000, "１"])
def test_a_page_that_is_no_page_number_is_refused(client: TestClient, page: str) -> None:
    answer = client.get(f"{BOARD}?page={quote(page)}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad-request")


def test_delegations_say_how_many_members_count(client: TestClient) -> None:
    body = body_as(client.get("/api/sessions/7/boards/delegations"), DelegationsBoard)
    assert (body.view, body.page_size, body.total) == ("delegations", 32, 2)
    assert [(row.key, row.members) for row in body.rows] == [(110000, 60), (660000, 60)]


def test_a_province_has_its_own_board(client: TestClient) -> None:
    body = body_as(client.get("/api/sessions/7/boards/provinces/660000?page=2"), PeopleBoard)
    assert (body.view, body.total, len(body.rows)) == ("province", 60, 10)
    assert {row.delegation for row in body.rows} == {"660000"}


@pytest.mark.parametrize("code", ["120000", "11", "1100000", "abcdef", "１１００００"])
def test_an_unknown_province_is_not_found(client: TestClient, code: str) -> None:
    answer = client.get(f"/api/sessions/7/boards/provinces/{quote(code)}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not-found")


@pytest.mark.parametrize("path", ["individuals", "delegations", "provinces/110000", "find?q=x"])
def test_a_board_that_is_not_there_yet_is_unavailable(client: TestClient, world: World, path: str) -> None:
    world.session.rows = None
    answer = client.get(f"/api/sessions/7/boards/{path}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "board-unavailable")
    assert answer.headers["retry-after"] == "1"


@pytest.mark.parametrize("path", ["individuals", "delegations", "provinces/110000", "find?q=x"])
def test_a_session_that_is_not_served_is_not_found(client: TestClient, path: str) -> None:
    answer = client.get(f"/api/sessions/8/boards/{path}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not-found")


def test_the_sessions_with_boards_are_the_one_in_force_and_the_final_ones(client: TestClient, world: World) -> None:
    answer = client.get("/api/sessions")
    assert [(one.id, one.contest, one.title, one.phase) for one in body_as(answer, BoardSessions).sessions] == [
        (7, "全国人社知识竞赛", "决赛", "lobby"),
        (5, "去年的竞赛", "去年决赛", "finalized"),
    ]
    assert answer.headers["cache-control"] == "public, max-age=1"
    again = client.get("/api/sessions", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, world.calls.made.count("earlier_sessions")) == (304, 1)


def test_a_session_in_force_that_is_final_is_named_once(client: TestClient, world: World) -> None:
    world.earlier.finals.insert(0, FinalSession(SESSION, "全国人社知识竞赛", "决赛", Micros(1)))
    assert [one.id for one in body_as(client.get("/api/sessions"), BoardSessions).sessions] == [7, 5]


def test_without_a_session_in_force_the_final_ones_are_told(client: TestClient, world: World) -> None:
    world.session.body = None
    assert [one.id for one in body_as(client.get("/api/sessions"), BoardSessions).sessions] == [5]


@pytest.mark.parametrize("path", ["individuals", "delegations", "provinces/110000"])
def test_boards_of_a_final_session_are_served_as_those_in_force(client: TestClient, path: str) -> None:
    answer = client.get(f"/api/sessions/5/boards/{path}")
    body = answer.json()
    assert (body["total"], body["phase"], body["frozen"], len(body["rows"])) == (5, "finalized", False, 5)
    again = client.get(f"/api/sessions/5/boards/{path}", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    assert client.get(f"/api/sessions/5/boards/{path}?page=2").status_code == 404
    assert [row["name"] for row in client.get("/api/sessions/5/boards/find?q=5").json()["rows"]] == ["选手005"]


@pytest.mark.parametrize("path", ["individuals", "delegations", "provinces/110000", "find?q=x"])
def test_a_final_board_that_is_not_put_together_is_unavailable(client: TestClient, world: World, path: str) -> None:
    world.earlier.rows = None
    answer = client.get(f"/api/sessions/5/boards/{path}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "board-unavailable")


def test_the_record_is_not_asked_about_the_session_in_force(client: TestClient, world: World) -> None:
    assert client.get("/api/sessions/7/boards/provinces/120000").status_code == 404
    assert client.get("/api/sessions/7/boards/individuals").status_code == 200
    assert [one for one in world.calls.made if one.startswith("earlier")] == []


@pytest.mark.parametrize("session", ["x", "-7", "7.0", "0x7", "9" * 5000, "99999999999", "７"])
def test_what_cannot_be_a_session_is_not_found(client: TestClient, session: str) -> None:
    answer = client.get(f"/api/sessions/{quote(session)}/boards/individuals")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not-found")


def test_people_are_found_by_a_part_of_the_name_with_their_page(client: TestClient) -> None:
    body = body_as(client.get("/api/sessions/7/boards/find", params={"q": "手10"}), FoundBody)
    assert [row.name for row in body.rows] == [f"选手{n}" for n in range(100, 110)]
    assert [row.page for row in body.rows] == [2] + [3] * 9
    full_width = body_as(client.get("/api/sessions/7/boards/find", params={"q": " １０５ "}), FoundBody)
    assert [row.key for row in full_width.rows] == [1105]


def test_twenty_are_found_at_most(client: TestClient) -> None:
    body = body_as(client.get("/api/sessions/7/boards/find", params={"q": "选手"}), FoundBody)
    assert len(body.rows) == 20


@pytest.mark.parametrize("query", ["", "?q=", "?q=%20%20", "?q=" + "x" * 33])
def test_looking_for_nothing_or_too_much_is_refused(client: TestClient, query: str) -> None:
    answer = client.get("/api/sessions/7/boards/find" + query)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad-request")


def test_a_page_is_revalidated_by_its_content(client: TestClient, world: World) -> None:
    first = client.get(BOARD)
    assert first.headers["cache-control"] == "public, max-age=1"
    etag = first.headers["etag"]
    for held in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = client.get(BOARD, headers={"If-None-Match": held})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert client.get(BOARD, headers={"If-None-Match": '"other"'}).status_code == 200

    # A director that took over may count versions anew: the content decides.
    world.session.rows = [BoardRow(1, 1, 1, 5, 5, "新人", "110000"), *[person_row(n) for n in range(2, 121)]]
    changed = client.get(BOARD, headers={"If-None-Match": etag})
    assert changed.status_code == 200
    assert changed.json()["rows"][0]["name"] == "新人"


def test_a_page_comes_compressed_to_whoever_takes_that(client: TestClient) -> None:
    plain = client.get(BOARD, headers={"Accept-Encoding": "identity"})
    packed = client.get(BOARD, headers={"Accept-Encoding": "gzip, br"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    assert int(packed.headers["content-length"]) < len(plain.content) / 3
    assert plain.headers["vary"] == packed.headers["vary"] == "Accept-Encoding"
    etags = plain.headers["etag"], packed.headers["etag"]
    assert etags[0] != etags[1]
    for etag, coding in zip(etags, ("identity", "gzip"), strict=True):
        again = client.get(BOARD, headers={"If-None-Match": etag, "Accept-Encoding": coding})
        assert (again.status_code, again.headers["etag"], again.headers["vary"]) == (304, etag, "Accept-Encoding")


def test_a_page_is_compressed_once_while_it_stays_the_same(
    client: TestClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from leitai.web import boards

    packed: list[int] = []
    real = boards.gzip.compress
    monkeypatch.setattr(boards.gzip, "compress", lambda data, *at, **how: packed.append(1) or real(data, *at, **how))
    for _ in range(3):
        client.get(BOARD)
    assert len(packed) == 1
    world.session.version += 1
    client.get(BOARD)
    assert len(packed) == 2


def test_a_frozen_board_says_so(client: TestClient, world: World) -> None:
    before = client.get(BOARD)
    world.session.frozen = True
    after = client.get(BOARD, headers={"If-None-Match": before.headers["etag"]})
    assert after.json()["frozen"] is True


def test_a_page_is_encoded_once_while_it_stays_the_same(
    client: TestClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from leitai.web import boards

    encoded: list[int] = []
    real = boards.encode_page
    monkeypatch.setattr(boards, "encode_page", lambda page, view, no: encoded.append(no) or real(page, view, no))
    for _ in range(3):
        client.get(BOARD)
        client.get(BOARD + "?page=2")
    assert encoded == [1, 2]
    world.session.version += 1
    client.get(BOARD)
    assert encoded == [1, 2, 1]


def test_boards_need_no_cookie_and_set_none(client: TestClient) -> None:
    assert "set-cookie" not in client.get(BOARD).headers


def test_head_tells_the_same_without_a_body(client: TestClient) -> None:
    answer = client.head(BOARD)
    assert (answer.status_code, answer.headers["etag"]) == (200, client.get(BOARD).headers["etag"])
