"""What questions of stages show: by its address once the question is shown, and before that to its directors alone."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from leitai.office.media_ports import PART_BYTES
from leitai.office.stage.ports import RoundWanted, StageWanted
from leitai.office.stage.stages import Recorder, Stages
from leitai.rules.rights import Role
from leitai.rules.stage_events import RoundKind, StageSettings
from leitai.stores.valkey.connection import open_store
from leitai.stores.valkey.keys import StageKeys
from leitai.wire.stage_messages import ServerStage
from tests.support.media import mp4, png
from tests.support.office import SERVER_KEY, illustrate, questions, stores_at
from tests.support.stages import last, said
from tests.web.test_stage import TEAMS, House, code_of, stands

PICTURE, FILM, OTHER = png(6, 4), mp4(PART_BYTES), png(5, 5)
SHOWN = {0: [(PICTURE, "流程图"), (FILM, "窗口服务")], 1: [(OTHER, "续图")], 2: [(png(4, 4), "末图")]}
"""Of the bank's questions, by their places in it; a stage of these tests asks them in this order."""


@pytest.fixture
async def house(database: str, valkey_url: str) -> AsyncIterator[House]:
    store = open_store(valkey_url)
    async with stores_at(database) as stores:
        made = House(stores, store)
        await illustrate(stores, SHOWN)
        yield made
        await made.close()
    await store.aclose()


async def numbers(house: House) -> list[int]:
    """The bank's numbers of the questions that show something, as they are asked."""
    async with house.stores.database.connection() as connection:
        return [
            await connection.fetchval(
                "select question_id from question_version where stem = $1", questions()[place].stem
            )
            for place in SHOWN
        ]


async def plan(house: House) -> int:
    """Plan a stage whose questions show pictures and a film; returns its number."""
    asked = {"kind": "required", "title": "必答题", "questions": await numbers(house)}
    return (await house.staff("", {"title": "全省决赛", "teams": TEAMS, "rounds": [asked]})).json()["stage"]


async def begin(house: House) -> dict[int, str]:
    """Begin such a stage, its first round with it; returns its codes."""
    house.stage_id = await plan(house)
    await house.forget_ledger()
    made = (await house.staff(f"/{house.stage_id}/codes", {})).json()["codes"]
    assert (await house.run("begin")).status_code == 200
    assert (await house.run("round", round=1)).status_code == 200
    return {one["team"]: one["code"] for one in made}


async def addresses(house: House, number: int) -> list[str]:
    """Where what a question shows is, as the server alone can tell before it is shown."""
    return [one.address for one in house.stages.text(await house.stages.file(house.stage_id), number).media]


async def told(client: httpx2.AsyncClient, path: str) -> int | str:
    """The status of an answer, or the code of the refusal."""
    answer = await client.get(path)
    return answer.status_code if answer.is_success else code_of(answer)


def at_desk(address: str) -> str:
    return f"/api/stage/media/{address}"


def at_console(house: House, address: str) -> str:
    return f"/api/staff/stages/{house.stage_id}/media/{address}"


