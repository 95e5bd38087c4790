"""`leitai haproxy`: HAProxy's settings for the gateways of a deployment, from the one file that all deployments use."""

import re
import sys
from collections.abc import Sequence
from typing import Annotated

from cyclopts import App, Parameter

from leitai.resources import shipped

app = App(name="haproxy", help="打印反向代理 HAProxy 的配置 · Print settings of HAProxy before these gateways")

_ADDRESS = re.compile(r"(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9_.*-]*):[0-9]{1,5}")


class BadAddress(Exception):
    """`text` is no `host:port`."""

    code = "bad-address"

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


@app.default
def haproxy(
    *,
    gateway: Annotated[list[str], Parameter(help="host:port of a gateway; once for each", negative="")],
    results: Annotated[list[str] | None, Parameter(help="host:port of who works out results", negative="")] = None,
    bind: Annotated[str, Parameter(help="where browsers, or whoever ends https, come in")] = "127.0.0.1:8080",
    figures: Annotated[str, Parameter(help="where Prometheus asks")] = "127.0.0.1:8405",
    certificate: Annotated[str, Parameter(help="file of certificate, chain and key: ends https at --bind")] = "",
    plain: Annotated[str, Parameter(help="with --certificate: where http is sent on to https")] = ":80",
    maxconn: Annotated[int, Parameter(help="connections at most; the limit of open files must be twice that")] = 60_000,
) -> None:
    """Print the settings to standard output. Results come from the gateways when no --results is given."""
    try:
        text = haproxy_settings(
            gateway,
            results or (),
            bind=bind,
            figures=figures,
            certificate=certificate,
            plain=plain,
            maxconn=maxconn,
        )
    except BadAddress as bad:
        raise SystemExit(f"地址应为 host:port · Not host:port: {bad.text}") from bad
    sys.stdout.write(text)


def haproxy_settings(
    gateways: Sequence[str],
    results: Sequence[str] = (),
    *,
    bind: str = "127.0.0.1:8080",
    figures: str = "127.0.0.1:8405",
    certificate: str = "",
    plain: str = ":80",
    maxconn: int = 60_000,
) -> str:
    """Return `docs/deploy/haproxy.cfg` with other addresses: all are `host:port`.

    Args:
        gateways: who serves pages, boards and sockets.
        results: who works out results; the gateways when empty.
        bind: where browsers come in.
        figures: where Prometheus asks for the proxy's own figures.
        certificate: a file of certificate, chain and key; without one, somebody before the proxy ends https.
        plain: with a certificate: where http is sent on to https.
        maxconn: connections at most; HAProxy does not start when its limit of open files is below twice that.

    Raises:
        BadAddress: one of them is no `host:port`.
    """
    for address in (*gateways, *results, bind, figures, plain):
        if not _ADDRESS.fullmatch(address):
            raise BadAddress(address)
    text = (shipped("deploy") / "haproxy.cfg").read_text("utf-8")
    text = _put(text, "maxconn", [f"maxconn {maxconn}"])
    text = _put(text, "bind :8080", _with_tls(text, bind, certificate, plain) if certificate else [f"bind {bind}"])
    text = _put(text, "bind :8405", [f"bind {figures}"])
    text = _put(text, "server-template gateway-", _servers("gateway", gateways))
    return _put(text, "server results", _servers("results", results or gateways))


def _with_tls(text: str, bind: str, certificate: str, plain: str) -> list[str]:
    """Return the lines for https, which stand in the file as a comment."""
    lines = "\n".join(re.findall(r"^    #   (.+)$", text, re.MULTILINE))
    # HAProxy takes a quoted word with any sign in it but these.
    if re.search(r"['\n]", certificate):
        raise BadAddress(certificate)
    lines = lines.replace("bind :443", f"bind {bind}").replace("bind :80", f"bind {plain}")
    return lines.replace("/etc/haproxy/contest.pem", f"'{certificate}'").splitlines()


def _servers(name: str, addresses: Sequence[str]) -> list[str]:
    return [f"server {name}-{number} {address}" for number, address in enumerate(addresses, 1)]


def _put(text: str, begins: str, lines: Sequence[str]) -> str:
    """Return `text` with `lines` in place of the one line that begins so."""
    line = re.compile(rf"^( +){re.escape(begins)}.*\n", re.MULTILINE)
    whole, found = line.subn(lambda at: "".join(f"{at[1]}{new}\n" for new in lines), text)
    assert found == 1, f"haproxy.cfg has {found} lines that begin with {begins}"
    return whole
