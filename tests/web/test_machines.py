"""The doors for machines."""

from starlette.testclient import TestClient

from tests.support.doors import World


def test_alive(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"ok": True}


def test_ready_says_what_is_missing(client: TestClient, world: World) -> None:
    assert client.get("/readyz").json() == {"ready": True, "problems": []}
    world.readiness.problems = ["ledger"]
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"ready": False, "problems": ["ledger"]})


def test_metrics_are_text_made_anew(client: TestClient, world: World) -> None:
    answer = client.get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.text == "leitai_connections 3\n"
    world.metrics = lambda: "leitai_connections 4\n"
    assert client.get("/metrics").text == "leitai_connections 4\n"
