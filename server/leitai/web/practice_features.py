"""The doors of the practice office for featured questions and their lectures."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from leitai.office.practice.features import FeatureDesk, FeatureRefused
from leitai.rules.rights import Act
from leitai.web.contract import Endpoint
from leitai.web.errors import Refusal
from leitai.web.exchange import id_in_path, private, read_json
from leitai.web.parts import SignedIn, permitted
from leitai.wire.bodies import EmptyRequest
from leitai.wire.practice_office_bodies import (
    FeatureBody,
    FeatureChoice,
    FeatureChoices,
    FeatureFilm,
    FeatureRequest,
    FeaturesBody,
)

MOST_CHOICES = 20
MAX_BODY_BYTES = 1024 * 1024
"""Captions of an hour are some hundred kilobytes."""
_feature = msgspec.json.Decoder(FeatureRequest)
_empty = msgspec.json.Decoder(EmptyRequest)


@dataclass(frozen=True, slots=True)
class FeaturesPart:
    """An `OfficePart`."""

    desk: FeatureDesk

    def endpoints(self, signed_in: SignedIn, limit: int) -> Mapping[str, Endpoint]:
        """Return the endpoints by the names of web.contract."""
        desk = self.desk

        async def all_of_them() -> Response:
            films, pictures = await desk.store.films()
            return private(
                FeaturesBody(
                    desk.today,
                    [
                        FeatureBody(
                            one.feature_id,
                            one.question_id,
                            one.module,
                            one.type.value,
                            one.stem,
                            one.film,
                            one.poster,
                            one.captions,
                            one.served,
                            one.from_day,
                            one.featured_by,
                            one.featured_at_us,
                            one.withdrawn_by,
                        )
                        for one in await desk.store.features(desk.today)
                    ],
                    [FeatureFilm(one.media, one.title, one.module) for one in films],
                    [FeatureFilm(one.media, one.title, one.module) for one in pictures],
                )
            )

        async def listed(request: Request) -> Response:
            await permitted(signed_in, request, Act.SEE_PRACTICE)
            return await all_of_them()

        async def choices(request: Request) -> Response:
            await permitted(signed_in, request, Act.RELEASE_PRACTICE)
            text = request.query_params.get("text", "").strip()
            if not 1 <= len(text) <= 100:
                raise Refusal("bad-request")
            found = await desk.store.choices(text, MOST_CHOICES)
            return private(
                FeatureChoices(
                    [
                        FeatureChoice(one.question_id, one.module, one.type.value, one.stem, one.explained)
                        for one in found
                    ]
                )
            )

        async def feature(request: Request) -> Response:
            member = await permitted(signed_in, request, Act.RELEASE_PRACTICE)
            body = await read_json(request, _feature, max(limit, MAX_BODY_BYTES))
            film, poster = (bytes.fromhex(one) or None for one in (body.film, body.poster))
            try:
                await desk.feature(body.question, film, poster, body.captions, body.from_day, member.login)
            except KeyError:
                raise Refusal("not-found") from None
            except FeatureRefused as refused:
                raise Refusal(refused.code) from None
            return await all_of_them()

        async def take_back(request: Request) -> Response:
            member = await permitted(signed_in, request, Act.RELEASE_PRACTICE)
            await read_json(request, _empty, limit)
            try:
                await desk.store.take_back(id_in_path(request, "feature"), member.login)
            except KeyError:
                raise Refusal("not-found") from None
            except FeatureRefused as refused:
                raise Refusal(refused.code) from None
            return await all_of_them()

        return {
            "practice_features": listed,
            "practice_feature_choices": choices,
            "practice_feature": feature,
            "practice_feature_withdraw": take_back,
        }
