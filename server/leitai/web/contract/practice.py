"""Everything at the learners' door: a table for each part of the practice."""

from leitai.web.contract.learners import BOARDS, LEARNERS
from leitai.web.contract.machines import MACHINES
from leitai.web.contract.practice_sets import PRACTICE_SETS
from leitai.web.contract.table import Operation

PRACTICE_OPERATIONS: tuple[Operation, ...] = (
    *LEARNERS,
    *BOARDS,
    *PRACTICE_SETS,
    *MACHINES,
)
