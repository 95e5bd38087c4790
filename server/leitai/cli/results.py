"""Results and the audit at the command line: `leitai results-bundle`, `verify-results`, `verify-audit`.

Verifying a bundle or an exported audit needs no database. Exit status 1: something does not follow, or could not be
read; every finding is told in both languages.
"""

import asyncio
import getpass
import re
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console
from rich.markup import escape

from leitai.cli.desk import SHOWN, Config, Owner, open_office, read_file, write_private
from leitai.config import read_settings
from leitai.office.auditing.chain import ChainCheck, Fault, Head
from leitai.office.auditing.files import UnreadableAudit, read
from leitai.office.auditing.watch import AT_ONCE
from leitai.office.bundle.making import NotFinal, make_bundle
from leitai.office.bundle.verifying import verify
from leitai.office.signing import Signer
from leitai.rules.values import SessionId
from leitai.stores.postgres.audit_store import PostgresAudit
from leitai.stores.postgres.awards_store import PostgresAwards
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.results_store import PostgresSeals
from leitai.stores.postgres.vault import Vault

bundle_app = App(name="results-bundle", help="写出已定榜场次的成绩包 · Write a final session's results bundle")
verify_results_app = App(
    name="verify-results", help="核验成绩包，不需要数据库 · Verify a results bundle, without a database"
)

verify_audit_app = App(
    name="verify-audit",
    help="核验审计链：数据库或导出文件 · Verify the audit's chain, of the database or of an exported file",
)

_KEY = re.compile(r"[0-9a-fA-F]{64}")
_HEAD = re.compile(r"(\d{1,18}):([0-9a-f]{64})")
_LOGGED = (re.compile(r"\bno\W{1,4}(\d{1,18})"), re.compile(r"\bhash\W{1,5}([0-9a-f]{64})"))
_SAID = {
    Fault.CHANGED: (
        "与前文不符（内容或前面的内容被改动）",
        "does not follow (it was changed, or what stood before it)",
    ),
    Fault.GAP: ("编号不连续（有删除、插入或调换）", "does not come next (taken out, put in or moved)"),
}
_OF_FILE = {
    "cut": ("文件不完整", "the file is cut short"),
    "signature": ("文件末尾的签名不符", "the signature at its end is not right"),
    "other-key": ("由另一把密钥签名", "it is signed with another key"),
}


@bundle_app.default
async def results_bundle(
    session_id: int, *, out: Path | None = None, owner: Owner = None, config: Config = None
) -> None:
    """Write the signed bundle of a final session to --out (leitai-results-N.zip unless given)."""
    settings = read_settings(config, owner=owner)
    database = Database(settings.database_url, timeout_s=60, owner=settings.owner)
    try:
        async with open_office(config, owner) as (store, _, console):
            seals = PostgresSeals(database, Vault(settings.server_key))
            try:
                made = await make_bundle(store, seals, PostgresAwards(database), Signer(seals), SessionId(session_id))
            except NotFinal:
                console.print("场次尚未定榜 · The session is not final")
                raise SystemExit(1) from None
            path = out or Path(made.file_name)
            await asyncio.to_thread(write_private, path, made.content)
            await store.audit(getpass.getuser(), "results-bundle", f"session {session_id}", {"sha256": made.sha256})
            console.print(f"已写入 written: {escape(str(path))}\nSHA-256 {made.sha256}")
    finally:
        await database.close()


@verify_results_app.default
async def verify_results(
    file: Path,
    *,
    key: Annotated[str, Parameter(help="the contest's public key as published (64 hexadecimal digits)")] = "",
) -> None:
    """Recompute every score, standing and award of a bundle, and tell what differs."""
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    public = _public_key(key, console)
    data = await read_file(file, console)
    found = await asyncio.to_thread(verify, data, public)
    for finding in found.findings:
        console.print(escape(f"✗ {finding.say('zh-CN')} · {finding.say('en')}"))
    if found.findings:
        console.print(f"核验未通过 · Not verified: {len(found.findings)}")
        raise SystemExit(1)
    console.print(
        escape(
            f"✓ {found.title}\n"
            f"✓ 选手 contestants {found.contestants}，作答 answers {found.answers}，奖项 awards {found.awards}："
            "得分、名次、奖项重算后逐字节相同 · scores, standings and awards recomputed to the same bytes\n"
            f"✓ 签名 signed with {found.key}\n"
            f"  审计 audit head {found.audit_no}:{found.audit_hash}"
        )
    )
    if not key:
        console.print(
            "! 未核对签名者：请以 --key 给出公布的公钥 · Who signed was not checked: give the published key by --key"
        )


