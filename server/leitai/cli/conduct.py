"""`leitai conduct`: what an operator does to a session while it is on. The director carries it out and logs it.

Whoever works on the machine itself acts alone, also where the console asks for a second person; the audit says so.
"""

import getpass
from typing import Annotated, Literal

from cyclopts import App, Parameter
from rich.console import Console

from leitai.cli.desk import Config, Owner
from leitai.config import Settings, read_settings
from leitai.live.commanding import NotConducted, hand_over
from leitai.live.conductor import CommandRefused
from leitai.live.ports import Command, StoreUnavailable
from leitai.rules.provinces import PROVINCES
from leitai.rules.values import DelegationCode, ItemNo, SessionId
from leitai.stores.postgres.office_store import PostgresOffice
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.vault import Vault
from leitai.stores.valkey.connection import open_store
from leitai.stores.valkey.session import ValkeySession
from leitai.wire.errors import ERRORS

app = App(name="conduct", help="指挥一个场次：开始、暂停、恢复、结束、复核、定榜、公告 · Conduct a session")

Action = Literal[
    "lobby", "start", "pause", "resume", "extend", "skip", "close", "review", "finalize", "announce", "freeze", "thaw"
]


@app.default
async def conduct(
    action: Action,
    *,
    session: int,
    text: Annotated[str, Parameter(help="words for everyone, with announce")] = "",
    item: Annotated[int, Parameter(help="number of the item, with extend and skip")] = 0,
    seconds: Annotated[int, Parameter(help="how many more, with extend")] = 0,
    wait: Annotated[float, Parameter(help="seconds to wait for the director")] = 10.0,
    owner: Owner = None,
    config: Config = None,
) -> None:
    """Hand the director a command and wait until it is carried out.

    lobby: now, before its time. start: in three seconds, whatever the set start. pause, resume: the contest's time
    stands still between them. close: now, for everybody; what has not opened never will. extend: more time for an item,
    or without one for a whole paper or every item that is not over. skip: leave out an item that has not opened.
    review, finalize: after the end. announce: words for everyone. freeze: the public board
    stays as it is at this moment, and results are withheld. thaw: both are shown again.
    Exit status 1: it was refused because the phase does not allow it, or no director took it in time; or the session is
    of another house, which is not asked while the database is away.
    """
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    if (action == "announce") != bool(text.strip()):
        raise SystemExit("announce 需要 --text，其他动作不需要 · announce wants --text, nothing else does")
    settings = read_settings(config, owner=owner)
    if not await _of_this_house(settings, session):
        where = PROVINCES[DelegationCode(settings.owner)] if settings.owner else "全国"
        console.print(f"{where}没有这个场次 · No session {session} in the house of {settings.owner or 'the nation'}")
        raise SystemExit(1)
    store = open_store(settings.valkey_url)
    command = Command(action, getpass.getuser(), text.strip(), ItemNo(item), seconds)
    try:
        state = await hand_over(ValkeySession(store, SessionId(session), 1), command, wait)
    except NotConducted as error:
        console.print(f"该场次无人指挥：没有此场次，或 director 未运行 · Nobody conducts session {session}")
        raise SystemExit(1) from error
    except CommandRefused as refusal:
        words = ERRORS[refusal.code]
        console.print(f"未执行 {action}：{words.zh} · Refused ({refusal.code}): {words.en}")
        raise SystemExit(1) from refusal
    except StoreUnavailable as outage:
        console.print(f"存储不可用 · The store is away: {outage}")
        raise SystemExit(1) from outage
    finally:
        await store.aclose()
    console.print(f"已执行 done: {action}，当前阶段 phase {state.phase.value}")
    await _audit(settings, command, session, console)


async def _of_this_house(settings: Settings, session: int) -> bool:
    """Whether a session is the owner's; True also while the archive is away, for which no contest waits."""
    database = Database(settings.database_url, timeout_s=2, owner=settings.owner)
    try:
        return await PostgresOffice(database, Vault(settings.server_key)).revision(SessionId(session)) is not None
    except StoreUnavailable:
        return True
    finally:
        await database.close()


async def _audit(settings: Settings, command: Command, session: int, console: Console) -> None:
    """Write down who did what; the contest does not wait for the archive, and its own log has it anyway."""
    database = Database(settings.database_url, timeout_s=5, owner=settings.owner)
    office = PostgresOffice(database, Vault(settings.server_key))
    detail = {"item": command.item, "seconds": command.seconds, "text": command.text, "at": "command line"}
    try:
        await office.audit(command.by, command.kind, f"session {session}", detail)
    except StoreUnavailable as outage:
        console.print(f"审计未记录，数据库不可用 · Not in the audit, the database is away: {outage}")
    finally:
        await database.close()
