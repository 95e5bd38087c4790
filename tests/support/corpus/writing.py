"""Running text, GIFT, Aiken, Moodle XML and QTI items, as text that somebody typed or a program damaged."""

from collections.abc import Iterator

from tests.support.corpus import Case, refused, taken

_ONE = "1. 甲是什么？\nA. 一\nB. 二\n答案：A\n"
_OPTIONS = (
    "A. 一\nB. 二",
    "A、一\nB、二",
    "(A) 一\n(B) 二",
    "（A）一\n（B）二",
    "A．一\nB．二",
    "A: 一\nB: 二",
    "Ａ．一\nＢ．二",
    "A. 一 B. 二",
    "A. 一\tB. 二",
    "A. 一；B. 二",
    "B. 二\nA. 一",
    "\u3000A. 一\n\u3000B. 二",
)
_STARTS = ("1. ", "1、", "1．", "（1）", "(1)", "第1题 ", "第 1 题：", "１．", "1) ", "1: ", "001. ", "")
_ANSWERS = (
    "答案：A",
    "答案:A",
    "【答案】A",
    "正确答案：Ａ",
    "参考答案: A",
    "答案：A。",
    "【答案】\nA",
    "答：A",
    "答案： A ",
)
_QUIZ = '<?xml version="1.0"?><quiz>{}</quiz>'
_MOODLE = (
    '<question type="multichoice"><questiontext><text>{}</text></questiontext><single>true</single>'
    '<answer fraction="100"><text>一</text></answer><answer fraction="0"><text>二</text></answer></question>'
)
_LAUGHS = "<!DOCTYPE quiz [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {chr(98 + n)} '{('&' + chr(97 + n) + ';') * 10}'>" for n in range(9)
)


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _text()
    yield from _bad_text()
    yield from _gift()
    yield from _aiken()
    yield from _xml()
    yield from _nothing()


def _text() -> Iterator[Case]:
    for options in _OPTIONS:
        yield taken(f"options {options!r}", f"1. 甲？\n{options}\n答案：A\n2. 乙？\n{options}\n答案：B".encode(), 2)
    for start in _STARTS:
        again = start.replace("1", "2").replace("１", "２")
        text = f"{start}甲？\nA. 一\nB. 二\n答案：A\n\n{again}乙？\nA. 一\nB. 二\n答案：B\n"
        yield taken(f"numbers as {start!r}", text.encode(), 2)
    for answer in _ANSWERS:
        yield taken(
            f"text answer {answer!r}", f"1. 甲？\nA. 一\nB. 二\n{answer}\n2. 乙？\nA. 一\nB. 二\n答案：B".encode(), 2
        )
    for encoding in ("utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16-le", "utf-16"):
        mark = b"\xff\xfe" if encoding == "utf-16-le" else b""
        yield taken(f"text in {encoding}", mark + _ONE.encode(encoding), 1, file_name="题库.csv")
    for ending in ("\r\n", "\r", "\n\n"):
        yield taken(f"lines ended by {ending!r}", _ONE.replace("\n", ending).encode(), 1)
    for groups in ("1-2 AB", "1～2：AB", "1. A 2. B", "1.A\n2.B", "1、A；2、B", "1—2 A B", "１－２ ＡＢ"):
        text = f"1. 甲？\nA. 一\nB. 二\n2. 乙？\nA. 一\nB. 二\n\n参考答案\n{groups}\n"
        yield taken(f"answers together {groups!r}", text.encode(), 2)
    yield taken(
        "eight options", ("1. 甲？\n" + "\n".join(f"{x}. {x}{x}" for x in "ABCDEFGH") + "\n答案：H").encode(), 1
    )
    yield taken("truth in brackets", "1. 甲。（√）\n2. 乙。（ × ）\n3. 丙。(对)".encode(), 3)
    yield taken("blanks", "1. 甲____乙（ ）。\n答案：一;1|二\n".encode(), 1)
    yield taken("a title and notes above", f"题库\n请认真作答\n\n{_ONE}".encode(), 1)
    yield taken("marks of direction", f"\u202a{_ONE}\u202c".encode(), 1)
    yield taken("a number within a stem", "1. 占比为\n3.5%的是？\nA. 一\nB. 二\n答案：A\n".encode(), 1)
    yield taken("a form feed", f"\f{_ONE}".encode(), 1)


