"""Accounts of learners as an office sees them, in PostgreSQL: `office.practice.learner_care.CareStore`."""

from leitai.stores.postgres.auditing import audit
from leitai.stores.postgres.learners_store import LearnersStore
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.queries import Queries
from leitai.stores.postgres.rows import storable
from leitai.stores.postgres.vault import Vault

_CARE = Queries("learner_care")


class LearnerCareStore(LearnersStore):
    """What an office changes of accounts, each change audited. Arguments as of `LearnersStore`."""

    def __init__(self, database: Database, vault: Vault) -> None:
        super().__init__(database, vault)
        self._accounts = database

    async def province(self, learner_id: int) -> str:
        """See `CareStore.province`."""
        async with self._accounts.connection() as connection:
            found: str | None = await connection.fetchval(_CARE["province"], learner_id)
        if found is None:
            raise KeyError(learner_id)
        return found

    async def set_disabled(self, learner_id: int, reason: str, actor: str, *, disabled: bool) -> None:
        """See `CareStore.set_disabled`."""
        async with self._accounts.transaction() as connection:
            if await connection.fetchval(_CARE["set_disabled"], learner_id, disabled) is None:
                raise KeyError(learner_id)
            await connection.execute(_CARE["forget"], learner_id)
            action = "disable-learner" if disabled else "enable-learner"
            await audit(connection, actor, action, f"learner {learner_id}", {"reason": storable(reason)})

    async def issue_recovery(self, learner_id: int, digest: bytes, until_us: int, actor: str) -> None:
        """See `CareStore.issue_recovery`."""
        async with self._accounts.transaction() as connection:
            if await connection.fetchval(_CARE["issue"], learner_id, digest, until_us, actor) is None:
                raise KeyError(learner_id)
            await audit(connection, actor, "issue-recovery", f"learner {learner_id}", {"until_us": until_us})

    async def recover(self, learner_id: int, digest: bytes, at_us: int, password: str) -> bool:
        """See `CareStore.recover`."""
        async with self._accounts.transaction() as connection:
            issued_by: str | None = await connection.fetchval(_CARE["use_up"], learner_id, digest, at_us)
            if issued_by is None:
                return False
            await connection.execute(_CARE["set_password"], learner_id, password)
            subject = f"learner {learner_id}"
            await audit(connection, subject, "recover-password", subject, {"issued_by": issued_by})
        return True
