"""The dashboard as text, where there is no Grafana: `python -m tests.deploy.panels ADDRESS… [--seconds 30]`.

Reads every process at its LEITAI_METRICS_LISTEN once a second for so long, and prints what each panel shows at the end,
and which alerts ring.
"""

import argparse
import json
import math
import time
from urllib.error import URLError
from urllib.request import urlopen

import yaml

from leitai.resources import shipped
from tests.support.promql import Scrape, evaluate


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tests.deploy.panels", description="Show the dashboard as text.")
    parser.add_argument("addresses", nargs="+", metavar="ADDRESS", help="host:port of a process")
    parser.add_argument("--seconds", type=int, default=30, help="how long to look (default 30)")
    options = parser.parse_args()
    scrapes: list[Scrape] = []
    for _ in range(options.seconds):
        scrapes.append(Scrape.of(time.monotonic(), {address: _told(address) for address in options.addresses}))
        time.sleep(1)
    print("\n".join(panels(scrapes)))


def panels(scrapes: list[Scrape]) -> list[str]:
    """Return what every panel shows at the last scrape, and the alerts, line by line."""
    lines: list[str] = []
    for panel in json.loads((shipped("deploy") / "grafana/leitai.json").read_text("utf-8"))["panels"]:
        if panel["type"] == "row":
            lines += ["", f"== {panel['title']}"]
            continue
        unit = panel["fieldConfig"]["defaults"].get("unit", "")
        for target in panel["targets"] if panel["type"] != "heatmap" else []:
            found = evaluate(target["expr"].replace("$__rate_interval", "1m"), scrapes)
            for labels, value in sorted(found.items(), key=lambda one: sorted(one[0])):
                legend = target["legendFormat"]
                for name, text in labels:
                    legend = legend.replace(f"{{{{{name}}}}}", text)
                lines.append(f"{panel['title']:<44} {legend:<32} {_shown(value, unit):>12}")
    rules = yaml.safe_load((shipped("deploy") / "alerts.yml").read_text("utf-8"))["groups"][0]["rules"]
    ringing = [rule["alert"] for rule in rules if evaluate(rule["expr"], scrapes)]
    return [*lines, "", f"== 告警 · Alerts: {', '.join(ringing) or '–'}"]


def _told(address: str) -> str | None:
    try:
        with urlopen(f"http://{address}/metrics", timeout=5) as answer:
            return answer.read().decode()
    except URLError:
        return None


def _shown(value: float, unit: str) -> str:
    if math.isnan(value):
        return "–"
    if unit == "s":
        return f"{value * 1000:.2f} ms"
    if unit == "percentunit":
        return f"{value:.1%}"
    if unit == "bytes":
        return f"{value / 2**20:.1f} MiB"
    return f"{value:.1f}".removesuffix(".0")


if __name__ == "__main__":
    main()
