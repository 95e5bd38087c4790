"""What comes in to the pool, whatever it is: taken in twice it changes nothing, and no honour of anybody is lost."""

from hypothesis import given
from hypothesis import strategies as st

from leitai.office.importing.problems import Place
from leitai.office.pool.planning import Draft, Plan, plan
from leitai.office.pool.ports import PoolPerson, Private
from leitai.rules.pool import PoolHonour, PoolState, merge_honours
from leitai.rules.values import Micros
from tests.support.pool import BEIJING, HEBEI, id_number

honours = st.builds(
    PoolHonour,
    year=st.integers(2019, 2023),
    kind=st.sampled_from(["star", "knowledge", "provincial"]),
    place=st.integers(0, 2),
    province=st.just(BEIJING),
    source=st.integers(1, 3),
)


@st.composite
def drafts(draw: st.DrawFn) -> list[Draft]:
    """Some people, none of them twice by number or by name, province and unit."""
    made: list[Draft] = []
    seen: set[object] = set()
    for place in range(draw(st.integers(0, 6))):
        name, unit = draw(st.sampled_from(["张三", "李四"])), draw(st.sampled_from(["", "某局", "某厅"]))
        province, number = draw(st.sampled_from([BEIJING, HEBEI])), draw(st.sampled_from([0, 1, 2]))
        key: object = number or (name, province, unit)
        if key in seen:
            continue
        seen.add(key)
        said = id_number(number) if number else ""
        won = draw(st.lists(honours, min_size=1, max_size=3))
        made.append(
            Draft(
                Place("s", place),
                name,
                province,
                unit,
                draw(st.sampled_from([None, ("社会保险",)])),
                draw(st.sampled_from([None, *PoolState])),
                Micros(draw(st.integers(0, 3))),
                Private(said),
                said.encode() or None,
                merge_honours(won),
                draw(st.sampled_from([0, max(honour.year for honour in won)])),
            )
        )
    return made


def _written(known: list[PoolPerson], planned: Plan) -> list[PoolPerson]:
    """The pool after a plan was carried out."""
    after = {one.person_id: one for one in known}
    for change in planned.changes:
        number = change.person_id or len(after) + 1
        before = after.get(number)
        private = before.private if before and not change.private.id_number else change.private
        digest = change.digest or (before.digest if before else None)
        after[number] = PoolPerson(number, change.version + 1, change.expert, private, digest)
    return list(after.values())


@given(drafts(), drafts())
def test_taken_in_twice_it_changes_nothing_and_loses_nothing(first: list[Draft], second: list[Draft]) -> None:
    known = _written([], plan(first, [], {}, own=None))
    planned = plan(second, known, {}, own=None)
    after = _written(known, planned)
    again = plan(planned.drafts, after, {}, own=None)
    # Of whoever came in as one more of a name a person may have to say which is meant; nothing is written.
    assert again.changes == ()
    for one in known:
        now = next(person for person in after if person.person_id == one.person_id)
        assert {honour.key for honour in one.expert.honours} <= {honour.key for honour in now.expert.honours}
        assert now.expert.province == one.expert.province
    digests = [one.digest for one in after if one.digest is not None]
    assert len(digests) == len(set(digests))
    for draft, change in zip(planned.drafts, planned.changes, strict=True):
        assert {honour.key for honour in draft.honours} <= {honour.key for honour in change.expert.honours}
