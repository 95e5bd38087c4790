"""A topic of practice is a module and a type of question; stores keep it as one small number."""

from leitai.office.bank import MODULES, REGIONAL_MODULE
from leitai.rules.practice_sets import PRACTISED
from leitai.rules.values import QuestionType

PRACTISED_MODULES = (*MODULES, REGIONAL_MODULE)
"""In the syllabus' order. What stands here never changes its place, since numbers follow from it."""


def topic(module: str, question_type: QuestionType) -> int:
    """Return the number of a topic; raises ValueError for one that is not practised."""
    return PRACTISED_MODULES.index(module) * 10 + PRACTISED.index(question_type)


def topics(module: str, question_type: QuestionType | None) -> list[int]:
    """Return the numbers of a module and a type; '' and None stand for all of them. Raises ValueError."""
    modules = (module,) if module else PRACTISED_MODULES
    types = PRACTISED if question_type is None else (question_type,)
    return [topic(one, other) for one in modules for other in types]


def module_of(number: int) -> str:
    """Return the module of a topic."""
    return PRACTISED_MODULES[number // 10]
