"""The audit's chain, recomputed apart from the database: whatever is done to any row is found, and so is a cut end once
a head was published.
"""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from leitai.cli.results import logged_heads
from leitai.office.auditing.chain import ChainCheck, Fault, Head, entry_hash
from leitai.office.auditing.files import FORMAT, UnreadableAudit, export, read
from leitai.office.auditing.ports import AuditFilter
from leitai.office.auditing.watch import ChainWatch, tell_heads
from leitai.office.signing import Signer
from leitai.rules.values import Micros
from leitai.stores.postgres.audit_store import PostgresAudit
from leitai.stores.postgres.pool import Connection
from leitai.stores.postgres.results_store import PostgresSeals
from tests.support.office import SERVER_KEY, Stores, stores_at
from tests.support.waiting import eventually

ROWS = 9
ODD = {"文字": '引号"、反斜杠\\、换行\n、\x01、\x7f、𠮷', "n": [1, -2, 3.5, 1e21, None, True], "嵌": {"b": {}, "a": []}}


@pytest.fixture
async def stores(database: str) -> AsyncIterator[Stores]:
    async with stores_at(database) as opened:
        for number in range(ROWS):
            await opened.office.audit(
                f"wang.{number % 2}", "act-ü", f'第 {number} 件 "事"\t', {"number": number, **ODD}
            )
        yield opened


async def checked(stores: Stores, *heads: Head) -> ChainCheck:
    check = ChainCheck()
    check.expect(heads)
    check.take(await PostgresAudit(stores.database).entries_after(0, 1000))
    return check


async def tampered(stores: Stores, *statements: str) -> None:
    async with stores.database.transaction() as connection:
        await connection.execute("alter table audit disable trigger user")
        for statement in statements:
            await connection.execute(statement)
        await connection.execute("alter table audit enable trigger user")


