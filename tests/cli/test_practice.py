"""The practice at the command line: titles as of a day, sums that hold to the ledger, organisations, evidence."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from leitai.cli.practice import practice_boards, practice_evidence, practice_organisations, practice_titles
from leitai.rules.practice_boards import Kind
from tests.support.learners import Practice, practising, table
from tests.support.office import SERVER_KEY


@pytest.fixture
async def practice(database: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Practice]:
    monkeypatch.setenv("LEITAI_DATABASE_URL", database)
    monkeypatch.setenv("LEITAI_VALKEY_URL", "redis://nowhere.invalid")
    monkeypatch.setenv("LEITAI_SECRET_KEY", SERVER_KEY.hex())
    async with practising(database) as practice:
        yield practice


async def test_titles_sums_organisations_and_evidence(
    practice: Practice, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "tree.xlsx"
    file.write_bytes(table(["220100", "长春市", "市", "220000"], ["U-1", "窗口", "单位", "220100"]))
    await practice_organisations(file)
    await practice_organisations(file)  # nothing is left to do, which is no failure
    file.write_bytes(table(["U-2", "窗口", "单位", "nowhere"]))
    with pytest.raises(SystemExit, match="1"):
        await practice_organisations(file)
    assert "organisation-parent-unknown" in capsys.readouterr().err

    one = await practice.learner("one", at="U-1")
    await practice.earn(one, 9_200, on=date(2022, 8, 15), kind=Kind.MONTHLY)
    await practice_titles(as_of="2022-08-14")
    assert capsys.readouterr().out.splitlines() == ["learner,title,starts_on,earned_on,days,amount"]
    await practice_titles(as_of="2022-08-15")
    number = one.learner.learner_id
    assert capsys.readouterr().out.splitlines()[1:] == [f"{number},monthly_expert,2022-08-01,2022-08-15,1,9200"]
    with pytest.raises(SystemExit, match="2022-08-31"):
        await practice_titles(as_of="yesterday")

    await practice_boards()
    async with practice.database.connection() as connection:
        await connection.execute("update practice_sum set centipoints = 1")
    with pytest.raises(SystemExit, match="1"):
        await practice_boards()
    await practice_boards(mend=True)
    await practice_boards()
    with pytest.raises(SystemExit, match="1"):
        await practice_evidence(contest=99)