@verify_audit_app.default
async def verify_audit(
    file: Annotated[Path | None, Parameter(help="an exported audit; the database when not given")] = None,
    *,
    head: Annotated[tuple[str, ...], Parameter(help="NO:HASH as published (log, bundle, auditor's page)")] = (),
    log: Annotated[tuple[Path, ...], Parameter(help="log of the office's process, whose audit_head lines count")] = (),
    bundle: Annotated[tuple[Path, ...], Parameter(help="results bundle, whose sealed head counts")] = (),
    key: Annotated[str, Parameter(help="the contest's public key as published")] = "",
    config: Config = None,
) -> None:
    """Recompute the chain of the audit, and look for published heads in it: without any, a cut end is not found.

    One chain holds what was done in every house.
    """
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    public = _public_key(key, console)
    check = ChainCheck()
    heads = [_head(text, console) for text in head]
    for path in log:
        heads.extend(logged_heads((await read_file(path, console)).decode("utf-8", "replace")))
    for path in bundle:
        sealed = verify(await read_file(path, console), public)
        if sealed.findings:
            console.print(f"成绩包未通过核验 · The bundle is not verified: {escape(str(path))}")
            raise SystemExit(1)
        if sealed.audit_no:
            heads.append(Head(sealed.audit_no, bytes.fromhex(sealed.audit_hash)))
    check.expect(heads)
    said: list[str] = []
    if file is None:
        await _read_database(check, config)
    else:
        data = await read_file(file, console)
        try:
            fault, signed = await asyncio.to_thread(read, data, check, public)
        except UnreadableAudit as odd:
            console.print(f"✗ 第 {odd.line} 行无法读取 · Line {odd.line} cannot be read")
            raise SystemExit(1) from None
        if fault:
            said.append(" · ".join(_OF_FILE[fault]))
        elif not public:
            console.print(f"! 签名密钥未核对 signed with {signed.hex()}: --key")
    said.extend(
        " · ".join((f"第 {one.no} 条{_SAID[one.fault][0]}", f"entry {one.no} {_SAID[one.fault][1]}"))
        for one in check.breaks
    )
    said.extend(
        f"第 {one.no} 条与公布的散列不同 · entry {one.no} differs from its published hash" for one in check.differing
    )
    said.extend(
        f"公布过的第 {one.no} 条不存在：末尾被截断 · entry {one.no} was published and is not there: the end was cut off"
        for one in check.missing()
    )
    for line in said[:SHOWN]:
        console.print(escape(f"✗ {line}"))
    if said:
        console.print(f"核验未通过 · Not verified: {len(said)}")
        raise SystemExit(1)
    console.print(
        escape(f"✓ {check.head.no} 条，链完整 entries, the chain holds\n  head {check.head.no}:{check.head.hash.hex()}")
    )
    if not heads:
        console.print("! 未给出公布过的链头，不能发现末尾截断 · No published head was given: a cut end is not found")


def logged_heads(text: str) -> list[Head]:
    """Return the heads that a log tells, in either of its forms."""
    heads: list[Head] = []
    for line in text.splitlines():
        if "audit_head" in line:
            no, digest = (pattern.search(line) for pattern in _LOGGED)
            if no and digest:
                heads.append(Head(int(no[1]), bytes.fromhex(digest[1])))
    return heads


async def _read_database(check: ChainCheck, config: Path | None) -> None:
    database = Database(read_settings(config).database_url, timeout_s=60)
    try:
        store = PostgresAudit(database)
        while entries := await store.entries_after(check.head.no, AT_ONCE):
            check.take(entries)
    finally:
        await database.close()


def _public_key(key: str, console: Console) -> bytes | None:
    if key and not _KEY.fullmatch(key):
        console.print("公钥应为 64 位十六进制数 · The key must be 64 hexadecimal digits")
        raise SystemExit(1)
    return bytes.fromhex(key) if key else None


def _head(text: str, console: Console) -> Head:
    found = _HEAD.fullmatch(text)
    if found is None:
        console.print(f"应为 编号:散列 · Must be NO:HASH: {escape(text)}")
        raise SystemExit(1)
    return Head(int(found[1]), bytes.fromhex(found[2]))
