"""JSON, exact in both directions."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.http.jsontext import from_json, to_json

NUMBERS = st.decimals(allow_nan=False, allow_infinity=False) | st.integers()
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=15,
)


@given(VALUES)
def test_what_is_written_is_read_back_equal_and_is_ascii(value):
    text = to_json(value)
    assert text.isascii()
    assert from_json(text) == value


@given(st.binary())
def test_any_bytes_give_a_value_or_a_value_error(body):
    with suppress(ValueError):
        from_json(body)


@pytest.mark.parametrize(
    "body", [b"NaN", b"[Infinity]", b"1e99999999999999999999", b"[" * 100_000, b'"\xff"', b"{", b""]
)
def test_what_is_not_json_is_a_value_error(body):
    with pytest.raises(ValueError):
        from_json(body)


def test_digits_are_kept():
    assert to_json({"a": Decimal("3.5000"), "b": 0.1}) == b'{"a":3.5000,"b":0.1}'


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN"), Decimal("-Infinity")])
def test_no_number_of_json_is_refused(value):
    with pytest.raises(ValueError):
        to_json([value])
