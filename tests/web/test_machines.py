"""The doors for machines."""

import pytest
from starlette.testclient import TestClient

from leitai.web.machines import machines_app
from tests.support.doors import World


def test_alive(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"ok": True}


def test_ready_says_what_is_missing(client: TestClient, world: World) -> None:
    assert client.get("/readyz").json() == {"ready": True, "problems": []}
    world.readiness.problems = ["ledger"]
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"ready": False, "problems": ["ledger"]})


@pytest.mark.parametrize(
    "path", ["/metrics", "/metrics/", "/METRICS", "/healthz/../metrics", "/metrics?a=1", "/%6detrics"]
)
def test_the_contest_s_door_leads_to_no_figures(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"Accept": "text/plain"})
    assert answer.status_code == 404
    assert "leitai_" not in answer.text


def _machines(world: World, token: str = "") -> TestClient:
    async def metrics() -> bytes:
        return f"problems {await world.readiness.check()}\n".encode()

    return TestClient(machines_app(world.readiness, metrics, token))


def test_a_machine_door_says_all_three(world: World) -> None:
    machines = _machines(world)
    assert machines.get("/healthz").json() == {"ok": True}
    assert machines.get("/readyz").status_code == 200
    answer = machines.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.text == "problems []\n"
    world.readiness.problems = ["ledger"]
    assert machines.get("/metrics").text == "problems ['ledger']\n"
    assert machines.get("/readyz").status_code == 503
    assert machines.get("/api/contest").status_code == 404
    assert machines.post("/metrics").status_code == 405


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ("Bearer s3cret", 200),
        ("Bearer s3cre", 401),
        ("bearer s3cret", 401),
        ("s3cret", 401),
        ("Bearer s3cret x", 401),
        ("", 401),
    ],
)
def test_with_a_token_figures_are_for_who_brings_it(world: World, given: str, status: int) -> None:
    machines = _machines(world, "s3cret")
    answer = machines.get("/metrics", headers={"Authorization": given})
    assert answer.status_code == status
    assert ("problems" in answer.text) == (status == 200)
    assert machines.get("/metrics").status_code == 401
    assert machines.get("/healthz").status_code == machines.get("/readyz").status_code == 200
