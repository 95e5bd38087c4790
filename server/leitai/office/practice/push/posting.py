"""Posts to push services over HTTP."""

from collections.abc import Mapping

import httpx2
import structlog

from leitai.office.practice.push.reminding import Outcome

_TIMEOUT_S = 10.0
_GONE = (404, 410)
_log = structlog.get_logger()


class Posting:
    """`office.practice.push.reminding.Sender` over HTTP. To whom may be posted was judged before."""

    async def send(self, endpoint: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        """See `Sender.send`."""
        try:
            async with (
                httpx2.AsyncClient(timeout=_TIMEOUT_S, follow_redirects=False, trust_env=False) as client,
                client.stream("POST", endpoint, headers=dict(headers), content=body) as answer,
            ):
                status = answer.status_code
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as fault:
            _log.info("push_not_sent", reason=type(fault).__name__)
            return Outcome.FAILED
        if status in _GONE:
            return Outcome.GONE
        if not 200 <= status < 300:
            _log.info("push_refused", status=status)
            return Outcome.FAILED
        return Outcome.SENT
