"""The syllabus at work: changes go from the law (`rules.syllabus`) to the store, and what is refused is audited."""

from leitai.office.bank import MODULES, REGIONAL_MODULE
from leitai.office.bank_ports import SyllabusStore
from leitai.rules import syllabus
from leitai.rules.syllabus import Edition, SyllabusRefused
from leitai.rules.values import ActorId

ALL_MODULES = (*MODULES, REGIONAL_MODULE)
"""The plan's six, and the one that a region may add."""


class SyllabusDesk:
    """The editions of the syllabus as people work on them.

    Every method may raise `SyllabusRefused`, and KeyError for an edition that there is not.
    """

    def __init__(self, store: SyllabusStore) -> None:
        self.store = store

    async def begin_edition(self, actor: ActorId, name: str) -> int:
        """Return the id of a new edition, made of the one in work."""
        newest = (await self.store.editions())[0]
        edition = await self.store.edition(newest.edition_id)
        try:
            made = syllabus.next_edition(edition, name)
            return await self.store.add_edition(made, newest.edition_id, actor)
        except SyllabusRefused as refused:
            await self._refused(actor, "add-edition", newest.edition_id, refused)
            raise

    async def publish(self, actor: ActorId, edition_id: int) -> None:
        """Publish an edition."""
        edition = await self.store.edition(edition_id)
        try:
            syllabus.publish(edition)
            await self.store.publish_edition(edition_id, actor)
        except SyllabusRefused as refused:
            await self._refused(actor, "publish-edition", edition_id, refused)
            raise

    async def add_point(self, actor: ActorId, edition_id: int, module: str, name: str) -> int:
        """Return the id of a point that was added."""
        edition = await self.store.edition(edition_id)
        try:
            made = syllabus.add(edition, 0, module, name, modules=ALL_MODULES).points[-1]
            return await self.store.add_point(edition_id, module, made.name, actor)
        except SyllabusRefused as refused:
            await self._refused(actor, "add-point", edition_id, refused)
            raise

    async def change_point(self, actor: ActorId, edition_id: int, point_id: int, act: str, text: str) -> None:
        """Rename a point to a text, retire it for one, or restore it (`act`; raises ValueError for another)."""
        edition = await self.store.edition(edition_id)
        try:
            changed = _change(edition, point_id, act, text)
            await self.store.set_point(edition_id, changed.point(point_id), act, actor)
        except SyllabusRefused as refused:
            await self._refused(actor, f"{act}-point", edition_id, refused)
            raise

    async def _refused(self, actor: str, action: str, edition_id: int, refused: SyllabusRefused) -> None:
        await self.store.audit(actor, f"refused-{action}", f"syllabus edition {edition_id}", {"code": refused.code})


def _change(edition: Edition, point_id: int, act: str, text: str) -> Edition:
    match act:
        case "rename":
            return syllabus.rename(edition, point_id, text)
        case "retire":
            return syllabus.retire(edition, point_id, text)
        case "restore":
            return syllabus.restore(edition, point_id)
        case _:
            raise ValueError(act)
