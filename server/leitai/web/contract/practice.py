"""Everything at the learners' door: a table for each part of the practice."""

from leitai.web.contract.learner_care import RECOVERY
from leitai.web.contract.learners import BOARDS, LEARNERS
from leitai.web.contract.machines import MACHINES
from leitai.web.contract.monthly import MONTHLY
from leitai.web.contract.practice_films import PRACTICE_FILMS
from leitai.web.contract.practice_matches import PRACTICE_MATCHES
from leitai.web.contract.practice_push import PRACTICE_PUSH
from leitai.web.contract.practice_sets import PRACTICE_SETS
from leitai.web.contract.table import Operation

PRACTICE_OPERATIONS: tuple[Operation, ...] = (
    *LEARNERS,
    *RECOVERY,
    *BOARDS,
    *PRACTICE_SETS,
    *PRACTICE_FILMS,
    *PRACTICE_PUSH,
    *MONTHLY,
    *PRACTICE_MATCHES,
    *MACHINES,
)
