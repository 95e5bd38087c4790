"""Questions for property tests: such as the bank may hold, with harmless texts or with the hardest there are."""

from hypothesis import strategies as st

from leitai.office.bank import MODULES, TRUE_FALSE_OPTIONS, Option, Question
from leitai.office.importing.answers import BLANK, LETTERS
from leitai.office.importing.drafts import clean, is_odd
from leitai.rules.marking import normalise
from leitai.rules.values import Key, QuestionType

_HARD_WORDS = (
    "{=甲 ~乙}",
    "答案：A",
    "【答案】B",
    "解析：",
    "1. 第一",
    "\n2. 第二",
    "A. 甲 B. 乙",
    "<b>粗</b> & &lt;",
    "]]>",
    "::题::",
    "//",
    "$CATEGORY: x",
    "%50%",
    "#",
    "####",
    "\\n",
    "\\",
    "a\\;b|c",
    "=1+1",
    "'=1",
    "@",
    "\n",
    "\n\n",
    "  ",
    "\t",
    "{1:SHORTANSWER:=x}",
    "ANSWER: A",
    "一、单选题",
    "参考答案",
    "1-5 ABCDE",
    "（ A ）",
    "→ -> ",
    "“引号”\"'",
    "𠮷𰻞",
    "é\u0301",
    "\u3000",
    "\u00a0",
    "\u2028",
    "_x0041_",
    "题型,题干,答案",
    "<?xml?>",
    "<!DOCTYPE",
    "正确",
    "[html]",
    "[tag:x]",
)
TAME = st.text("甲乙丙丁戊己庚辛abcxyz0123，。、？《》“”（）()%=+-@<>&'\"#{}~:\\|;/ ", min_size=1, max_size=16)
"""What people write: no line breaks, and nothing that is a mark of its own."""
HARD = st.lists(
    st.one_of(st.sampled_from(_HARD_WORDS), st.text("甲乙ab12 \n", min_size=1, max_size=4)), min_size=1, max_size=5
).map("".join)
"""What means something in one of the formats, and odd characters."""


def _line(texts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return texts.map(clean).filter(lambda text: text != "" and not is_odd(text))


@st.composite
def questions(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> Question:
    """A question of any type, all of whose texts are of one kind."""
    text = _line(texts)
    type_ = draw(st.sampled_from(QuestionType))
    options: tuple[Option, ...] = ()
    parts: tuple[str, ...] = ()
    word = draw(st.text("天地玄黄宇宙洪荒日月盈昃辰宿列张", min_size=2, max_size=6))
    stem = clean(f"题{word} {draw(text)}")
    key = Key()
    match type_:
        case QuestionType.SINGLE | QuestionType.MULTIPLE | QuestionType.INDETERMINATE:
            found = draw(st.lists(text, min_size=2, max_size=8, unique_by=lambda one: normalise(one) or one))
            options = tuple(Option(letter, one) for letter, one in zip(LETTERS, found, strict=False))
            least = 2 if type_ is QuestionType.MULTIPLE else 1
            most = 1 if type_ is QuestionType.SINGLE else len(found)
            letters = st.sets(st.sampled_from([option.id for option in options]), min_size=least, max_size=most)
            key = Key(frozenset(draw(letters)))
        case QuestionType.TRUE_FALSE:
            options = tuple(Option(*one) for one in TRUE_FALSE_OPTIONS)
            key = Key(frozenset({draw(st.sampled_from("TF"))}))
        case QuestionType.FILL_IN:
            stem += draw(st.sampled_from(["____", "（ ）", "（　）日、__________"]))
            blanks = st.lists(text, min_size=1, max_size=3, unique=True).map(tuple)
            key = Key(blanks=tuple(draw(blanks) for _ in BLANK.findall(stem)))
        case QuestionType.SHORT_ANSWER:
            key = Key(blanks=((draw(text),),))
        case _:
            parts = tuple(draw(st.lists(text, min_size=1, max_size=3)))
            key = Key(blanks=tuple((draw(text),) for _ in parts))
    plain = st.text("法律合同", min_size=1, max_size=4)
    return Question(
        type=type_,
        stem=stem,
        options=options,
        key=key,
        explanation=draw(st.one_of(st.just(""), text)),
        difficulty=draw(st.integers(1, 5)),
        module=draw(st.sampled_from(MODULES)),
        point=draw(st.one_of(st.just(""), plain)),
        tags=tuple(draw(st.lists(plain, max_size=2, unique=True))),
        parts=parts,
    )