class Lent:
    """A database of one connection, for what is done to it and undone again."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncGenerator[Connection]:
        yield self._connection


async def supposing(stores: Stores, *statements: str) -> ChainCheck:
    """What would be found if this were done to the audit."""
    async with stores.database.connection() as connection:
        doing = connection.transaction()
        await doing.start()
        await connection.execute("alter table audit disable trigger user")
        for statement in statements:
            await connection.execute(statement)
        lent: Any = Lent(connection)
        check = ChainCheck()
        check.take(await PostgresAudit(lent).entries_after(-1000, 1000))
        await doing.rollback()
    return check


async def test_the_chain_is_what_the_database_says(stores: Stores) -> None:
    check = await checked(stores)
    assert (check.breaks, check.head.no) == ([], ROWS)
    entries = await PostgresAudit(stores.database).entries_after(0, 1000)
    assert json.loads(entries[3].detail)["文字"] == ODD["文字"]
    assert 0 < entries[0].at_us <= entries[-1].at_us


CHANGES = {
    "no": ["no = no + 100", "no = -no"],
    "at": ["at = at + interval '1 microsecond'"],
    "actor": ["actor = actor || ' '"],
    "action": ["action = 'Act-ü'"],
    "subject": ["subject = replace(subject, '件', '个')"],
    "detail": ["detail = detail || '{\"number\": 77}'", "detail = detail - 'n'"],
    "hash": ["hash = sha256(hash)"],
}


async def test_any_column_of_any_row_that_was_changed_is_found(stores: Stores) -> None:
    for row in range(1, ROWS + 1):
        for change in (one for changes in CHANGES.values() for one in changes):
            check = await supposing(stores, f"update audit set {change} where no = {row}")
            assert check.breaks, (row, change)
            assert min(abs(one.no) for one in check.breaks) in (row, row + 1, row + 100, 1), (row, change)
    assert (await supposing(stores)).breaks == []


async def test_every_column_is_tried(stores: Stores) -> None:
    async with stores.database.connection() as connection:
        columns = await connection.fetch(
            "select column_name from information_schema.columns where table_name = 'audit' order by 1"
        )
    # Ids are generated from the numbers.
    assert {one["column_name"] for one in columns} == CHANGES.keys() | {"id"}


MOVES = {
    "first gone": ["delete from audit where no = 1"],
    "one gone": ["delete from audit where no = 5"],
    "gone, and numbers closed up": [
        "delete from audit where no = 5",
        "update audit set no = -no where no > 5",
        "update audit set no = -no - 1 where no < 0",
    ],
    "put in, with a hash that follows from the row before": [
        "update audit set no = -no where no > 4",
        "update audit set no = 1 - no where no < 0",
        """insert into audit (no, at, actor, action, subject, detail, hash)
           select 5, at, actor, 'forged', subject, detail, hash from audit where no = 4""",
        "update audit a set hash = audit_hash(b.hash, a) from audit b where a.no = 5 and b.no = 4",
    ],
    "two changed places": [
        "update audit set no = -1 where no = 3",
        "update audit set no = 3 where no = 6",
        "update audit set no = 6 where no = -1",
    ],
    "changed, with a hash that follows": [
        "update audit set actor = 'nobody' where no = 4",
        "update audit a set hash = audit_hash(b.hash, a) from audit b where a.no = 4 and b.no = 3",
    ],
}


async def test_what_was_taken_out_put_in_or_moved_is_found(stores: Stores) -> None:
    for name, statements in MOVES.items():
        assert (await supposing(stores, *statements)).breaks, name


async def test_a_function_of_the_database_that_lies_hides_nothing(stores: Stores) -> None:
    lie = "create or replace function audit_break() returns bigint language sql stable as 'select null::bigint'"
    check = await supposing(stores, lie, "update audit set actor = 'nobody' where no = 4")
    assert [(one.no, one.fault) for one in check.breaks] == [(4, Fault.CHANGED)]


async def test_a_cut_end_is_found_by_any_head_that_was_published(stores: Stores) -> None:
    head = await PostgresAudit(stores.database).head()
    await tampered(stores, f"delete from audit where no > {ROWS - 2}")
    check = await checked(stores, head)
    assert check.breaks == []
    assert check.missing() == [head]
    # Written on afterwards, the numbers are there again, and are not the same.
    for number in range(3):
        await stores.office.audit("wang.1", "later", "subject", {"number": number})
    check = await checked(stores, head)
    assert (check.missing(), check.differing) == ([], [head])


async def test_a_chain_made_anew_is_found_by_a_head(stores: Stores) -> None:
    head = await PostgresAudit(stores.database).head()
    anew = "do $$ declare before bytea := ''; one audit; begin for one in select * from audit order by no loop"
    anew += " before := audit_hash(before, one); update audit set hash = before where no = one.no; end loop; end $$"
    await tampered(stores, "update audit set actor = 'nobody' where no = 4", anew)
    check = await checked(stores, head)
    assert (check.breaks, check.differing) == ([], [head])


async def test_heads_are_told_to_the_log(stores: Stores) -> None:
    with capture_logs() as told:
        telling = asyncio.create_task(tell_heads(PostgresAudit(stores.database), every_s=0.01))

        async def heads() -> list[int]:
            return [one["no"] for one in told if one["event"] == "audit_head"]

        assert await eventually(heads, bool) == [ROWS]
        await stores.office.audit("wang.1", "later", "subject", {})
        assert await eventually(heads, lambda found: len(found) > 1) == [ROWS, ROWS + 1]
        telling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await telling
    head = await PostgresAudit(stores.database).head()
    as_json = json.dumps({"event": "audit_head", "hash": head.hash.hex(), "no": head.no})
    as_text = f"2026-01-01T00:00:00Z [info     ] audit_head                     hash={head.hash.hex()} no={head.no}"
    assert logged_heads(f"{as_json}\n{as_text}\nother no=4 hash={head.hash.hex()}") == [head, head]


async def test_the_watch_checks_what_is_added_and_all_anew_when_asked(stores: Stores) -> None:
    watch = ChainWatch(PostgresAudit(stores.database))
    first = await watch.state()
    assert (first.head.no, first.broken) == (ROWS, None)
    await stores.office.audit("wang.1", "later", "subject", {})
    assert (await watch.state()).head.no == ROWS + 1
    await tampered(stores, "update audit set actor = 'nobody' where no = 2")
    assert (await watch.state()).broken is None, "what was checked is believed"
    anew = await watch.state(anew=True)
    assert anew.broken is not None
    assert anew.broken.no == 2
    assert (await watch.state()).broken == anew.broken


async def test_pages_and_filters(stores: Stores) -> None:
    audit = PostgresAudit(stores.database)
    await stores.office.audit("li", "export-results", "session 3", {"Table": "NATIONAL"})
    everything = AuditFilter()
    newest = await audit.page(everything, None, 4)
    assert [one.no for one in newest] == [10, 9, 8, 7]
    assert [one.no for one in await audit.page(everything, 7, 100)] == [6, 5, 4, 3, 2, 1]
    assert [one.no for one in await audit.page(AuditFilter(actor="wang.1"), None, 100)] == [8, 6, 4, 2]
    assert [one.no for one in await audit.page(AuditFilter(action="export-results"), None, 100)] == [10]
    assert [one.no for one in await audit.page(AuditFilter(text="national"), None, 100)] == [10]
    assert [one.no for one in await audit.page(AuditFilter(text="第 3 件"), None, 100)] == [4]
    assert await audit.page(AuditFilter(text="%"), None, 100) == [], "no pattern, a text"
    fourth = (await audit.entries_after(3, 1))[0].at_us
    since = await audit.page(AuditFilter(from_us=fourth), None, 100)
    until = await audit.page(AuditFilter(until_us=fourth), None, 100)
    assert {one.no for one in since} | {one.no for one in until} == set(range(1, 11))
    assert 4 in {one.no for one in since}
    assert 3 in {one.no for one in until}
    assert (await audit.words())[1] == ["act-ü", "export-results"]


async def exported(stores: Stores) -> tuple[bytes, bytes]:
    signer = Signer(PostgresSeals(stores.database, stores.vault))
    data = b"".join([part async for part in export(PostgresAudit(stores.database), signer)])
    return data, await signer.public_key()


async def test_an_exported_audit_proves_itself(stores: Stores) -> None:
    data, key = await exported(stores)
    check = ChainCheck()
    assert read(data, check, key) == ("", key)
    assert (check.breaks, check.head) == ([], await PostgresAudit(stores.database).head())
    assert json.loads(data.splitlines()[0]) == {"format": FORMAT, "entries": ROWS}
    assert read(data, ChainCheck(), b"\0" * 32)[0] == "other-key"


async def test_any_member_of_an_exported_line_that_was_changed_is_found(stores: Stores) -> None:
    data, key = await exported(stores)
    for place in range(1, ROWS + 1):
        for member in CHANGES:
            lines = data.split(b"\n")
            line = json.loads(lines[place])
            line[member] = line[member] + 50 if member == "no" else "f" * 64 if member == "hash" else line[member] + " "
            lines[place] = json.dumps(line).encode()
            check = ChainCheck()
            assert read(b"\n".join(lines), check, key)[0] or check.breaks, (place, member)


async def test_a_file_that_was_cut_joined_or_reordered_is_found(stores: Stores) -> None:
    data, key = await exported(stores)
    lines = data.split(b"\n")
    without_end = b"\n".join(lines[:-3]) + b"\n"
    shortened = b"\n".join([*lines[:-3], *lines[-2:]])
    swapped = b"\n".join([*lines[:3], lines[4], lines[3], *lines[5:]])
    twice = b"\n".join([*lines[:4], lines[3], *lines[4:]])
    for odd in (without_end, shortened, data[:-1], data[:-40]):
        assert read(odd, ChainCheck(), key)[0] == "cut"
    for odd in (swapped, twice):
        check = ChainCheck()
        read(odd, check, key)
        assert check.breaks
    resigned = json.loads(lines[-2])
    resigned["signature"] = "0" * 128
    assert read(b"\n".join([*lines[:-2], json.dumps(resigned).encode(), b""]), ChainCheck(), key)[0] == "signature"
    for odd in (b"", b"{}", b"hello\n", b'{"format":"other","entries":1}\n', lines[0] + b"\n{}\n" + lines[-2] + b"\n"):
        with pytest.raises(UnreadableAudit):
            read(odd, ChainCheck(), key)


async def test_the_command(stores: Stores, database: str, tmp_path: Path) -> None:
    environment = os.environ | {
        "LEITAI_DATABASE_URL": database,
        "LEITAI_VALKEY_URL": "redis://127.0.0.1:1",
        "LEITAI_SECRET_KEY": SERVER_KEY.hex(),
        "COLUMNS": "200",
    }

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "leitai", "verify-audit", *arguments]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False
        )

    data, key = await exported(stores)
    (tmp_path / "audit.jsonl").write_bytes(data)
    head = await PostgresAudit(stores.database).head()
    (tmp_path / "office.log").write_text(json.dumps({"event": "audit_head", "no": head.no, "hash": head.hash.hex()}))
    whole = await asyncio.to_thread(run, "audit.jsonl", "--key", key.hex(), "--log", "office.log")
    assert whole.returncode == 0, whole.stderr
    assert f"{head.no}:{head.hash.hex()}" in whole.stderr
    await tampered(stores, f"delete from audit where no = {ROWS}")
    cut = await asyncio.to_thread(run, "--head", f"{head.no}:{head.hash.hex()}")
    assert cut.returncode == 1
    assert "末尾被截断" in cut.stderr
    assert entry_hash(b"", (await PostgresAudit(stores.database).entries_after(0, 1))[0])
    assert Micros(0) < (await PostgresAudit(stores.database).entries_after(0, 1))[0].at_us
