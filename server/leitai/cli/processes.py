"""The processes of a deployment on one machine: what each is called and how it is started."""

import sys
from collections.abc import Iterable, Mapping

from leitai.compose import VIEWERS
from leitai.config import Settings
from leitai.supervisor import Role


def processes(
    settings: Settings,
    roles: Iterable[str],
    gateways: int,
    listener: int,
    office_listener: int = -1,
    practice_listener: int = -1,
    monthly_listener: int = -1,
    *,
    viewers_way: tuple[int, int] | None = None,
    environment: Mapping[str, str] | None = None,
) -> list[Role]:
    """Return a process for each of `roles`, and `gateways` of them for the gateway.

    Gateways come last, but for the viewers': they start after the others and stop before them. Every process has an
    address for machines of its own: where the setting names a port, the first has that, and each further one the next.

    Args:
        settings: those of the whole; the addresses of their doors are handed on.
        roles: of `compose.ROLES`, and `compose.MONTHLY`.
        gateways: how many processes share the port.
        listener: the descriptor of the open listening socket.
        office_listener: the same for the staff's door; negative: the office's process opens it.
        practice_listener: the same for the learners' door.
        monthly_listener: the same for the door of 月月比.
        viewers_way: both ends of the way by which gateways hand on the sockets of whoever only watches, to a process of
            their own (`web.handing.open_way`); None: there is none.
        environment: set beside ours, for all.
    """
    names = [role for role in roles if role != "gateway"] + [f"gateway-{number}" for number in range(gateways)]
    if viewers_way is not None:
        names.append(VIEWERS)
    made: list[Role] = []
    for place, name in enumerate(names):
        kind = name.partition("-")[0]
        variables = {
            **(environment or {}),
            "LEITAI_NAME": name,
            "LEITAI_LISTEN": settings.listen,
            "LEITAI_OFFICE_LISTEN": settings.office_listen,
            "LEITAI_PRACTICE_LISTEN": settings.practice_listen,
            "LEITAI_MONTHLY_LISTEN": settings.monthly_listen,
            "LEITAI_METRICS_LISTEN": next_port(settings.metrics_listen, place),
        }
        handed_down: tuple[int, ...] = ()
        if kind == "gateway":
            variables["LEITAI_LISTENER"] = str(listener)
            handed_down = (listener,)
            if viewers_way is not None:
                variables["LEITAI_VIEWERS_OUT"] = str(viewers_way[0])
                handed_down = (listener, viewers_way[0])
        elif kind == VIEWERS and viewers_way is not None:
            variables["LEITAI_VIEWERS_IN"] = str(viewers_way[1])
            handed_down = (viewers_way[1],)
        elif kind == "office" and office_listener >= 0:
            # Handed down so that a successor can open it before its predecessor has left.
            variables["LEITAI_OFFICE_LISTENER"] = str(office_listener)
            handed_down = (office_listener,)
        elif kind == "practice" and practice_listener >= 0:
            variables["LEITAI_PRACTICE_LISTENER"] = str(practice_listener)
            handed_down = (practice_listener,)
        elif kind == "monthly" and monthly_listener >= 0:
            variables["LEITAI_MONTHLY_LISTENER"] = str(monthly_listener)
            handed_down = (monthly_listener,)
        made.append(Role(name, (sys.executable, "-m", "leitai.role", kind), variables, handed_down))
    return made


def next_port(address: str, place: int) -> str:
    """Return the address `place` ports on; any free port stays so."""
    host, _, port = address.rpartition(":")
    return f"{host}:{int(port) + place if int(port) else 0}"
