"""What people type from an admission ticket, in one form."""

import unicodedata

_NOT_KEPT = {code: None for code in range(128) if not chr(code).isalnum()}


def plain(typed: str) -> str:
    """Return `typed` without what a person may add or change: width, case, blanks, dashes, any other sign."""
    if not typed.isascii():
        typed = "".join(sign for sign in unicodedata.normalize("NFKC", typed) if sign.isascii())
    return typed.upper().translate(_NOT_KEPT)
