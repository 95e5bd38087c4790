"""The staff's doors of stage rounds: planning, the director's console, the judges' acts, results."""

import asyncio
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from leitai.live.stage.ports import connected
from leitai.live.stage.view import told, waiting
from leitai.office.bank import MODULES
from leitai.office.staff_ports import StaffRecord
from leitai.office.stage.ports import RoundWanted, StageFile, StageWanted, TooFewQuestions
from leitai.office.stage.results import results, results_xlsx, score_lines
from leitai.office.stage.stages import Act as StageAct
from leitai.office.stage.stages import CloseVote, Open, OpenVote, Stages, key_of
from leitai.rules import stage_events as e
from leitai.rules.rights import Act
from leitai.rules.stage_events import RoundKind, StageRefused, StageSettings
from leitai.rules.stage_state import Stage
from leitai.rules.values import Micros
from leitai.web.contract import Endpoint
from leitai.web.contract.table import XLSX
from leitai.web.doors import ItemBytes
from leitai.web.errors import Refusal
from leitai.web.exchange import attached, encode, id_in_path, private, read_json
from leitai.web.parts import SignedIn, permitted
from leitai.web.stage_public import serve_stage_media
from leitai.web.streams import event_stream
from leitai.wire.bodies import EmptyRequest
from leitai.wire.stage_bodies import (
    StageCode,
    StageCodes,
    StageConsole,
    StageDone,
    StageJudgeRequest,
    StageLine,
    StageList,
    StageMade,
    StagePlanBody,
    StagePlanRound,
    StagePressLine,
    StageReplanRequest,
    StageRequest,
    StageResults,
    StageRunRequest,
    StageSettingsBody,
)

_create = msgspec.json.Decoder(StageRequest)
_replan = msgspec.json.Decoder(StageReplanRequest)
_run = msgspec.json.Decoder(StageRunRequest)
_judge = msgspec.json.Decoder(StageJudgeRequest)
_empty = msgspec.json.Decoder(EmptyRequest)


@dataclass(frozen=True, slots=True)
class StagePart:
    """An `OfficePart`."""

    stages: Stages
    media: ItemBytes
    address: str
    """Of the contest's door, where desks and screens come in."""

    def endpoints(self, signed_in: SignedIn, limit: int) -> Mapping[str, Endpoint]:
        """Return the endpoints by the names of web.contract."""
        stages = self.stages

        async def seeing(request: Request) -> int:
            await permitted(signed_in, request, Act.SEE_STAGE)
            return id_in_path(request, "stage")

        async def see_all(request: Request) -> Response:
            await permitted(signed_in, request, Act.SEE_STAGE)
            found = await stages.archive.stages()
            lines = [
                StageLine(one.stage_id, one.title, one.state.value, one.teams, one.questions, one.created_us)
                for one in found
            ]
            return private(StageList(lines, list(MODULES)))

        async def create(request: Request) -> Response:
            member = await permitted(signed_in, request, Act.RUN_STAGE)
            wanted = _wanted(await read_json(request, _create, limit))
            with _refusals():
                return private(StageMade(await stages.create(member.login, wanted)))

        async def plan(request: Request) -> Response:
            await permitted(signed_in, request, Act.RUN_STAGE)
            with _refusals():
                return private(_plan_body(*await stages.archive.wanted(id_in_path(request, "stage"))))

        async def replan(request: Request) -> Response:
            member = await permitted(signed_in, request, Act.RUN_STAGE)
            body = await read_json(request, _replan, limit)
            stage_id = id_in_path(request, "stage")
            with _refusals():
                await stages.replan(member.login, stage_id, body.edition, _wanted(body.plan))
                return private(_plan_body(*await stages.archive.wanted(stage_id)))

        async def see(request: Request) -> Response:
            return private(await self._console(await seeing(request)))

        async def stream(request: Request) -> Response:
            stage_id = await seeing(request)
            await self._file(stage_id)

            async def moved() -> AsyncGenerator[bytes]:
                before = b""
                while True:
                    await seeing(request)
                    body = await self._console(stage_id)
                    now = encode(msgspec.structs.replace(body, server_us=0))
                    yield b"" if now == before else encode(body)
                    before = now

            return event_stream(moved())

        async def media(request: Request) -> Response:
            stage_id = await seeing(request)
            try:
                # Whoever reads the next question before the audience sees its pictures as well.
                found = await stages.shown(stage_id, request.path_params["address"], coming=True)
            except KeyError:
                raise Refusal("not-found") from None
            return serve_stage_media(request, found, self.media)

        async def codes(request: Request) -> Response:
            member = await permitted(signed_in, request, Act.RUN_STAGE)
            await read_json(request, _empty, limit)
            stage_id = id_in_path(request, "stage")
            file = await self._file(stage_id)
            names = ("", *file.plan.teams)
            try:
                made = await stages.issue(member.login, stage_id)
            except KeyError:
                raise Refusal("stage-ended") from None
            return private(
                StageCodes(self.address, [StageCode(team, names[team], code) for team, code in made.items()])
            )

        async def run(request: Request) -> Response:
            member = await permitted(signed_in, request, Act.RUN_STAGE)
            body = await read_json(request, _run, limit)
            return await self._done(member, request, _directed(body))

        async def judge(request: Request) -> Response:
            member = await permitted(signed_in, request, Act.JUDGE_STAGE)
            body = await read_json(request, _judge, limit)
            return await self._done(member, request, _judged(body))

        async def told_results(request: Request) -> Response:
            return private(await self._results(await seeing(request)))

        async def workbook(request: Request) -> Response:
            stage_id = await seeing(request)
            content = await asyncio.to_thread(results_xlsx, await self._results(stage_id))
            return attached(content, XLSX, f"stage-{stage_id}.xlsx")

        return {
            "stages": see_all,
            "stage_create": create,
            "stage_plan": plan,
            "stage_replan": replan,
            "stage": see,
            "stage_stream": stream,
            "stage_shown": media,
            "stage_codes": codes,
            "stage_run": run,
            "stage_judge": judge,
            "stage_results": told_results,
            "stage_results_xlsx": workbook,
        }

    async def _done(self, member: StaffRecord, request: Request, act: StageAct | None) -> Response:
        stage_id = id_in_path(request, "stage")
        await self._file(stage_id)
        try:
            if act is None:
                stage = await self.stages.begin(member.login, stage_id)
            else:
                stage = await self.stages.act(member.login, stage_id, act)
        except StageRefused as refused:
            raise Refusal(refused.code) from None
        return private(StageDone(stage.seq))

    async def _file(self, stage_id: int) -> StageFile:
        try:
            return await self.stages.file(stage_id)
        except KeyError:
            raise Refusal("not-found") from None

    async def _results(self, stage_id: int) -> StageResults:
        file = await self._file(stage_id)
        try:
            await self.stages.record(stage_id)
            stage, entries = await self.stages.kept(stage_id)
        except StageRefused as refused:
            raise Refusal(refused.code) from None
        return results(stage_id, file.state.value, stage, entries)

    async def _console(self, stage_id: int) -> StageConsole:
        file = await self._file(stage_id)
        now_us = await self.stages.ledger.time_us(stage_id)
        try:
            stage = await self.stages.stage(stage_id)
        except StageRefused:
            return self._body(file, None, now_us, frozenset(), [])
        here = connected(await self.stages.ledger.desks(stage_id), now_us)
        counts: list[int] = []
        most_from_one = 0
        if stage.vote is not None:
            most_from_one = await self.stages.ledger.most_from_one(stage_id, stage.vote.number)
        if stage.vote is not None and stage.vote.counts is None:
            counts = await self.stages.ledger.counts(stage_id, stage.vote.number, len(stage.vote.choices))
        return self._body(file, stage, now_us, here, counts, most_from_one)

    def _body(
        self,
        file: StageFile,
        stage: Stage | None,
        now_us: Micros,
        here: frozenset[int],
        counts: list[int],
        most_from_one: int = 0,
    ) -> StageConsole:
        asked = stage.asked if stage else None
        coming = stage.next_question if stage and not stage.ended else 0
        texts = {} if asked is None else {asked.question: self.stages.text(file, asked.question)}
        key = None if asked is None else key_of(file.questions[asked.question - 1])
        keys = {} if asked is None or key is None else {asked.question: key}
        begun = stage.rounds_begun if stage else ()
        return StageConsole(
            stage=file.stage_id,
            state=file.state.value,
            server_us=now_us,
            codes=file.codes,
            settings=msgspec.convert(msgspec.to_builtins(file.plan.settings), StageSettingsBody),
            rounds=[
                StagePlanRound(number, one.kind.value, one.title, one.questions, number in begun)
                for number, one in enumerate(file.plan.rounds, start=1)
            ],
            view=waiting(0) if stage is None else told(stage.seq, stage, texts, keys, here, counts),
            next_question=coming,
            coming=self.stages.text(file, coming) if coming else None,
            key=key,
            presses=[StagePressLine(one.team, one.stamp_us, one.elapsed_us) for one in asked.presses] if asked else [],
            lines=score_lines(stage) if stage else [],
            most_from_one=most_from_one,
        )


