"""The provinces' codes and names: one list here, one in the schema, one on the pages."""

import re
from pathlib import Path

import pytest

from leitai.config import BadSettings, read_settings
from leitai.rules.provinces import NATION, PROVINCES, area

ROOT = Path(__file__).parents[2]


def test_there_are_thirty_two_and_they_are_called_the_same_everywhere() -> None:
    assert len(PROVINCES) == 32
    schema = (ROOT / "schema/sql/0001_contest.sql").read_text("utf-8")
    assert dict(re.findall(r"\('(\d{6})', '[^']+', '([^']+)'\)", schema)) == PROVINCES
    pages = (ROOT / "client/src/shared/provinces.ts").read_text("utf-8")
    assert dict(re.findall(r"\['(\d{6})', '([^']+)'\]", pages)) == PROVINCES


def test_whose_contest_it_is_follows_from_its_teams() -> None:
    assert area(PROVINCES) == NATION
    assert area(()) == NATION
    assert area(["130001", "130002"]) == "河北"
    assert area(["660001"]) == "兵团"


@pytest.mark.parametrize("owner", ["990000", "130100", "河北", "000000"])
def test_a_house_is_a_provinces(owner: str) -> None:
    given = {"valkey_url": "x", "database_url": "x", "secret_key": "x"}
    assert read_settings(None, **given, owner="130000").owner == "130000"
    with pytest.raises(BadSettings, match=owner):
        read_settings(None, **given, owner=owner)
