"""`--owner` and LEITAI_OWNER at the command line: in a province's house nothing is seen or done but the province's."""

import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cyclopts import App

from leitai.cli import app
from leitai.cli.bank import bank_export
from leitai.cli.conduct import conduct
from leitai.cli.office import recompute_session
from leitai.cli.pool import pool_export, pool_import, pool_key, pool_register
from leitai.cli.practice import practice_boards, practice_organisations, practice_titles
from leitai.cli.staff import invite, invite_again, list_all, reset_second_factor
from leitai.config import BadSettings
from leitai.doctor.probe.postgres import look_at_session
from leitai.office.pool.ports import PoolQuery
from leitai.resources import shipped
from leitai.rules.rights import Role
from leitai.stores.postgres.migrations import migrate
from tests.support.learners import table as organisations
from tests.support.office import SERVER_KEY, stores_at
from tests.support.own_awards import finish
from tests.support.pool import pool_house, row, table
from tests.support.provinces import BEIJING, HEBEI
from tests.support.serving import forget
from tests.web.test_houses_apart import own_session

SAME_FOR_ALL = {"migrate", "verify-audit", "serve"}
"""One schema and one chain of the audit for every house; `serve` with --houses runs several."""
HOUSES_OF_THEIR_OWN = {"rehearse", "chain", "run", "bench"}
"""They bring stores of their own."""

Said = Callable[[], str]


def _commands(of: App, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Callable[..., object]]]:
    for name in of:
        if not name.startswith("-"):
            below = of[name]
            if below.default_command is not None:
                yield (*path, name), below.default_command
            yield from _commands(below, (*path, name))


COMMANDS = {
    " ".join(path): inspect.signature(command).parameters
    for path, command in _commands(app)
    if path[0] not in HOUSES_OF_THEIR_OWN
}


def test_whatever_opens_the_database_asks_whose_house_it_is() -> None:
    configured = {name for name, parameters in COMMANDS.items() if "config" in parameters}
    assert {"staff list", "conduct", "pool import", "practice titles", "bank export", "awards show"} <= configured
    assert {name for name in configured if "owner" not in COMMANDS[name]} == SAME_FOR_ALL - {"serve"}


