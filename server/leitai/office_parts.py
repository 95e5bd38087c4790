"""Builds the parts of the office's work before and after a contest, with what each needs. Imported by compose only."""

from leitai.config import Settings
from leitai.office.question_desk import QuestionDesk
from leitai.office.syllabus_desk import SyllabusDesk
from leitai.stores.postgres.pool import Database
from leitai.stores.postgres.questions_store import QuestionsStore
from leitai.stores.postgres.syllabus_store import SyllabusEditionsStore
from leitai.stores.postgres.vault import Vault
from leitai.web.bank import BankPart
from leitai.web.parts import OfficePart, PublicPart


def office_parts(database: Database, vault: Vault, settings: Settings) -> tuple[OfficePart, ...]:
    """Return every part for the staff, in no particular order. Nothing connects yet."""
    del vault, settings
    syllabus = SyllabusEditionsStore(database)
    return (BankPart(QuestionDesk(QuestionsStore(database), syllabus), SyllabusDesk(syllabus)),)


def public_parts(database: Database, vault: Vault, settings: Settings) -> tuple[PublicPart, ...]:
    """Return every part that anybody may look at. Nothing connects yet."""
    del database, vault, settings
    return ()
