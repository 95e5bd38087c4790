"""The table of HTTP: every operation with what goes in, what comes out and what may be refused.

The apps' routes and schema/http are both made from `OPERATIONS` (the contest's door) and `STAFF_OPERATIONS` (the
office's), so neither can leave the other behind. Each audience has its table in a file of its own.
"""

from leitai.web.contract.accounts import ACCOUNTS
from leitai.web.contract.air import FEED, ON_AIR
from leitai.web.contract.contest import OPERATIONS
from leitai.web.contract.day import DAY
from leitai.web.contract.desk import DESK
from leitai.web.contract.identity import IDENTITY
from leitai.web.contract.judging import JUDGING, MARKING
from leitai.web.contract.machines import MACHINES
from leitai.web.contract.office import OFFICE
from leitai.web.contract.reveal import REVEAL
from leitai.web.contract.table import EVENTS, JSON, MESSAGEPACK, Endpoint, Operation, Query

STAFF_OPERATIONS: tuple[Operation, ...] = (
    *ACCOUNTS,
    *IDENTITY,
    *DAY,
    *DESK,
    *JUDGING,
    *MARKING,
    *REVEAL,
    *OFFICE,
    *ON_AIR,
    *FEED,
    *MACHINES,
)
"""Everything at the office's door."""

__all__ = [
    "EVENTS",
    "JSON",
    "MESSAGEPACK",
    "OPERATIONS",
    "STAFF_OPERATIONS",
    "Endpoint",
    "Operation",
    "Query",
]
