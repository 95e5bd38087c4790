"""The published HTTP contract is fresh, whole, and kept by the running app."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck
from hypothesis import settings as examples
from jsonschema import Draft202012Validator
from schemathesis.specs.openapi.checks import negative_data_rejection
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from leitai.office.calendar.calendar import Calendar
from leitai.office_parts import office_parts
from leitai.own_parts import registration_part
from leitai.practice_parts import practice_parts
from leitai.public_parts import public_parts
from leitai.rules.values import SessionId, SittingId
from leitai.stage_doors import stage_doors as stages_at
from leitai.web import publish
from leitai.web.app import build_app
from leitai.web.broadcast import AirDoors
from leitai.web.calendar import CalendarPublic
from leitai.web.contract import OPERATIONS
from leitai.web.judging import JudgingDoors
from leitai.web.openapi import openapi
from leitai.web.practice import build_practice_app
from leitai.web.staff import StaffDoors, build_staff_app
from tests.support.days import FakeDays
from tests.support.doors import LI, SESSION, World, settings
from tests.support.nominations import public_roster
from tests.support.office import NOWHERE
from tests.support.public_draws import public_draws
from tests.support.publicity import fake_publicity
from tests.support.registration import fake_registration
from tests.support.signing import signing
from tests.support.stages import stage_doors

SCHEMA = Path(__file__).parents[2] / "schema"
WIRE_PAGE = (Path(__file__).parents[2] / "docs" / "wire.md").read_text("utf-8")


def test_the_published_file_is_fresh() -> None:
    assert publish.main(["--check", str(SCHEMA)]) == 0


def test_a_stale_file_is_named_and_publishing_mends_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert publish.main(["--check", str(tmp_path)]) == 1
    told = capsys.readouterr().err
    assert all(name in told for name in publish.NAMES)
    assert publish.main([str(tmp_path)]) == 0
    assert publish.main(["--check", str(tmp_path)]) == 0
    for name, document in publish.NAMES.items():
        assert yaml.safe_load((tmp_path / name).read_text("utf-8")) == openapi(document)


def _contest_app() -> Starlette:
    nothing: Any = None
    return build_app(
        World().doors(),
        settings(),
        parts=[
            *public_parts(nothing, nothing, NOWHERE),
            stages_at(nothing, NOWHERE, nothing, nothing),
            registration_part(nothing, nothing, NOWHERE, nothing),
        ],
    )


def _staff_app() -> Starlette:
    nothing: Any = None
    air = AirDoors(nothing, nothing, nothing, nothing)
    doors = StaffDoors(
        staff=nothing,
        sessions=nothing,
        tries=nothing,
        readiness=nothing,
        console=nothing,
        scheduling=nothing,
        judging=JudgingDoors(nothing, nothing, nothing, nothing, nothing),
        blinding=nothing,
        air=air,
        reveal=nothing,
        media=nothing,
        identity=nothing,
        parts=office_parts(nothing, nothing, NOWHERE, nothing, nothing, nothing),
    )
    return build_staff_app(doors, settings(), None)


def _practice_app() -> Starlette:
    nothing: Any = None
    practice = practice_parts(nothing, nothing, NOWHERE, settings(), nothing)
    return build_practice_app(practice.accounts, practice.parts, nothing, settings())


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("http/openapi.yaml", _contest_app),
        ("http/office.yaml", _staff_app),
        ("http/practice.yaml", _practice_app),
    ],
)
def test_every_route_of_an_app_is_published_and_nothing_else(name: str, made: Callable[[], Starlette]) -> None:
    app = made()
    served = {
        (method, route.path)
        for route in app.routes
        if isinstance(route, Route)
        for method in (route.methods or ())
        if method != "HEAD"
    }
    document: dict[str, Any] = yaml.safe_load((SCHEMA / name).read_text("utf-8"))
    published = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    assert served == published
    assert len(served) == len(app.routes)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
def test_every_operation_of_the_contest_is_told_on_the_wire_page(operation: Any) -> None:
    told = WIRE_PAGE.replace("{id}", "{session}")
    assert f"`{operation.method} {operation.path}" in told


def test_every_schema_is_a_schema() -> None:
    for schema in openapi()["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


class _Forever(dict[str, tuple[SessionId, SittingId]]):
    """Cookies that no sign-out ends."""

    def pop(self, *_: Any) -> Any:
        return None


def _app_with_its_contract() -> ASGIApp:
    """The app with fakes behind it, one signed-in contestant, counters that never fill up, and its own contract."""
    world = World()
    world.tickets.cookies = _Forever({"signed-in": (SESSION, LI.sitting_id)})
    calendar = CalendarPublic(Calendar(FakeDays(), ()))
    parts = [fake_publicity(), public_roster(), calendar, signing(), public_draws(), stage_doors(), fake_registration()]
    app = build_app(world.doors(), settings(tries_per_number=10**9), parts=parts)
    contract = JSONResponse(openapi())

    async def with_contract(scope: Scope, receive: Receive, send: Send) -> None:
        told = scope["type"] == "http" and scope["path"] == "/openapi.json"
        await (contract if told else app)(scope, receive, send)

    return with_contract


UNHURRIED = (HealthCheck.too_slow, HealthCheck.filter_too_much)

schema = schemathesis.openapi.from_asgi("/openapi.json", _app_with_its_contract())


@schema.auth()
class _SignedIn:
    def get(self, case: "schemathesis.Case[Any]", context: schemathesis.AuthContext) -> str:
        return "signed-in"

    def set(self, case: "schemathesis.Case[Any]", data: str, context: schemathesis.AuthContext) -> None:
        case.cookies = {**(case.cookies or {}), "leitai_sid": data}


@schema.hook("map_path_parameters")  # pyright: ignore[reportUntypedFunctionDecorator]
def _often_what_there_is(_context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    if path_parameters and isinstance(path_parameters.get("contest"), int) and path_parameters["contest"] % 4:
        path_parameters = {**path_parameters, "contest": 7} | ({"number": 1} if "number" in path_parameters else {})
    if path_parameters and isinstance(path_parameters.get("stage"), int) and path_parameters["stage"] % 4:
        path_parameters = {**path_parameters, "stage": 7}
    if path_parameters and isinstance(path_parameters.get("session"), int) and path_parameters["session"] % 4:
        path_parameters = {**path_parameters, "session": SESSION}
        if str(path_parameters.get("code")).isdigit():
            path_parameters["code"] = "110000"
    return path_parameters


@schema.hook("map_query")  # pyright: ignore[reportUntypedFunctionDecorator]
def _often_who_there_is(_context: Any, query: dict[str, Any] | None) -> dict[str, Any] | None:
    if query and str(query.get("delegation")).isdigit() and len(query["delegation"]) == 6:
        return {**query, "delegation": "660000"}
    return query


@schema.hook("map_body")  # pyright: ignore[reportUntypedFunctionDecorator]
def _whole_numbers_as_browsers_write_them(_context: Any, body: Any) -> Any:
    """JSON Schema takes 1.0 for an integer; nobody's JSON.stringify writes that, and the doors refuse it."""
    if isinstance(body, dict):
        return {name: _whole_numbers_as_browsers_write_them(_context, value) for name, value in body.items()}
    if isinstance(body, list):
        return [_whole_numbers_as_browsers_write_them(_context, value) for value in body]
    return int(body) if isinstance(body, float) and body.is_integer() else body


@schema.parametrize()  # pyright: ignore[reportUntypedFunctionDecorator]
@examples(max_examples=20, deadline=None, derandomize=True, database=None, suppress_health_check=UNHURRIED)
def test_the_app_keeps_the_contract(case: "schemathesis.Case[Any]") -> None:
    # A query may hold what we do not know (portals add such): there an addition is no reason to refuse.
    lenient = [negative_data_rejection] if case.operation.query else []
    case.call_and_validate(excluded_checks=lenient)
