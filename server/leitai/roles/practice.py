"""The practice: the learners' door, apart from any contest and from the staff."""

import asyncio
from collections.abc import Callable

from leitai.config import Settings
from leitai.machine_door import ProcessReadiness
from leitai.office.practice.push.reminding import Services
from leitai.office.practice.timing import SYSTEM_CLOCK, Clock
from leitai.practice_door import serve_practice
from leitai.practice_parts import Practice, practice_parts
from leitai.resources import built_client
from leitai.roles.parts import Parts
from leitai.web.doors import WebSettings


async def attend_learners(
    parts: Parts,
    readiness: ProcessReadiness,
    stopping: asyncio.Event,
    began: Callable[[], None],
    clock: Clock = SYSTEM_CLOCK,
    services: Services | None = None,
) -> None:
    """Serve learners until `stopping`. What day it is follows from `clock`; for `services` see `practice_parts`."""

    def build(settings: Settings, web: WebSettings) -> Practice:
        return practice_parts(parts.database, parts.vault, settings, web, parts.store, clock, services)

    await serve_practice(parts.settings, build, readiness, built_client(), began, stopping)
