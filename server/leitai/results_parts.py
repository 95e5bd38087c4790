"""Builds the parts of results and the audit, with what each needs. Imported by office_parts only."""

from leitai.office.final_results import FinalResults
from leitai.office.signing import Signer
from leitai.stores.postgres.audit_store import PostgresAudit
from leitai.stores.postgres.awards_store import PostgresAwards
from leitai.stores.postgres.office_store import PostgresOffice
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.results_store import PostgresSeals
from leitai.stores.postgres.vault import Vault
from leitai.web.auditing import AuditPart
from leitai.web.final_results import ResultsPart
from leitai.web.parts import OfficePart


def results_parts(database: Database, vault: Vault) -> tuple[OfficePart, ...]:
    """Return the staff's doors. Nothing connects yet."""
    office, seals = PostgresOffice(database, vault), PostgresSeals(database, vault)
    return (
        ResultsPart(FinalResults(office, seals, PostgresAwards(database)), office.audit),
        AuditPart(PostgresAudit(database), Signer(seals)),
    )