def _bad_text() -> Iterator[Case]:
    nine = "\n".join(f"{x}. {x}{x}" for x in "ABCDEFGHI")
    for name, text, code in [
        ("nine options", f"1. 甲？\n{nine}\n答案：A", "options-too-many"),
        ("an option twice", "1. 甲？\nA. 一\nA. 二\nB. 三\n答案：A", "option-twice"),
        ("an option missing", "1. 甲？\nA. 一\nC. 三\n答案：A", "options-gap"),
        ("an option empty", "1. 甲？\nA.\nB. 二\n答案：B", "missing"),
        ("an answer outside", "1. 甲？\nA. 一\nB. 二\n答案：D", "answer-not-an-option"),
        ("no answer", "1. 甲？\nA. 一\nB. 二", "missing"),
        ("two answers to a single choice", "一、单选题\n1. 甲？\nA. 一\nB. 二\n答案：AB", "answer-one"),
        ("the answer twice", "1. 甲？\nA. 一\nB. 二\n答案：A\n答案：B", "field-twice"),
        ("a line of nothing", "1. 甲？\nA. 一\nB. 二\n答案：A\n？？", "line-unexpected"),
        ("blanks unlike answers", "一、填空题\n1. 甲____乙____\n答案：一", "blanks-differ"),
        ("difficulty unknown", f"{_ONE}难度：极难", "difficulty-unknown"),
        ("a stem of 5,000", f"1. {'长' * 5000}\nA. 一\nB. 二\n答案：A", "too-long"),
        ("a line of 100,000 blanks", f"1. 甲{' ' * 100_000}乙\nA. 一\nB. 二\n答案：A", "too-long"),
    ]:
        yield taken(name, text.encode(), 0, code)
    yield taken("answers that overflow", "1. 甲？\nA. 一\nB. 二\n2. 乙？\nA. 一\nB. 二\n答案\n1-2 ABC".encode(), 0,
                "answers-differ", "missing")  # fmt: skip
    yield taken("answers to nobody", "1. 甲？\nA. 一\nB. 二\n2. 乙？\nA. 一\nB. 二\n答案\n1-3 ABA".encode(), 2,
                "answer-without-question")  # fmt: skip
    yield taken("a hundred letters in a group", f"1. 甲？\nA. 一\nB. 二\n2. 乙？\n答案：1-2 {'A' * 100}x".encode(), 0,
                "missing")  # fmt: skip


def _gift() -> Iterator[Case]:
    for name, text, questions, codes in [
        ("choice", "甲{=一 ~二}", 1, ()),
        ("escapes", r"甲\{\=\~\#\:乙{=一\=1 ~二\~2}", 1, ()),
        ("title and format", "::题::[html]<b>甲</b>{=一 ~二}", 1, ()),
        ("feedback", "甲{=一#对 ~二#错####说明}", 1, ()),
        ("several", "甲{~%50%一 ~%50%二 ~%-100%三}", 1, ()),
        ("truth", "甲{T}\n\n乙{FALSE#错}", 2, ()),
        ("short", "甲{=一 =二}", 1, ()),
        ("missing word", "甲{=一}乙", 1, ()),
        ("missing word of a choice", "甲{=一 ~二}乙", 1, ()),
        ("category", "$CATEGORY: a/社会保险\n\n甲{=一 ~二}", 1, ()),
        ("comments", "// x\n甲{=一 ~二}\n// y", 1, ()),
        ("partial credit", "甲{=一 ~%50%二}\n\n乙{T}", 1, ("partial-credit",)),
        ("matching", "甲{=一 -> 1 =二 -> 2}\n\n乙{T}", 1, ("kind-unsupported",)),
        ("numerical", "甲{#3..5}\n\n乙{T}", 1, ("kind-unsupported",)),
        ("a number", "甲{#1949}\n\n乙{T}", 2, ()),
        ("left open", "甲{=一 ~二\n\n乙{T}", 1, ("answer-unreadable",)),
        ("a huge question", f"甲{{{'=一' * 60_000}}}\n\n乙{{T}}", 1, ("too-long", "answer-unreadable")),
        ("a picture", "[html]<img src='x'>{=一 ~二}\n\n乙{T}", 1, ("picture",)),
        ("a script", "[html]<script>x</script>甲{=一 ~二}", 1, ()),
    ]:
        yield taken(f"gift {name}", text.encode(), questions, *codes)
    yield taken("gift in gbk", "甲{=一 ~二}".encode("gbk"), 1)


def _aiken() -> Iterator[Case]:
    for name, text, questions, codes in [
        ("plain", "甲\nA. 一\nB. 二\nANSWER: A", 1, ()),
        ("brackets", "甲\nA) 一\nB) 二\nANSWER: B", 1, ()),
        ("without blank lines", "甲\nA. 一\nB. 二\nANSWER: A\n乙\nA. 一\nB. 二\nANSWER: B", 2, ()),
        ("answer outside", "甲\nA. 一\nB. 二\nANSWER: C", 0, ("answer-not-an-option",)),
        ("option twice", "甲\nA. 一\nA. 二\nANSWER: A", 0, ("option-twice",)),
        (
            "nine options",
            "甲\n" + "\n".join(f"{x}. {x}" for x in "ABCDEFGHI") + "\nANSWER: A",
            0,
            ("options-too-many",),
        ),
        ("no answer at the end", "甲\nA. 一\nB. 二\nANSWER: A\n乙\nA. 一\nB. 二", 1, ("missing",)),
        ("a line between options", "甲\nA. 一\n？\nB. 二\nANSWER: A", 0, ("line-unexpected",)),
    ]:
        yield taken(f"aiken {name}", text.encode(), questions, *codes)


