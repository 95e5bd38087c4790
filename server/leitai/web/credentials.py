"""What people type from an admission ticket, in one form."""

import unicodedata


def plain(typed: str) -> str:
    """Return `typed` without what a person may add or change: width, case, blanks, dashes, any other sign."""
    text = unicodedata.normalize("NFKC", typed).upper()
    return "".join(sign for sign in text if sign.isascii() and sign.isalnum())
