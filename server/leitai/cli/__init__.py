"""The `leitai` command. Each sub-command lives in a module of its own that is imported when it is called."""

import cyclopts

import leitai

app = cyclopts.App(
    name="leitai",
    help="擂台：全国在线比试服务 · A real-time national contest server",
    version=leitai.__version__,
)


app.command("leitai.cli.serve:app", name="serve")
app.command("leitai.cli.rehearse:app", name="rehearse")


def main() -> None:
    """Run the command line."""
    app()
