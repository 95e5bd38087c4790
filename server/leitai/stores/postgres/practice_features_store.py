"""Features of practice in PostgreSQL: `office.practice.features.FeatureStore` and `FilmGate`."""

from collections.abc import Sequence
from datetime import date

from leitai.office.practice.features import Choice, Feature, FeatureRefused, Film
from leitai.rules.values import Micros, QuestionType
from leitai.stores.postgres.auditing import audit
from leitai.stores.postgres.pool import Connection, Database
from leitai.stores.postgres.queries import Queries
from leitai.stores.postgres.rows import storable

_FEATURES = Queries("practice_features")


class PracticeFeatures:
    """Featured questions. `database` is lent, not owned."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def may_see(self, learner_id: int, question_id: int, sha256: bytes, at_us: int) -> bool:
        """See `FilmGate.may_see`."""
        async with self._database.connection() as connection:
            return await connection.fetchval(_told("may_see", "$4"), learner_id, question_id, sha256, at_us)

    async def captions(self, learner_id: int, question_id: int, at_us: int) -> str:
        """See `FilmGate.captions`."""
        async with self._database.connection() as connection:
            found: str | None = await connection.fetchval(_told("captions", "$3"), learner_id, question_id, at_us)
        if found is None:
            raise KeyError(question_id)
        return found

    async def features(self, day: date) -> Sequence[Feature]:
        """See `FeatureStore.features`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_FEATURES["features"], day)
        return [
            Feature(
                row["id"],
                row["question_id"],
                row["module"],
                QuestionType(row["type"]),
                row["stem"],
                row["film"],
                row["poster"],
                row["captions"],
                row["served"],
                row["from_day"],
                row["featured_by"],
                Micros(row["at_us"]),
                row["withdrawn_by"],
            )
            for row in found
        ]

    async def choices(self, text: str, most: int) -> Sequence[Choice]:
        """See `FeatureStore.choices`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_FEATURES["choices"], storable(text), most)
        return [
            Choice(row["question_id"], row["module"], QuestionType(row["type"]), row["stem"], row["explained"])
            for row in found
        ]

    async def films(self) -> tuple[Sequence[Film], Sequence[Film]]:
        """See `FeatureStore.films`."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_FEATURES["films"])
        films, pictures = ([row for row in found if row["film"] is wanted] for wanted in (True, False))
        return (
            [Film(row["media"], row["title"], row["module"]) for row in films],
            [Film(row["media"], row["title"], row["module"]) for row in pictures],
        )

    async def feature(
        self, question_id: int, film: bytes | None, poster: bytes | None, captions: str, from_day: date, actor: str
    ) -> None:
        """See `FeatureStore.feature`."""
        async with self._database.transaction() as connection:
            row = await connection.fetchrow(_FEATURES["question"], question_id)
            if row is None:
                raise KeyError(question_id)
            if film is None and not row["explained"]:
                raise FeatureRefused("practice-not-explained")
            film_id, poster_id = await _kept(connection, film, "video/%"), await _kept(connection, poster, "image/%")
            text = storable(captions)
            feature_id: int | None = await connection.fetchval(
                _FEATURES["feature"], question_id, film_id, poster_id, text, from_day, actor
            )
            if feature_id is None:
                raise FeatureRefused("practice-featured")
            detail = {"question": question_id, "film": film.hex() if film else "", "from": from_day.isoformat()}
            await audit(connection, actor, "feature-question", f"feature {feature_id}", detail)

    async def take_back(self, feature_id: int, actor: str) -> None:
        """See `FeatureStore.take_back`."""
        async with self._database.transaction() as connection:
            row = await connection.fetchrow(_FEATURES["feature_state"], feature_id)
            if row is None:
                raise KeyError(feature_id)
            if row["withdrawn_by"] is not None:
                raise FeatureRefused("practice-withdrawn")
            await connection.execute(_FEATURES["take_back"], feature_id, actor)
            detail = {"question": row["question_id"]}
            await audit(connection, actor, "withdraw-feature", f"feature {feature_id}", detail)


def _told(name: str, now: str) -> str:
    """Return a statement with the condition under which an answer may be told; `now` is the place of the time in it."""
    return _FEATURES[name].replace("/*told*/", _FEATURES["told"].replace("/*now*/", now))


async def _kept(connection: Connection, sha256: bytes | None, kind: str) -> int | None:
    if sha256 is None:
        return None
    found: int | None = await connection.fetchval(_FEATURES["film"], sha256, kind)
    if found is None:
        raise KeyError(sha256.hex())
    return found