async def test_desks_and_screens_are_given_what_a_question_shows_once_it_is_shown(house: House) -> None:
    codes = await begin(house)
    (_, desk), (_, screen) = await house.sit("甲队", codes[1]), await house.sit("大屏", codes[0])
    devices = [house.client("甲队"), house.client("大屏")]
    (picture, film), (other,) = await addresses(house, 1), await addresses(house, 2)
    for one in (picture, film, other):
        assert [await told(device, at_desk(one)) for device in devices] == ["not-found"] * 2
    # Nor is there a word of it on the line or in the ledger.
    log = await house.store.execute_command("XRANGE", StageKeys(house.stage_id).log, "-", "+")
    early = b"".join([*desk.frames, *screen.frames, *(fields[1] for _, fields in log)])
    assert not any(word.encode() in early for word in (picture, film, other, "流程图", "窗口服务"))
    assert (await house.run("question", question=1, team=1)).status_code == 200
    view = await stands(screen, lambda stage: stage.question is not None)
    assert view.question is not None
    assert [(one.address, one.type, one.width, one.height, one.alt) for one in view.question.media] == [
        (picture, "image/png", 6, 4, "流程图"),
        (film, "video/mp4", 0, 0, "窗口服务"),
    ]
    sha256 = (await house.stages.file(house.stage_id)).media[0].sha256
    for device in devices:
        answer = await device.get(at_desk(picture))
        assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, "image/png", PICTURE)
        assert "sandbox" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "private, no-cache"
        assert [await told(device, at_desk(one)) for one in (film, other)] == [200, "not-found"]
        # Its hash would find the question in the bank.
        assert sha256[:16] not in str(answer.headers)
    for address in (sha256, "x" * 22, picture[:-1]):
        assert await told(devices[0], at_desk(address)) == "not-found"
    await house.run("question", question=2, team=2)
    assert [await told(devices[1], at_desk(one)) for one in (picture, other)] == [200, 200]


async def test_nobody_but_devices_of_the_stage_is_given_anything(house: House) -> None:
    codes = await begin(house)
    await house.sit("甲队", codes[1])
    await house.run("question", question=1, team=1)
    picture = (await addresses(house, 1))[0]
    assert await told(house.client("甲队"), at_desk(picture)) == 200
    assert await told(house.client("passer-by"), at_desk(picture)) == "not-signed-in"
    # A device of another stage, which is to ask the same question, under an address of its own.
    here = house.stage_id
    house.stage_id = await plan(house)
    other = (await house.staff(f"/{house.stage_id}/codes", {})).json()["codes"]
    await house.client("elsewhere").post("/api/stage/join", json={"code": other[1]["code"]})
    (own, _) = await addresses(house, 1)
    assert own != picture
    assert [await told(house.client("elsewhere"), at_desk(one)) for one in (picture, own)] == ["not-found"] * 2
    house.stage_id = here
    # Nor does another server's key lead to it: nothing in the bank or the plan tells an address.
    elsewhere = Stages(house.archive, house.ledger, bytes(len(SERVER_KEY)))
    assert picture not in {one.address for one in elsewhere.text(await elsewhere.file(here), 1).media}
    assert (await house.staff(f"/{here}/codes", {})).status_code == 200
    assert await told(house.client("甲队"), at_desk(picture)) == "not-signed-in", "new codes put old devices out"


async def test_the_staff_sees_what_comes_next_and_nothing_behind_it(house: House) -> None:
    await begin(house)
    (picture, film), (other,), (later,) = [await addresses(house, number) for number in (1, 2, 3)]
    staff = house.client("staff")
    seen = await house.console()
    assert [one["address"] for one in seen["coming"]["media"]] == [picture, film]
    assert [await told(staff, at_console(house, one)) for one in (picture, other)] == [200, "not-found"]
    await house.run("question", question=1, team=1)
    shown = [await told(staff, at_console(house, one)) for one in (picture, other, later)]
    assert shown == [200, 200, "not-found"]
    assert await told(staff, "/api/staff/stages/999/media/" + picture) == "not-found"
    for role in Role:
        house.roles = frozenset({role})
        sees = role in {Role.OPERATOR, Role.BROADCAST_DIRECTOR, Role.JUDGE, Role.CHIEF_JUDGE, Role.AUDITOR}
        assert (await told(staff, at_console(house, picture)) == 200) is sees, role


