"""A contest with known secrets, everything told that can be, and some of it going wrong: no secret is in any log."""

import asyncio
import contextlib
import json
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from leitai.stores.embedded.postgres import EmbeddedPostgres
from leitai.stores.embedded.valkey import EmbeddedValkey
from leitai.wire.messages import MAX_CLIENT_FRAME_BYTES, CloseCode
from leitai_loadtest.client import Contestant
from leitai_loadtest.door import Door, DoorClosed
from tests.support.office import SERVER_KEY
from tests.support.serving import OPEN, UNOPENED, Scene, apart, serving
from tests.support.stores import running_valkey, scratch_folder, standing_database
from tests.support.waiting import eventually

TYPED = "绝密答案-Zq7w"
WRONG_CODE = "ZZZZZZZZZZZZ"
BROWSER = "Browser-of-Li-Ming"
CONTESTANTS = 4


@dataclass
class Played:
    """What the processes of a contest logged, and what may not be in it."""

    lines: list[dict[str, Any]]
    text: str
    secrets: dict[str, str] = field(default_factory=dict[str, str])


@pytest.fixture(scope="module")
def played(postgres: EmbeddedPostgres) -> Generator[Played]:
    with contextlib.ExitStack() as stack:
        valkey = stack.enter_context(running_valkey())
        folder = Path(stack.enter_context(scratch_folder()))
        dsn = stack.enter_context(standing_database(postgres))
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("LEITAI_LOG_LEVEL", "debug")
            scene = stack.enter_context(serving("picows", dsn, valkey.url, folder))
        secrets = apart(_play(scene, valkey))
        for process in scene.processes:
            process.stop()
        text = "".join(process.log.read_text("utf-8") for process in scene.processes)
        yield Played([json.loads(line) for line in text.splitlines()], text, secrets)


def _tells_of_an_outage(log: str) -> bool:
    return '"ledger_out"' in log


async def _play(scene: Scene, valkey: EmbeddedValkey) -> dict[str, str]:
    """Play what logs tell of: joins, closes, refusals, a store that is lost. Return all that is nobody's business."""
    secrets = {"typed": TYPED, "wrong code": WRONG_CODE, "browser": BROWSER, "server key": SERVER_KEY.hex()}
    secrets |= {f"name of {member.sitting_id}": member.name for member in scene.file.members}
    secrets |= {f"content {no}": content.stem for no, content in enumerate(scene.file.contents, 1)}
    async with contextlib.AsyncExitStack() as stack:
        everyone: list[Contestant] = []
        for seat in [next(scene.seats) for _ in range(CONTESTANTS)]:
            secrets |= {f"code of {seat.admission_no}": seat.code, f"number {seat.admission_no}": seat.admission_no}
            one = await stack.enter_async_context(Contestant.sign_in(scene.url, seat.admission_no, seat.code))
            secrets[f"ticket of {seat.admission_no}"] = await one.door.ticket()
            everyone.append(one)
        with contextlib.closing(Door(scene.url)) as door, pytest.raises(DoorClosed):
            await door.sign_in(everyone[0].me["admission_no"], WRONG_CODE)
        for one in everyone:
            await one.hello()
            await one.check_in(BROWSER)
        first, second = everyone[:2]
        await first.answer(UNOPENED, [TYPED])
        await first.answer(OPEN, [TYPED])
        await second.send_raw(TYPED)
        await second.send_raw(b"\xc1" + TYPED.encode())
        await second.send_raw(TYPED.encode() * (MAX_CLIENT_FRAME_BYTES // len(TYPED)))
        await second.expect_close()
        for path in (f"/api/sessions/{scene.session}/find?q={TYPED}", f"/{TYPED}", "/api/sessions/x/sealed"):
            await first.door.http.get(path)
        await first.drop()
        await first.resume()
        valkey.stop()
        seq = await first.give(OPEN, ["A"])
        with pytest.raises(DoorClosed):
            await everyone[2].door.ticket()
        await eventually(lambda: asyncio.to_thread(scene.processes[0].log.read_text, "utf-8"), _tells_of_an_outage)
        valkey.start()
        await first.expect("ack", seq=seq)
        for one in everyone:
            secrets[f"cookie of {one.me['admission_no']}"] = one.door.http.cookies["leitai_sid"]
    return secrets


def test_no_secret_is_in_any_log(played: Played) -> None:
    assert len(played.secrets) > 3 * CONTESTANTS
    assert [what for what, secret in played.secrets.items() if secret in played.text] == []


def test_what_happened_is_told(played: Played) -> None:
    told = {line["event"] for line in played.lines}
    assert {
        "machine_door_open",
        "gateway_attends",
        "director_took_over",
        "published",
        "signed_in",
        "sign_in_refused",
        "joined",
        "socket_closed",
        "ledger_out",
        "ledger_back",
    } <= told


def test_every_line_says_when_how_grave_and_which_role(played: Played) -> None:
    for line in played.lines:
        assert line["timestamp"].endswith("Z")
        assert line["level"] in ("debug", "info", "warning", "error")
        assert line["role"] in ("gateway+director+recorder", "gateway")


def test_lines_of_a_contest_say_which(played: Played) -> None:
    of_a_session = [
        line for line in played.lines if line["event"] in ("joined", "published", "ledger_out", "gateway_attends")
    ]
    assert of_a_session
    assert {(line["contest"], line["session"]) for line in of_a_session} == {(1, 1)}
    closed = [line for line in played.lines if line["event"] == "socket_closed" and line["sitting"]]
    assert {(line["contest"], line["session"], line["reason"], line["close_code"]) for line in closed} == {
        (1, 1, "frame-too-large", CloseCode.ABUSE),
    }
