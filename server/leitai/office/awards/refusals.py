"""What the law of publication refuses is in the audit, with its code."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

from leitai.office.awards.ports import AwardsStore
from leitai.rules.publicity import PublicityRefused
from leitai.rules.values import ActorId, SessionId


@asynccontextmanager
async def audited(
    awards: AwardsStore, session_id: SessionId, actor: ActorId, action: str, detail: Mapping[str, object]
) -> AsyncGenerator[None]:
    """Write down a refusal that the block meets, and let it pass on."""
    try:
        yield
    except PublicityRefused as refused:
        await awards.award_audit(actor, f"refused-{action}", session_id, {**detail, "code": refused.code})
        raise
