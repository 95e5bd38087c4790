"""What a dry run has read is taken in as it is; another process of the office, or a later one, reads the file again."""

from collections.abc import AsyncIterator

import pytest

from leitai.office import intake
from leitai.office.apart import Reading, ReadTask, Tell, Told, read_apart
from leitai.office.exporting.sheets import write_xlsx
from leitai.office.intake import Intake, read_findings
from leitai.stores.postgres.bank_files_store import PostgresBankFiles
from tests.support.office import Stores, questions, stores_at


@pytest.fixture
async def stores(database: str) -> AsyncIterator[Stores]:
    async with stores_at(database) as made:
        yield made


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of files in the order in which a process was started to read them."""
    names: list[str] = []

    async def noting(task: ReadTask, tell: Tell) -> Told[Reading]:
        names.append(task.file_name)
        return await read_apart(task, tell)

    monkeypatch.setattr(intake, "read_apart", noting)
    return names


async def _ready(desk: Intake, name: str, first: int, owner: str = "anna") -> str:
    upload = await desk.begin(owner, name, "", write_xlsx(questions(8)[first : first + 2]))
    await desk.settled()
    return upload


async def _take(desk: Intake, upload: str, owner: str = "anna") -> int:
    """Return how many questions were added."""
    await desk.take(owner, upload, leave_out_refused=True)
    await desk.settled()
    told = await desk.look(owner, upload)
    assert told.state == "done"
    commit = read_findings(told.report).commit
    assert commit is not None
    return commit.added


async def test_a_file_is_read_once(stores: Stores, read: list[str]) -> None:
    desk = Intake(PostgresBankFiles(stores.database), stores.office)
    assert await _take(desk, await _ready(desk, "a.xlsx", 0)) == 2
    assert read == ["a.xlsx"]


async def test_another_process_reads_it_again(stores: Stores, read: list[str]) -> None:
    one, other = (Intake(PostgresBankFiles(stores.database), stores.office) for _ in range(2))
    assert await _take(other, await _ready(one, "a.xlsx", 0)) == 2
    assert read == ["a.xlsx"] * 2


async def test_only_the_newest_readings_are_kept(stores: Stores, read: list[str]) -> None:
    desk = Intake(PostgresBankFiles(stores.database), stores.office)
    # A new upload takes the place of the owner's last.
    owners = ("anna", "berta", "clara")
    uploads = [await _ready(desk, f"{place}.xlsx", 2 * place, owner) for place, owner in enumerate(owners)]
    assert all([await _take(desk, uploads[place], owners[place]) for place in (2, 1, 0)])
    assert read == ["0.xlsx", "1.xlsx", "2.xlsx", "0.xlsx"]


async def test_a_reading_that_is_too_large_is_not_kept(
    stores: Stores, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "_KEPT_BYTES", 100)
    desk = Intake(PostgresBankFiles(stores.database), stores.office)
    assert await _take(desk, await _ready(desk, "a.xlsx", 0)) == 2
    assert read == ["a.xlsx"] * 2
