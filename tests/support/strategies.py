"""Hypothesis strategies for the messages of the wire, derived from their types and limits."""

from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

from leitai.wire.schema import CLIENT_STRUCTS, FEED_STRUCTS, SERVER_STRUCTS

_MESSAGEPACK_INTS = (-(2**63), 2**64 - 1)


def messages_of(struct: type[msgspec.Struct]) -> st.SearchStrategy[Any]:
    """Return a strategy for every value a struct can hold."""
    return _values(inspect.type_info(struct))


def client_messages() -> st.SearchStrategy[Any]:
    """Return a strategy for any message of a client."""
    return st.one_of([messages_of(struct) for struct in CLIENT_STRUCTS])


def server_messages() -> st.SearchStrategy[Any]:
    """Return a strategy for any message of the server."""
    return st.one_of([messages_of(struct) for struct in SERVER_STRUCTS])


def feed_entries() -> st.SearchStrategy[Any]:
    """Return a strategy for any entry of the feed."""
    return st.one_of([messages_of(struct) for struct in FEED_STRUCTS])


def messagepack_values() -> st.SearchStrategy[Any]:
    """Return a strategy for whatever MessagePack can say, message or not."""
    leaves = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(*_MESSAGEPACK_INTS),
        st.floats(allow_nan=False),
        st.text(max_size=20),
        st.binary(max_size=20),
    )
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    )


def _values(kind: inspect.Type) -> st.SearchStrategy[Any]:
    match kind:
        case inspect.StructType(cls=cls, fields=fields):
            return st.builds(cls, **{field.name: _values(field.type) for field in fields})
        case inspect.IntType(ge=ge, le=le):
            return st.integers(-(2**63) if ge is None else int(ge), 2**63 - 1 if le is None else int(le))
        case inspect.StrType(max_length=limit):
            return st.text(max_size=min(limit or 20, 20))
        case inspect.BytesType(max_length=limit):
            return st.binary(max_size=min(limit or 40, 40))
        case inspect.BoolType():
            return st.booleans()
        case inspect.EnumType(cls=cls):
            return st.sampled_from(list(cls))
        case inspect.ListType(item_type=item, max_length=limit):
            return st.lists(_values(item), max_size=min(limit or 4, 4))
        case _:
            raise TypeError(f"no message has had a member of this kind so far: {kind}")
