"""Printed pages: characters that few fonts have, names that look like markup, codes, the same bytes again."""

import io
import re
from pathlib import Path
from time import process_time

import pytest
from msgspec import structs
from pylopdf_fonts_zh_cn import serif_path
from pypdf import PdfReader

from leitai.config import BadSettings, read_settings
from leitai.office.awards.printing import Page, lacking_in
from leitai.office.awards.wording import filled
from leitai.office.printing.fonts import BLANK, look_in, unprintable
from leitai.office.printing.qr import qr_svg
from leitai.office.printing.typesetting import Template, pdf, pictures

RARE = "㼆𬭎䶮㛃䴙𫖮龘"
NOWHERE = "𠮷"
"""No font of ours has it."""
AT_MOST_S = 10.0


def page(name: str = "张三", form: str = "certificate", number: str = "〔2022〕第0001号") -> Page:
    qr = qr_svg(f"https://contest.example.cn/verify#{number}")
    body = "在业务技能练兵比武活动全国赛中成绩优异，被授予全国“人社知识通”称号。\n特发此证，以资鼓励。"
    return Page(form, "荣誉证书", f"{name} 同志：", body, "团体特等奖", number, "扫码查验", qr, ["组委会"], "2022年")


def badge_data(name: str) -> dict[str, str]:
    words = ("title", "place", "period", "body", "date", "issuer")
    return {"recipient": name, **dict.fromkeys(words, "练兵")}


def texts(content: bytes) -> list[str]:
    return [re.sub(r"\s", "", one.extract_text()) for one in PdfReader(io.BytesIO(content)).pages]


def test_rare_characters_are_embedded_and_read_back() -> None:
    assert unprintable(RARE) == ""
    [text] = texts(pdf("certificates", {"pages": [page(RARE)]}))
    assert f"{RARE}同志：" in text
    [plaque] = texts(pdf("certificates", {"pages": [page(RARE, "plaque")]}))
    assert "团体特等奖" in plaque


def test_what_no_font_has_is_named() -> None:
    assert unprintable("张𠮷三\n𠮷🙂") == "𠮷🙂"
    assert unprintable("阿依古丽·买买提 O'Brien（甲）") == ""


def test_every_text_of_a_certificate_is_looked_at() -> None:
    whole = page()
    assert lacking_in([whole, page(RARE)]) == []
    for field in ("title", "recipient", "body", "award", "number", "date"):
        odd = getattr(whole, field) + NOWHERE
        assert lacking_in([whole, structs.replace(whole, **{field: odd})]) == [(odd, NOWHERE)]
    assert lacking_in([structs.replace(whole, issuers=["组委会", NOWHERE])]) == [(NOWHERE, NOWHERE)]


@pytest.mark.parametrize("template", ["badge", "certificates"])
def test_a_blank_is_left_for_what_no_font_has_and_never_a_box(template: Template) -> None:
    odd, blank = (
        badge_data(name) if template == "badge" else {"pages": [page(name)]} for name in (f"李{NOWHERE}", f"李{BLANK}")
    )
    assert pictures(template, odd, 40) == pictures(template, blank, 40)
    assert f"李{BLANK}" in texts(pdf(template, odd))[0]


def lent(to: Path, character: str) -> None:
    """A font that has a character which ours lack, with the glyph of one that they have: ours, mapped otherwise."""
    data = bytearray(serif_path().read_bytes())

    def number(at: int, size: int = 4) -> int:
        return int.from_bytes(data[at : at + size], "big")

    tables = range(12, 12 + 16 * number(4, 2), 16)
    cmap = next(number(at + 8) for at in tables if number(at) == int.from_bytes(b"cmap", "big"))
    records = range(cmap + 4, cmap + 4 + 8 * number(cmap + 2, 2), 8)
    full = cmap + next(number(at + 4) for at in records if (number(at, 2), number(at + 2, 2)) == (3, 10))
    groups = range(full + 16, full + 16 + 12 * number(full + 12), 12)
    # The last one before: the order stays.
    at = max(at for at in groups if number(at) < ord(character))
    data[at : at + 8] = ord(character).to_bytes(4, "big") * 2
    to.write_bytes(data)


def test_a_folder_of_further_fonts_has_what_ours_lack(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    lent(tmp_path / "sub" / "further.OTF", NOWHERE)
    (tmp_path / "none.ttf").write_bytes(b"no font")
    (tmp_path / "README").write_text("fonts")
    try:
        look_in(str(tmp_path))
        assert unprintable(f"李{NOWHERE}𪚥") == "𪚥"
        assert f"李{NOWHERE}同志：" in texts(pdf("certificates", {"pages": [page(f"李{NOWHERE}")]}))[0]
    finally:
        look_in("")
    assert unprintable(NOWHERE) == NOWHERE
    assert BLANK in texts(pdf("certificates", {"pages": [page(NOWHERE)]}))[0]


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="fonts"):
        read_settings(None, valkey_url="x", database_url="x", secret_key="x", fonts=str(tmp_path / "none"))


def test_text_is_text_whatever_it_looks_like() -> None:
    hostile = '#panic("x") $x$ *b* <a> ' + "#image" * 3
    [text] = texts(pdf("certificates", {"pages": [page(hostile)]}))
    assert '#panic("x")$x$*b*<a>' in text


def test_a_long_name_stays_on_its_page() -> None:
    made = texts(pdf("certificates", {"pages": [page("很长的名字" * 12), page()]}))
    assert len(made) == 2


def test_the_same_data_give_the_same_bytes() -> None:
    assert pdf("certificates", {"pages": [page()]}) == pdf("certificates", {"pages": [page()]})


def test_two_hundred_certificates_in_time() -> None:
    pages = [page(f"选手{no}", number=f"〔2022〕第{no:04}号") for no in range(200)]
    began = process_time()
    content = pdf("certificates", {"pages": pages})
    assert process_time() - began < AT_MOST_S
    made = PdfReader(io.BytesIO(content)).pages
    assert len(made) == 200
    assert "选手199同志：" in re.sub(r"\s", "", made[-1].extract_text())


def test_a_page_is_a4_lying() -> None:
    box = PdfReader(io.BytesIO(pdf("certificates", {"pages": [page()]}))).pages[0].mediabox
    assert (round(box.width), round(box.height)) == (842, 595)
    assert pictures("certificates", {"pages": [page()]}, 20)[0].startswith(b"\x89PNG")


def test_patterns_are_filled_in_once() -> None:
    values = {"name": "{year}", "year": "2022"}
    assert filled("{name}{year}", values) == "{year}2022"
    assert filled("{other} {", values) == "{other} {"
    assert filled("没有", values) == "没有"