@contextmanager
def _refusals() -> Generator[None]:
    try:
        yield
    except StageRefused as refused:
        raise Refusal(refused.code) from None
    except TooFewQuestions:
        raise Refusal("stage-too-few-questions") from None
    except KeyError:
        raise Refusal("not-found") from None


def _plan_body(edition: int, wanted: StageWanted) -> StagePlanBody:
    return StagePlanBody(edition, msgspec.convert(msgspec.to_builtins(wanted), StageRequest))


def _wanted(body: StageRequest) -> StageWanted:
    rounds = tuple(
        RoundWanted(RoundKind(one.kind), one.title, tuple(one.questions), one.draw, one.module) for one in body.rounds
    )
    settings = msgspec.convert(msgspec.to_builtins(body.settings), StageSettings)
    return StageWanted(body.title, tuple(body.teams), rounds, settings)


def _directed(body: StageRunRequest) -> StageAct | None:
    """Return what a director does; None: begin the stage."""
    acts: Mapping[str, StageAct | None] = {
        "begin": None,
        "round": e.RoundBegun(body.round, tuple(body.teams)),
        "stake": e.StakeChosen(body.team, body.stake),
        "run": e.RunBegun(body.team),
        "question": e.QuestionShown(body.question, body.team),
        "buzzer": Open(body.question),
        "timer": e.TimerSet(body.seconds),
        "film": e.FilmSet(body.question, body.film, body.playing, body.from_start),
        "reveal": e.Revealed(body.question),
        "open_vote": OpenVote(body.title.strip(), tuple(one.strip() for one in body.choices)),
        "close_vote": CloseVote(body.vote),
        "end": e.StageEnded(),
    }
    return acts[body.act]


def _judged(body: StageJudgeRequest) -> StageAct:
    acts: Mapping[str, StageAct] = {
        "right": e.Judged(body.question, body.team, right=True),
        "wrong": e.Judged(body.question, body.team, right=False),
        "award": e.Awarded(body.team, body.centipoints, body.reason.strip()),
        "withdraw": e.Withdrawn(body.seq),
    }
    return acts[body.act]
