"""HTML as plain text, the way a page shows it: lines of blocks, no marks, nothing hidden or run."""

import re
from html.parser import HTMLParser

_BLOCKS = frozenset(
    {"p", "div", "li", "ul", "ol", "tr", "table", "pre", "blockquote", "section", "article", "dl", "dt", "dd", "hr"}
    | {f"h{number}" for number in range(1, 7)}
)
_PICTURES = frozenset({"img", "svg", "object", "video", "audio", "iframe", "embed", "canvas", "math"})
_HIDDEN = frozenset({"script", "style", "template", "head", "title"})
# Looked behind, so that a long run of blanks is searched once and not from each of them.
_BREAK = re.compile(r"(?<![^\S\n\u3000])[^\S\n\u3000]*\n\s*")
_TAG = re.compile(
    r"</?(?:p|br|b|i|u|em|strong|div|span|img|ul|ol|li|sub|sup|table|tr|td|h[1-6])(?:\s[^<>]*)?/?>", re.IGNORECASE
)


def html_text(html: str) -> str:
    """Return the text of an HTML fragment; a picture is an object replacement character."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return tidy("".join(reader.parts))


def looks_like_html(text: str) -> bool:
    """Whether a text of unknown form holds marks of HTML."""
    return _TAG.search(text) is not None


def block(tag: str) -> bool:
    """Whether an element of (X)HTML begins and ends a line."""
    return tag in _BLOCKS


def picture(tag: str) -> bool:
    """Whether an element of (X)HTML shows what is no text."""
    return tag in _PICTURES


def flow(parts: list[str], text: str) -> None:
    """Add text as it flows: a line break in the source is a blank, and nothing where a line begins."""
    said = _BREAK.sub(" ", text)
    parts.append(said.lstrip(" \t") if parts and parts[-1] in ("\n", "\v") and said != text else said)


def tidy(text: str) -> str:
    """Return gathered text with `\\v` for the ends of blocks: one line break for any number of them."""
    return re.sub(r"(?<![ \t\v])[ \t]*\v[ \t\v]*", "\n", text.strip(" \n\t\v")).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden += 1
        if block(tag) or tag == "br":
            self.parts.append("\n" if tag == "br" else "\v")
        if picture(tag):
            self.parts.append("\N{OBJECT REPLACEMENT CHARACTER}")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _HIDDEN:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        if block(tag):
            self.parts.append("\v")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            flow(self.parts, data)
