"""Aiken: a question, its options by letter, and `ANSWER: B` (docs.moodle.org, Aiken format)."""

import re

from leitai.office.importing.drafts import LONG, Draft, Drafts, clean
from leitai.office.importing.problems import Place

_OPTION = re.compile(r"([A-Z])[.)][ \t]+(.*)")
_ANSWER = re.compile(r"ANSWER:[ \t]*(.*)", re.IGNORECASE)


def is_aiken(text: str) -> bool:
    """Whether a text has answers as Aiken has them."""
    return re.search(r"^ANSWER:[ \t]*[A-Za-z]", text, re.MULTILINE) is not None


def read_aiken(text: str) -> Drafts:
    """Return the questions of an Aiken file; a stem of several lines is taken as one."""
    found = Drafts()
    draft: Draft | None = None
    for number, line in enumerate(text.split("\n"), start=1):
        plain = clean(line)
        if not plain:
            continue
        if draft is None:
            draft = Draft(Place("aiken", number), {"stem": plain})
            found.add(draft)
            continue
        answer = _ANSWER.fullmatch(plain)
        option = _OPTION.fullmatch(plain)
        if answer is not None:
            draft.fields["answer"] = answer[1].strip()
            draft = None
        elif option is not None:
            _option(draft, option[1], option[2].strip())
        elif any(field.startswith("option") for field in draft.fields):
            draft.problems.append(("option_A", "line-unexpected", plain))
        elif len(draft.fields["stem"]) < LONG:
            draft.fields["stem"] += "\n" + plain
    return found


def _option(draft: Draft, letter: str, text: str) -> None:
    field = f"option_{letter}"
    if field in draft.fields:
        draft.problems.append((field, "option-twice", letter))
    elif letter > "H":
        draft.problems.append(("option_H", "options-too-many", "8"))
    draft.fields[field] = text
