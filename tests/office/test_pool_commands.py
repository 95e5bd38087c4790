"""The pool at the command line: the way of docs/pool.md, from a province's key to the ministry's pool."""

from pathlib import Path

import pytest

from leitai.cli.pool import pool_export, pool_import, pool_key, pool_mailbox, pool_register
from leitai.office.pool.ports import PoolQuery
from leitai.stores.embedded.postgres import EmbeddedPostgres
from tests.support.office import SERVER_KEY
from tests.support.pool import id_number, pool_house, row, table
from tests.support.stores import fresh_database


async def test_the_way_of_the_page(
    database: str,
    postgres: EmbeddedPostgres,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def at(dsn: str, server_key: bytes) -> None:
        monkeypatch.setenv("LEITAI_VALKEY_URL", "redis://nowhere.invalid")
        monkeypatch.setenv("LEITAI_DATABASE_URL", dsn)
        monkeypatch.setenv("LEITAI_SECRET_KEY", server_key.hex())

    key, told, history = tmp_path / "beijing.pem", tmp_path / "beijing.jsonl", tmp_path / "history.xlsx"
    history.write_bytes(table(row("张三", 1), row("李四", 单位="某局")))
    pool_key(key)
    public = capsys.readouterr().out.split()[-1]
    assert key.stat().st_mode & 0o777 == 0o600
    with pytest.raises(SystemExit):
        pool_key(key)
    async with fresh_database(postgres) as home:
        at(database, SERVER_KEY)
        await pool_register("110000", public)
        capsys.readouterr()
        await pool_mailbox()
        mailbox = capsys.readouterr().out.strip()
        at(home, bytes(range(1, 33)))
        await pool_import(history)
        await pool_export(told, province="110000", key=key, mailbox=mailbox)
    assert told.stat().st_mode & 0o777 == 0o600
    assert id_number(1).encode() not in told.read_bytes()
    at(database, SERVER_KEY)
    await pool_import(told, dry_run=True)
    await pool_import(told)
    await pool_import(told)
    said = capsys.readouterr().err
    assert "新增 new 2" in said
    assert "此前已收过" in said
    async with pool_house(database) as ministry:
        assert (await ministry.pool.search(PoolQuery())).total == 2
    told.write_bytes(told.read_bytes().replace("某局".encode(), "某厅".encode()))
    with pytest.raises(SystemExit):
        await pool_import(told)
    assert "pool-signature" in capsys.readouterr().err
