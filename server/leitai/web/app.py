"""The HTTP application: routes by audience, the doorkeeper around them, the pages behind them."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Route

from leitai.web import boards, contestant, machines, results
from leitai.web.contract import OPERATIONS, Endpoint
from leitai.web.contract.office import PUBLIC
from leitai.web.doors import Doors, WebSettings
from leitai.web.errors import EXCEPTION_HANDLERS
from leitai.web.pages import Pages
from leitai.web.parts import ContestantPart, PublicPart
from leitai.web.security import Doorkeeper


def build_app(
    doors: Doors, settings: WebSettings, more: Sequence[BaseRoute] = (), parts: Sequence[PublicPart] = ()
) -> Starlette:
    """Return the application.

    `more` are routes beside the published ones (the socket's, where Starlette has it); `parts` are those of the office
    with something to tell everybody.
    """
    endpoints: dict[str, Endpoint] = {
        **contestant.endpoints(doors, settings),
        **boards.endpoints(doors),
        **results.endpoints(doors),
        **machines.endpoints(doors.readiness),
    }
    for part in parts:
        endpoints.update(part.public_endpoints())
        if isinstance(part, ContestantPart):
            seated = contestant.seated(doors.tickets, settings.seat_cookie)
            endpoints.update(part.contestant_endpoints(seated, settings.max_body_bytes))
    # A part that is not there has no doors; everything else has.
    absent = {one.name for one in PUBLIC} - endpoints.keys()
    routes = [
        Route(one.path, endpoints[one.name], methods=[one.method], name=one.name)
        for one in OPERATIONS
        if one.name not in absent
    ]
    app = Starlette(
        routes=[*routes, *more],
        middleware=[Middleware(Doorkeeper, settings=settings)],
        exception_handlers=dict(EXCEPTION_HANDLERS),
    )
    app.router.redirect_slashes = False
    app.router.default = Pages(settings.client)
    return app
