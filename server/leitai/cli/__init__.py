"""The `leitai` command. Each sub-command lives in a module of its own that is imported when it is called."""

import cyclopts

import leitai
from leitai.config import BadSettings

app = cyclopts.App(
    name="leitai",
    help="擂台：全国在线比试服务 · A real-time national contest server",
    version=leitai.__version__,
)


app.command("leitai.cli.run:app", name="run")
app.command("leitai.cli.serve:app", name="serve")
app.command("leitai.cli.bank:bank", name="bank", help="题库 · The question bank")
app.command("leitai.cli.pool:pool", name="pool", help="能手库 · The expert pool")
app.command("leitai.cli.practice:practice", name="practice", help="日常练兵 · The year-round practice")
app.command("leitai.cli.office:roster", name="roster", help="参赛名单与准考证 · Rosters and admission slips")
app.command("leitai.cli.office:session", name="session", help="场次 · Sessions")
app.command(
    "leitai.cli.office:recompute_app", name="recompute", help="从数据库重算名次 · Recompute standings from the database"
)
app.command(
    "leitai.cli.results:bundle_app",
    name="results-bundle",
    help="写出已定榜场次的成绩包 · Write a final session's results bundle",
)
app.command(
    "leitai.cli.results:verify_results_app",
    name="verify-results",
    help="核验成绩包，不需要数据库 · Verify a results bundle, without a database",
)
app.command(
    "leitai.cli.results:verify_audit_app",
    name="verify-audit",
    help="核验审计链：数据库或导出文件 · Verify the audit's chain, of the database or of an exported file",
)
app.command("leitai.cli.office:migrate_app", name="migrate", help="更新数据库结构 · Bring the database to this schema")
app.command("leitai.cli.awards:app", name="awards", help="奖项：核对、打印 · Awards: look through, print")
app.command("leitai.cli.draw:app", name="verify-draw", help="核验抽签记录 · Verify the record of a draw")
app.command("leitai.cli.staff:app", name="staff")
app.command("leitai.cli.conduct:app", name="conduct", help="指挥场次：开始、暂停、恢复、结束、公告 · Conduct a session")
app.command("leitai.cli.rehearse:app", name="rehearse")
app.command("leitai.cli.chain:app", name="chain")
app.command("leitai.cli.cluster:app", name="cluster")
app.command("leitai.cli.doctor:app", name="doctor")
app.command("leitai.cli.loadtest:app", name="loadtest")
app.command("leitai.cli.haproxy:app", name="haproxy")
app.command("leitai.cli.bench:app", name="bench")


def main() -> None:
    """Run the command line."""
    try:
        app()
    except BadSettings as bad:
        raise SystemExit(f"设置不正确 · Bad settings: {bad}") from None
