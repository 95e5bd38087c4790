"""What machines ask of any process."""

from leitai.web.contract.table import Operation
from leitai.wire import (
    bodies,
)

MACHINES: tuple[Operation, ...] = (
    Operation("healthz", "GET", "/healthz", "machines", "The process answers.", bodies.HealthBody),
    Operation(
        "readyz",
        "GET",
        "/readyz",
        "machines",
        "Whether the process can do its work; 503 with what is missing when it cannot.",
        bodies.ReadyBody,
        also=(503,),
    ),
)
