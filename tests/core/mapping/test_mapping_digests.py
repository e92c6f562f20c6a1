"""Digests: one fact, one fingerprint."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.mapping.digests import digest

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (Decimal("3.5000"), Decimal("3.5")),
        (3.5, Decimal("3.5")),
        (3500, Decimal("3.5E+3")),
        (0, Decimal("-0.000")),
        (0.1, Decimal("0.1")),
        ({"a": 1, "b": [2]}, {"b": (2.0,), "a": Decimal(1)}),
    ],
)
def test_the_same_fact_has_one_digest(left: Any, right: Any) -> None:
    assert digest(left) == digest(right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (1, "1"),
        (1, True),
        (None, ""),
        (None, False),
        ([], {}),
        ([1, 2], [2, 1]),
        ([[1], 2], [[1, 2]]),
        (10, 1),
        (-1, 1),
        ({"a": None}, {}),
        ("a", "A"),
        (Decimal("NaN"), 0),
        ("null", None),
    ],
)
def test_different_facts_have_different_digests(left: Any, right: Any) -> None:
    assert digest(left) != digest(right)


def test_a_digest_is_hex_of_sha_256_and_safe_at_any_depth_and_size() -> None:
    deep: Any = {}
    for _ in range(20_000):
        deep = {"a": [deep]}
    assert len(digest(deep)) == 64
    assert digest(10**10_000) != digest(Decimal("1E+999999"))


@given(JSON)
def test_any_value_has_a_digest_whatever_the_order_of_keys(value: Any) -> None:
    turned = dict(reversed(value.items())) if isinstance(value, dict) else value
    assert digest(value) == digest(turned)