@pytest.mark.parametrize(
    "command",
    [
        ["staff", "list"],
        ["conduct", "pause", "--session", "1"],
        ["pool", "mailbox"],
        ["practice", "titles"],
        ["bank", "export", "bank.xlsx"],
        ["recompute", "1"],
        ["results-bundle", "1"],
        ["awards", "show", "1"],
        ["doctor"],
        ["serve"],
    ],
    ids=" ".join,
)
def test_who_is_no_province_is_told_so_before_anything_is_asked(
    command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("VALKEY_URL", "DATABASE_URL", "SECRET_KEY"):
        monkeypatch.setenv(f"LEITAI_{name}", "nowhere")
    for owner, given in (("990000", ["--owner", "990000"]), ("河北", [])):
        monkeypatch.setenv("LEITAI_OWNER", "河北")
        with pytest.raises(BadSettings, match=f"owner: {owner} 不是省份代码"):
            app([*command, *given])


@pytest.fixture
async def here(database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Said:
    monkeypatch.setenv("LEITAI_DATABASE_URL", database)
    monkeypatch.setenv("LEITAI_VALKEY_URL", "redis://nowhere.invalid")
    monkeypatch.setenv("LEITAI_SECRET_KEY", SERVER_KEY.hex())
    monkeypatch.setenv("COLUMNS", "200")
    await migrate(database, shipped("sql"))

    def said() -> str:
        out = capsys.readouterr()
        return out.out + out.err

    return said


async def test_a_provinces_accounts_are_its_team_leaders(here: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    await invite("ministry", name="部", role=[Role.ADMINISTRATOR])
    await invite("jing", name="京", owner=BEIJING)
    monkeypatch.setenv("LEITAI_OWNER", HEBEI)
    await invite("ji", name="冀")
    await invite("ji-two", name="冀二", role=[Role.TEAM_LEADER], delegation=HEBEI)
    here()
    await list_all()
    listed = here()
    assert [one in listed for one in ("ji", "冀二", "team_leader", HEBEI)] == [True] * 4
    assert [one in listed for one in ("ministry", "jing", "京")] == [False] * 3
    await invite_again("ji")
    for work in (invite_again, reset_second_factor):
        for login in ("ministry", "jing"):
            with pytest.raises(SystemExit):
                await work(login)
    for wrong in ({"role": [Role.OPERATOR]}, {"delegation": BEIJING}):
        with pytest.raises(SystemExit, match="河北的地址只有本省领队的账号"):
            await invite("more", name="某", **wrong)  # pyright: ignore[reportArgumentType]
    # What the command line says goes before the environment.
    here()
    await list_all(owner="")
    everybody = here()
    assert [login in everybody for login in ("ministry", "jing", "ji", "ji-two")] == [True] * 4
    with pytest.raises(SystemExit, match="--role"):
        await invite("nobody", name="某", owner="")


async def test_sessions_and_questions_are_of_their_house(here: Said, database: str, tmp_path: Path) -> None:
    async with stores_at(database, owner=HEBEI) as stores:
        _, _, session = await own_session(stores, "冀密")
        await finish(stores, session)
    await recompute_session(session, owner=HEBEI)
    assert '"individuals"' in here()
    for owner in ("", BEIJING):
        with pytest.raises(SystemExit):
            await recompute_session(session, owner=owner)
        assert "Not found" in here()
        await bank_export(tmp_path / f"bank-{owner}.csv", owner=owner)
        assert "冀密" not in (tmp_path / f"bank-{owner}.csv").read_text("utf-8-sig")
    await bank_export(tmp_path / "bank.csv", owner=HEBEI)
    assert "冀密" in (tmp_path / "bank.csv").read_text("utf-8-sig")


async def test_nobody_conducts_another_houses_session(
    here: Said, database: str, valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEITAI_VALKEY_URL", valkey_url)
    async with stores_at(database, owner=HEBEI) as stores:
        _, _, session = await own_session(stores, "冀密")
    await forget(valkey_url, session)
    for owner, words in (("", "全国没有这个场次"), (BEIJING, "北京没有这个场次"), (HEBEI, "该场次无人指挥")):
        with pytest.raises(SystemExit, match="1"):
            await conduct("start", session=session, wait=0.1, owner=owner)
        assert words in here()
    # No contest waits for the archive: the director is asked all the same.
    monkeypatch.setenv("LEITAI_DATABASE_URL", "postgresql://127.0.0.1:1/nothing")
    with pytest.raises(SystemExit, match="1"):
        await conduct("start", session=session, wait=0.1, owner=BEIJING)
    assert "该场次无人指挥" in here()


async def test_a_deployment_is_looked_over_with_the_sessions_of_the_house(database: str) -> None:
    async with stores_at(database, owner=HEBEI) as stores:
        _, _, session = await own_session(stores, "冀密")
    seen = await look_at_session(database, SERVER_KEY, HEBEI)
    assert seen is not None
    assert (seen.session, seen.without_seat) == (session, 0)
    assert await look_at_session(database, SERVER_KEY) is None
    assert await look_at_session(database, SERVER_KEY, BEIJING) is None


async def test_the_practice_is_the_nations_and_a_province_keeps_its_own_organisations(
    here: Said, tmp_path: Path
) -> None:
    for command in (practice_titles, practice_boards):
        with pytest.raises(SystemExit, match="日常练兵是全国的，河北没有自己的"):
            await command(owner=HEBEI)
    file = tmp_path / "tree.xlsx"
    file.write_bytes(organisations(["130100", "石家庄市", "市", HEBEI]))
    await practice_organisations(file, owner=HEBEI)
    file.write_bytes(organisations(["220100", "长春市", "市", "220000"]))
    with pytest.raises(SystemExit, match="1"):
        await practice_organisations(file, owner=HEBEI)
    assert "organisation-not-own" in here()
    await practice_organisations(file)


async def test_a_province_keeps_its_own_part_of_the_pool(here: Said, database: str, tmp_path: Path) -> None:
    file, key = tmp_path / "pool.xlsx", tmp_path / "key.pem"
    file.write_bytes(table(row("张三", 1)))
    with pytest.raises(SystemExit, match="1"):
        await pool_import(file, owner=HEBEI)
    assert "pool-not-own" in here()
    await pool_import(file, owner=BEIJING)
    async with pool_house(database) as ministry:
        assert (await ministry.pool.search(PoolQuery())).total == 1
    pool_key(key)
    public = re.findall(r"public\s+(\S+)", here())[0]
    with pytest.raises(SystemExit, match="登记公钥是全国的"):
        await pool_register(BEIJING, public, owner=BEIJING)
    with pytest.raises(SystemExit, match=f"its own, {HEBEI}"):
        await pool_export(tmp_path / "out.jsonl", province=BEIJING, key=key, mailbox="", owner=HEBEI)
    signed = tmp_path / "signed.jsonl"
    signed.write_bytes(b'{"leitai":1}')
    with pytest.raises(SystemExit, match="收各省的签名文件是全国的"):
        await pool_import(signed, owner=HEBEI)
