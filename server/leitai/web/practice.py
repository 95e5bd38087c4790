"""The application of the learners' door: its parts' routes, the doorkeeper around them, the pages behind them."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Route

from leitai.web import machines
from leitai.web.contract import Endpoint
from leitai.web.contract.practice import PRACTICE_OPERATIONS
from leitai.web.doors import Readiness, WebSettings
from leitai.web.errors import EXCEPTION_HANDLERS
from leitai.web.learners import LearnerDoors
from leitai.web.pages import Pages
from leitai.web.parts import PracticePart
from leitai.web.security import Doorkeeper

PAGES = {"/": "practice.html", "/practice": "practice.html"}


def build_practice_app(
    accounts: LearnerDoors,
    parts: Sequence[PracticePart],
    readiness: Readiness,
    settings: WebSettings,
    more: Sequence[BaseRoute] = (),
) -> Starlette:
    """Return the application; operations of a part that is not there have no door. `more` are routes beside the
    published ones (sockets', where Starlette has them).
    """
    learner_of = accounts.learner_of()
    endpoints: dict[str, Endpoint] = {**machines.endpoints(readiness)}
    for part in parts:
        endpoints.update(part.practice_endpoints(learner_of, settings.max_body_bytes))
    app = Starlette(
        routes=[
            Route(one.path, endpoints[one.name], methods=[one.method], name=one.name)
            for one in PRACTICE_OPERATIONS
            if one.name in endpoints
        ]
        + [*more],
        middleware=[Middleware(Doorkeeper, settings=settings)],
        exception_handlers=dict(EXCEPTION_HANDLERS),
    )
    app.router.redirect_slashes = False
    app.router.default = Pages(settings.client, PAGES)
    return app