def _xml() -> Iterator[Case]:
    good = _QUIZ.format(_MOODLE.format("甲"))
    yield taken("moodle", good.encode(), 1)
    yield taken("moodle CDATA", _QUIZ.format(_MOODLE.format("<![CDATA[<p>甲</p>]]>")).encode(), 1)
    yield taken("moodle CDATA in CDATA", _QUIZ.format(_MOODLE.format("<![CDATA[甲]]]]><![CDATA[>]]>")).encode(), 1)
    yield taken("moodle with a mark", b"\xef\xbb\xbf" + good.encode(), 1)
    yield taken("moodle in gb2312", good.replace('"1.0"', '"1.0" encoding="gb2312"', 1).encode("gbk"), 1)
    yield taken("moodle in UTF-16 by name", good.replace('"1.0"', '"1.0" encoding="utf-8"', 1).encode(), 1)
    yield taken("moodle with a picture", _QUIZ.format(_MOODLE.format("&lt;img src='x'&gt;甲")).encode(), 0, "picture")
    yield taken(
        "moodle with entities of HTML", _QUIZ.format(_MOODLE.format("&lt;p&gt;甲&amp;nbsp;&lt;/p&gt;")).encode(), 1
    )
    yield taken(
        "moodle of an unknown kind", _QUIZ.format('<question type="ddmarker"/>').encode(), 0, "kind-unsupported"
    )
    yield refused("moodle without questions", _QUIZ.format("").encode(), "no-questions")
    yield refused("moodle cut off", good.encode()[:-30], "file-broken")
    yield refused(
        "moodle of another encoding", good.replace('"1.0"', '"1.0" encoding="klingon"', 1).encode(), "file-broken"
    )
    yield refused("moodle in two encodings", good.encode() + "乙".encode("gbk"), "file-broken")
    yield refused("laughs", f"<?xml version='1.0'?>{_LAUGHS}]><quiz>&j;</quiz>".encode(), "file-entities")
    for name, declared in [
        ("file", '<!ENTITY x SYSTEM "file:///etc/passwd">'),
        ("address", '<!ENTITY x SYSTEM "http://127.0.0.1:1/x">'),
        ("parameter", '<!ENTITY % x SYSTEM "http://127.0.0.1:1/x"> %x;'),
        ("nothing", ""),
    ]:
        data = f"<?xml version='1.0'?><!DOCTYPE quiz [{declared}]><quiz>{_MOODLE.format('&x;')}</quiz>"
        yield refused(f"document type with {name}", data.encode(), "file-entities")
    yield refused("an outer document type", b"<!DOCTYPE quiz SYSTEM 'http://127.0.0.1:1/x'><quiz/>", "file-entities")
    yield refused("XInclude", b"<include xmlns='http://www.w3.org/2001/XInclude' href='/etc/passwd'/>", "file-type")
    yield refused("depth", lambda: f"<quiz><question>{'<a>' * 5000}".encode(), "file-bomb")
    yield refused("breadth", lambda: f"<quiz><question>{'<a/>' * 60_000}</question></quiz>".encode(), "file-bomb")
    yield refused("another XML", b"<?xml version='1.0'?><rss/>", "file-type")
    yield refused("a page", b"<!DOCTYPE html><html><body>x</body></html>", "file-type")


def _nothing() -> Iterator[Case]:
    for name, data, code in [
        ("nothing", b"", "file-empty"),
        ("blanks alone", b" \r\n\t ", "file-empty"),
        ("zero bytes", bytes(1000), "file-type"),
        ("a zero byte in a text", _ONE.encode() + b"\0", "file-type"),
        ("a mark alone", b"\xef\xbb\xbf", "no-questions"),
        ("surrogates in UTF-8", b"1. \xed\xa0\x80\xed\xb0\x80", "file-encoding"),
        ("half of UTF-16", b"\xff\xfe\x31\x00\x2e", "file-encoding"),
        ("random bytes", bytes(range(256)), "file-type"),
        ("prose", "今天天气很好。\n明天也是。".encode(), "no-questions"),
        ("a PDF", b"%PDF-1.7\n%\xe2\xe3", "file-type"),
        ("an RTF", b"{\\rtf1 x}", "file-type"),
        ("an old Excel or Word file", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "file-old-excel"),
        ("gzip", b"\x1f\x8b\x08" + bytes(20), "file-type"),
        ("7z", b"7z\xbc\xaf\x27\x1c", "file-type"),
        ("rar", b"Rar!\x1a\x07", "file-type"),
        ("a program", b"\x7fELF" + bytes(60), "file-type"),
        ("a picture", b"\xff\xd8\xff\xe0" + bytes(60), "file-type"),
        ("too large", b"x" * ((32 << 20) + 1), "file-too-large"),
    ]:
        yield refused(name, data, code)
