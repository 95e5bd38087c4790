"""Citizens' identity numbers (公民身份号码, GB 11643-1999): what can be one, and how much of one a page may show."""

from datetime import date

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_LENGTH = 18


def valid_id_number(text: str) -> bool:
    """Return whether `text` is an identity number: 17 digits with a date of birth that exists, and the check digit."""
    body = text[:17]
    if len(text) != _LENGTH or not (body.isascii() and body.isdigit()) or body[0] == "0":
        return False
    try:
        date(int(body[6:10]), int(body[10:12]), int(body[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return text[17] == _CHECKS[total % 11]


def check_digit(body: str) -> str:
    """Return the check digit of the first 17 digits (GB 11643-1999, 4.2); raises ValueError for what is not that."""
    if len(body) != _LENGTH - 1 or not (body.isascii() and body.isdigit()):
        raise ValueError("17 digits are wanted")
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True)) % 11]


def masked_id_number(text: str) -> str:
    """Return a number as pages show it: its last four signs, enough to tell two people apart; empty stays empty."""
    return "*" * (_LENGTH - 4) + text[-4:] if text else ""


def masked_phone(text: str) -> str:
    """Return a telephone number as pages show it: its last four signs; empty stays empty."""
    return "*" * max(0, len(text) - 4) + text[-4:] if text else ""
