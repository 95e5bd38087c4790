"""The stage of a rehearsal holds as many contestants as are asked for."""

from leitai.cli.rehearsal.stage import Piece, set_stage
from tests.support.office import stores_at


async def test_made_up_contestants_join_the_example_roster(database: str) -> None:
    async with stores_at(database) as stores:
        created = await set_stage(stores.office, stores.codes, Piece(1640, 5, 4))
    assert len({seat.admission_no for seat in created.seats}) == 1640
    assert not any(seat.struck for seat in created.seats)