async def test_a_film_is_given_in_ranges_at_both_doors(house: House) -> None:
    codes = await begin(house)
    await house.sit("大屏", codes[0])
    await house.run("question", question=1, team=1)
    film = (await addresses(house, 1))[1]
    for client, path in ((house.client("大屏"), at_desk(film)), (house.client("staff"), at_console(house, film))):
        whole = await client.get(path)
        assert (whole.status_code, whole.content, whole.headers["accept-ranges"]) == (200, FILM, "bytes")
        for first, end in ((0, 3), (PART_BYTES - 3, PART_BYTES + 3), (len(FILM) - 1, len(FILM) - 1)):
            part = await client.get(path, headers={"Range": f"bytes={first}-{end}"})
            assert (part.status_code, part.content) == (206, FILM[first : end + 1])
            assert part.headers["content-range"] == f"bytes {first}-{end}/{len(FILM)}"
        beyond = await client.get(path, headers={"Range": f"bytes={len(FILM)}-"})
        assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(FILM)}")
        again = await client.get(path, headers={"If-None-Match": whole.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


async def test_the_director_plays_the_film_for_everybody(house: House) -> None:
    codes = await begin(house)
    (_, desk), (_, screen) = await house.sit("甲队", codes[1]), await house.sit("大屏", codes[0])
    film = {"question": 1, "film": 2, "playing": True}
    assert code_of(await house.run("film", **film)) == "stage-other-question", "nobody has seen the question"
    await house.run("question", question=1, team=1)
    assert (await stands(screen, lambda stage: stage.question is not None)).question.film is None  # pyright: ignore[reportOptionalMemberAccess]
    for place in (0, 1, 3):
        assert code_of(await house.run("film", **{**film, "film": place})) == "stage-no-film", "a picture, or nothing"
    assert code_of(await house.run("film", **{**film, "question": 99})) == "stage-no-film"
    assert (await house.run("film", **film)).status_code == 200
    for link in (screen, desk):
        view = await stands(link, lambda stage: stage.question.film is not None)
        assert view.question is not None
        begun = view.question.film
        assert begun is not None
        assert (begun.film, begun.playing, begun.from_us) == (2, True, 0)
    assert (await house.run("film", **{**film, "playing": False})).status_code == 200
    view = await stands(screen, lambda stage: not stage.question.film.playing)
    assert view.question is not None
    stood = view.question.film
    assert stood is not None
    assert stood.from_us == stood.at_us - begun.at_us
    await house.run("film", **film, from_start=True)
    await stands(screen, lambda stage: stage.question.film.playing and stage.question.film.from_us == 0)
    # Whoever judges does not direct.
    house.roles = frozenset({Role.JUDGE})
    assert code_of(await house.run("film", **film)) == "forbidden"
    assert last(said(screen), ServerStage).question.film.playing


async def test_what_was_shown_stays_to_be_seen_when_the_stage_is_over_and_its_log_is_gone(house: House) -> None:
    codes = await begin(house)
    await house.sit("大屏", codes[0])
    await house.run("question", question=1, team=1)
    picture, other = (await addresses(house, 1))[0], (await addresses(house, 2))[0]
    await Recorder(house.stages).round()
    assert (await house.run("end")).status_code == 200
    await house.store.execute_command("DEL", StageKeys(house.stage_id).log)
    anew = Stages(house.archive, house.ledger, SERVER_KEY)
    found = await anew.shown(house.stage_id, picture)
    assert found is not None
    assert found[1].alt == "流程图"
    assert await anew.shown(house.stage_id, other) is None
    assert await anew.shown(house.stage_id, other, coming=True) is None, "nothing comes any more"
    # What was told with the question is in the record as it was told.
    entries = await house.archive.entries(house.stage_id)
    text = next(one.text for one in entries if one.kind == "question_shown")
    assert text is not None
    assert [one.address for one in text.media] == await addresses(house, 1)


async def test_a_stage_that_has_not_begun_shows_nothing(house: House) -> None:
    house.stage_id = await house.stages.create(
        "anna",
        StageWanted(
            "全省决赛",
            tuple(TEAMS),
            (RoundWanted(RoundKind.BUZZER, "抢答题", tuple(await numbers(house))),),
            StageSettings(),
        ),
    )
    await house.forget_ledger()
    picture = (await addresses(house, 1))[0]
    assert await told(house.client("staff"), at_console(house, picture)) == "not-found"
    assert await house.stages.shown(house.stage_id, picture) is None
