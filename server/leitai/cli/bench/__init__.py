"""`leitai bench`: the parts of the benchmark that need the server's inside.

`python -m leitai_loadtest.bench` runs them as processes and makes one table of what they say: one line of JSON each.
"""

import cyclopts

app = cyclopts.App(name="bench", help="性能测量的组成部分 · Parts of the benchmark, run by make bench", show=False)

app.command("leitai.cli.bench.serve:serve", name="serve")
app.command("leitai.cli.bench.stores:stores", name="stores")
app.command("leitai.cli.bench.scripts:scripts", name="scripts")
app.command("leitai.cli.bench.standings:standings", name="standings")
app.command("leitai.cli.bench.records:records", name="records")
