"""Pages of a board as the public's doors give them out, from a table of it."""

from collections.abc import Mapping

from leitai.live.boards import PAGE, BoardTable
from leitai.rules.values import DelegationCode
from leitai.web.doors import BoardPage, Found, NotThere
from leitai.wire.messages import View


def board_page(
    table: BoardTable, members: Mapping[int, int], view: View, page: int, delegation: DelegationCode, phase: str
) -> BoardPage:
    """Return a page; beyond the last one it has no rows. Raises `NotThere` for a delegation that the table has not.

    `members`: how many each delegation counts, by its code as a number.
    """
    if delegation and table.place_of(delegation) < 0:
        raise NotThere
    rows = table.page((view, page, delegation))
    total = table.total(view, delegation)
    size = max(total, 1) if view is View.DELEGATIONS else PAGE
    return BoardPage(
        version=table.rows_version,
        total=total,
        pages=max(1, -(-total // size)),
        page_size=size,
        frozen=table.frozen,
        phase=phase,
        rows=rows if view is not View.DELEGATIONS or page == 1 else (),
        members=[members.get(row.key, 0) for row in rows] if view is View.DELEGATIONS else (),
    )


def found_in(table: BoardTable, text: str, limit: int) -> list[Found]:
    """Return the first individuals whose name holds `text`, with their pages."""
    return [Found(row, (row.order - 1) // PAGE + 1) for row in table.find(text)[:limit]]
