"""The doors of blueprints and papers. What holds questions is told by `paper_pages` and `paper_fits` alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from leitai.office.bank import MODULES, REGIONAL_MODULE, Question
from leitai.office.paper_ports import PaperHead, PaperRefused, StoredBlueprint
from leitai.office.paper_room import Member, PaperRoom
from leitai.office.staff_ports import StaffRecord
from leitai.rules.assembly import NotFeasible
from leitai.rules.blueprints import STANDARD, Blueprint, Exclusions, Line, Worth
from leitai.rules.papers import ACTS, PaperActKind, may_see, refusal
from leitai.rules.rights import Act, may
from leitai.rules.values import ActorId, ItemNo, Marking, QuestionType
from leitai.web.contract import Endpoint
from leitai.web.errors import Refusal
from leitai.web.exchange import id_in_path, private, read_json
from leitai.web.parts import SignedIn, permitted
from leitai.wire import paper_bodies as bodies

_save = msgspec.json.Decoder(bodies.SaveBlueprintRequest)
_plan = msgspec.json.Decoder(bodies.BlueprintBody)
_assemble = msgspec.json.Decoder(bodies.AssembleRequest)
_replace = msgspec.json.Decoder(bodies.ReplaceRequest)
_act = msgspec.json.Decoder(bodies.PaperActRequest)
_TEXT_CHARS = 50


@dataclass(frozen=True, slots=True)
class PapersPart:
    """`web.parts.OfficePart`."""

    room: PaperRoom

    def endpoints(self, signed_in: SignedIn, limit: int) -> Mapping[str, Endpoint]:
        """Return the endpoints by the names of web.contract."""
        room = self.room

        async def blueprints(request: Request) -> Response:
            await permitted(signed_in, request, Act.ASSEMBLE_PAPER)
            kept = [_stored(one) for one in await room.blueprints()]
            return private(bodies.BlueprintsBody(kept, _plan_body(STANDARD), [*MODULES, REGIONAL_MODULE]))

        async def blueprint_save(request: Request) -> Response:
            member = await permitted(signed_in, request, Act.ASSEMBLE_PAPER)
            body = await read_json(request, _save, limit)
            title = _title(body.title)
            try:
                saved = await room.save_blueprint(
                    ActorId(member.login), title, _blueprint(body.body), body.blueprint, body.version
                )
            except (PaperRefused, KeyError) as error:
                raise _refused(error) from None
            return private(bodies.BlueprintSaved(saved), 201)

        async def paper_feasibility(request: Request) -> Response:
            await permitted(signed_in, request, Act.ASSEMBLE_PAPER)
            body = await read_json(request, _plan, limit)
            try:
                found = await room.feasibility(_blueprint(body))
            except PaperRefused as error:
                raise _refused(error) from None
            short = [bodies.ShortageBody(list(one.lines), one.needs, one.has) for one in found.shortages]
            return private(bodies.FeasibilityBody(list(found.has), short))

        async def papers(request: Request) -> Response:
            await permitted(signed_in, request, Act.SEE_PAPERS)
            return private(bodies.PapersBody([_head(one) for one in await room.papers()]))

        async def paper_assemble(request: Request) -> Response:
            member = await permitted(signed_in, request, Act.ASSEMBLE_PAPER)
            body = await read_json(request, _assemble, limit)
            title = _title(body.title)
            try:
                made = await room.assemble(
                    ActorId(member.login), title, _blueprint(body.body), body.blueprint, body.seed.strip()
                )
            except NotFeasible:
                raise Refusal("paper-not-feasible") from None
            except PaperRefused as error:
                raise _refused(error) from None
            return private(bodies.PaperMade(made), 201)

        async def paper_record(request: Request) -> Response:
            member = await permitted(signed_in, request, Act.SEE_PAPERS)
            try:
                record = await room.record(id_in_path(request, "paper"))
            except KeyError as error:
                raise _refused(error) from None
            here, login = record.head.standing, ActorId(member.login)
            sees = may(member.standing, Act.READ_PAPER) and may_see(here, login, member.standing.working)
            able = [
                kind.value
                for kind, act in ACTS.items()
                if may(member.standing, act)
                and (sees or kind is PaperActKind.SEAL)
                and refusal(here, kind, login) is None
            ]
            acts = [
                bodies.PaperActBody(one.kind.value, one.edition, one.actor, _us(one.at), one.note if sees else "")
                for one in record.acts
            ]
            looks = [bodies.PaperLookBody(one.actor, _us(one.at), one.edition, one.what) for one in record.looks]
            return private(bodies.PaperRecordBody(_head(record.head), acts, looks, sees, able))

        async def paper_pages(request: Request) -> Response:
            member = await _reader(request, Act.READ_PAPER)
            paper_id = id_in_path(request, "paper")
            try:
                pages = await room.read(member, paper_id)
            except (PaperRefused, KeyError) as error:
                raise _refused(error) from None
            worth = dict(pages.contents.blueprint.worth)
            items = [
                bodies.PaperItemBody(
                    place.item_no,
                    worth[question.type].centipoints,
                    worth[question.type].seconds,
                    _question(place.question_id, question),
                    [
                        bodies.PaperMediaBody(one.media, one.type, one.width, one.height, one.caption)
                        for one in pages.media.get(place.version_id, ())
                    ],
                )
                for place in pages.contents.places
                for question in (pages.questions[place.version_id],)
            ]
            replaced = [
                bodies.ReplacementBody(one.item_no, one.how, one.reason, one.actor)
                for one in pages.contents.replacements
            ]
            contents = pages.contents
            return private(
                bodies.PaperPagesBody(
                    paper_id, pages.edition, contents.seed, contents.bank_state.hex(), items, replaced
                )
            )

        async def paper_fits(request: Request) -> Response:
            member = await _reader(request, Act.ASSEMBLE_PAPER)
            text = request.query_params.get("text", "").strip()
            if len(text) > _TEXT_CHARS:
                raise Refusal("bad-request")
            item_no = ItemNo(id_in_path(request, "item"))
            try:
                found = await room.fits(member, id_in_path(request, "paper"), item_no, text)
            except (PaperRefused, KeyError) as error:
                raise _refused(error) from None
            return private(bodies.FitsBody([_question(number, one) for number, one in found]))

        async def paper_replace(request: Request) -> Response:
            member = await _reader(request, Act.ASSEMBLE_PAPER)
            body = await read_json(request, _replace, limit)
            try:
                state = await room.replace(
                    member,
                    id_in_path(request, "paper"),
                    body.edition,
                    ItemNo(body.item),
                    body.question or None,
                    body.reason,
                )
            except (PaperRefused, KeyError) as error:
                raise _refused(error) from None
            return private(bodies.PaperMoved(state.value))

        async def paper_act(request: Request) -> Response:
            await permitted(signed_in, request, Act.READ_PAPER)
            body = await read_json(request, _act, limit)
            kind = PaperActKind(body.act)
            member = await _reader(request, ACTS[kind])
            try:
                state = await room.act(member, id_in_path(request, "paper"), body.edition, kind, body.note)
            except (PaperRefused, KeyError) as error:
                raise _refused(error) from None
            return private(bodies.PaperMoved(state.value))

        async def _reader(request: Request, act: Act) -> Member:
            record: StaffRecord = await permitted(signed_in, request, act)
            return Member(ActorId(record.login), record.standing.working)

        return {
            "blueprints": blueprints,
            "blueprint_save": blueprint_save,
            "paper_feasibility": paper_feasibility,
            "papers": papers,
            "paper_assemble": paper_assemble,
            "paper_record": paper_record,
            "paper_pages": paper_pages,
            "paper_fits": paper_fits,
            "paper_replace": paper_replace,
            "paper_act": paper_act,
        }


def _refused(error: PaperRefused | KeyError) -> Refusal:
    return Refusal(error.code if isinstance(error, PaperRefused) else "not-found")


def _title(text: str) -> str:
    if not text.strip():
        raise Refusal("bad-request")
    return text.strip()


def _blueprint(body: bodies.BlueprintBody) -> Blueprint:
    return Blueprint(
        tuple(Line(QuestionType(one.type), one.count, one.module, one.difficulty) for one in body.lines),
        tuple(
            (QuestionType(one.type), Worth(one.centipoints, one.seconds, Marking(one.marking))) for one in body.worth
        ),
        Exclusions(body.contests, body.practice),
    )


def _plan_body(blueprint: Blueprint) -> bodies.BlueprintBody:
    return bodies.BlueprintBody(
        [bodies.LineBody(one.type.value, one.count, one.module, one.difficulty) for one in blueprint.lines],
        [
            bodies.WorthBody(
                type_.value,
                one.centipoints,
                one.seconds,
                "exact" if one.marking is Marking.EXACT else "partial",
            )
            for type_, one in blueprint.worth
        ],
        blueprint.exclusions.contests,
        blueprint.exclusions.practice,
    )


def _stored(one: StoredBlueprint) -> bodies.StoredBlueprintBody:
    return bodies.StoredBlueprintBody(
        one.blueprint_id, one.title, _plan_body(one.blueprint), one.version, one.actor, _us(one.changed_at)
    )


def _head(one: PaperHead) -> bodies.PaperHeadBody:
    return bodies.PaperHeadBody(
        one.paper_id,
        one.title,
        one.standing.state.value,
        one.standing.edition,
        one.items,
        one.centipoints,
        one.seconds,
        _us(one.created_at),
        one.session,
        sorted(one.standing.makers),
        list(one.standing.approvers),
    )


def _question(number: int, question: Question) -> bodies.PaperQuestionBody:
    key = question.key
    return bodies.PaperQuestionBody(
        number,
        question.type.value,
        question.module,
        question.point,
        question.difficulty,
        question.stem,
        [bodies.PaperOptionBody(one.id, one.text, one.id in key.options) for one in question.options],
        [list(blank) for blank in key.blanks],
        list(question.parts),
        question.explanation,
    )


def _us(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000_000)
