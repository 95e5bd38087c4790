"""What importing a large file on a page costs: `python -m tests.office.measure_intake [rows]`."""

import asyncio
import sys
import time
from dataclasses import replace

from leitai.office.exporting.sheets import write_xlsx
from leitai.office.intake import Intake, read_findings
from leitai.stores.postgres.bank_files_store import PostgresBankFiles
from tests.office.measure_resemblance import stems
from tests.support.office import questions, stores_at
from tests.support.stores import fresh_database, running_postgres


async def measure(rows: int) -> None:
    """Print how long the dry run and the import take, the stores' share of it included."""
    samples = questions(60)
    bank = [
        replace(samples[number % len(samples)], stem=f"{stem}第{number}题____、____")
        for number, stem in enumerate(stems(rows))
    ]
    data = write_xlsx(bank)
    with running_postgres() as server:
        async with fresh_database(server) as dsn, stores_at(dsn) as stores:
            intake = Intake(PostgresBankFiles(stores.database), stores.office)
            began = time.monotonic()
            upload = await intake.begin("anna", "大题库.xlsx", "", data)
            await intake.settled()
            read = time.monotonic()
            found = read_findings((await intake.look("anna", upload)).report)
            await intake.take("anna", upload, leave_out_refused=True)
            await intake.settled()
            taken = time.monotonic()
            state = (await intake.look("anna", upload)).state
    size = len(data) / 2**20
    print(f"{rows:,} rows ({size:.1f} MiB): dry run {read - began:.1f} s, import {taken - read:.1f} s, {state}")
    print(f"accepted {found.accepted:,}, refused {found.refused:,}, alike {found.likes:,}")


if __name__ == "__main__":
    asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000))
