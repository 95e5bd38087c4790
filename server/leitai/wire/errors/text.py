"""What a code has to say."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ErrorText:
    """A code's sentences and whether trying again makes sense."""

    zh: str
    en: str
    retry: bool = False
    status: int = 0
    """Of HTTP, for codes of the office; 0: web.errors has it, or it is none of HTTP's."""

    def say(self, locale: str) -> str:
        """Return the sentence in `locale` (`en…`, else Chinese)."""
        return self.en if locale.lower().startswith("en") else self.zh
