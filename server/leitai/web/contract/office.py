"""What the office does before and after a contest: a table per part of it, put together here."""

from leitai.web.contract.auditing import AUDIT, RESULTS, RESULTS_KEY
from leitai.web.contract.awards import AWARDS, PUBLICITY
from leitai.web.contract.bank import BANK
from leitai.web.contract.bank_files import BANK_FILES
from leitai.web.contract.calendar import CALENDAR, STAFF_CALENDAR
from leitai.web.contract.draw import DRAW, PUBLIC_DRAW
from leitai.web.contract.learner_care import LEARNER_CARE
from leitai.web.contract.learners import ORGANISATIONS
from leitai.web.contract.monthly import MONTHLY_OFFICE
from leitai.web.contract.nominations import NOMINATIONS, PUBLIC_ROSTER, ROSTERS
from leitai.web.contract.own_contests import OWN_CONTESTS, PUBLIC_REGISTRATION
from leitai.web.contract.papers import PAPERS
from leitai.web.contract.pool import POOL
from leitai.web.contract.practice_films import PRACTICE_FEATURES
from leitai.web.contract.practice_sets import PRACTICE_OFFICE
from leitai.web.contract.stage import PUBLIC_STAGE, STAGE
from leitai.web.contract.table import Operation

OFFICE: tuple[Operation, ...] = (
    *RESULTS,
    *AUDIT,
    *BANK,
    *BANK_FILES,
    *NOMINATIONS,
    *PAPERS,
    *ROSTERS,
    *AWARDS,
    *POOL,
    *STAFF_CALENDAR,
    *DRAW,
    *ORGANISATIONS,
    *PRACTICE_OFFICE,
    *PRACTICE_FEATURES,
    *LEARNER_CARE,
    *MONTHLY_OFFICE,
    *STAGE,
    *OWN_CONTESTS,
)
"""Every part's own table for the staff, one line each."""
PUBLIC: tuple[Operation, ...] = (
    *RESULTS_KEY,
    *PUBLIC_ROSTER,
    *PUBLICITY,
    *CALENDAR,
    *PUBLIC_DRAW,
    *PUBLIC_STAGE,
    *PUBLIC_REGISTRATION,
)
"""What parts tell everybody, at the contest's address."""
