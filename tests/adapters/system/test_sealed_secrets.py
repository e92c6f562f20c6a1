"""Sealing: what opens, what does not, and what never shows."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.system.secrets import AesSealer, key_id

OLD, NEW = b"o" * 32, b"n" * 32


@given(st.text(max_size=200))
def test_what_is_sealed_opens_again(text: str) -> None:
    sealer = AesSealer([NEW])
    assert sealer.open("acme", "autotask.secret", sealer.seal("acme", "autotask.secret", text)) == text


def test_the_same_secret_never_looks_the_same() -> None:
    sealer = AesSealer([NEW])
    assert sealer.seal("acme", "f", "secret") != sealer.seal("acme", "f", "secret")


@pytest.mark.parametrize(("connection", "field"), [("beta", "f"), ("acme", "g"), ("acmef", ""), ("", "acmef")])
def test_it_opens_for_its_own_connection_and_field_only(connection: str, field: str) -> None:
    sealed = AesSealer([NEW]).seal("acme", "f", "hunter2")
    with pytest.raises(ValueError, match="was changed, or belongs to something else"):
        AesSealer([NEW]).open(connection, field, sealed)


def test_every_key_opens_and_the_first_seals() -> None:
    sealed = AesSealer([OLD]).seal("acme", "f", "hunter2")
    both = AesSealer([NEW, OLD])
    assert both.open("acme", "f", sealed) == "hunter2"
    assert not both.is_newest(sealed)
    assert both.seal("acme", "f", "x").split(".")[1] == key_id(NEW)


def test_resealing_moves_a_secret_to_the_newest_key_and_leaves_it_there() -> None:
    both = AesSealer([NEW, OLD])
    moved = both.reseal("acme", "f", AesSealer([OLD]).seal("acme", "f", "hunter2"))
    assert AesSealer([NEW]).open("acme", "f", moved) == "hunter2"
    assert both.reseal("acme", "f", moved) == moved


def test_an_unknown_key_is_named_by_its_id() -> None:
    sealed = AesSealer([OLD]).seal("acme", "autotask.secret", "hunter2")
    with pytest.raises(ValueError, match=f"acme: no key opens autotask.secret; it was sealed with key {key_id(OLD)}"):
        AesSealer([NEW]).open("acme", "autotask.secret", sealed)


@given(st.integers(min_value=0, max_value=500), st.integers(min_value=1, max_value=255))
def test_a_changed_byte_opens_nothing(position: int, change: int) -> None:
    sealer = AesSealer([NEW])
    head, body = sealer.seal("acme", "f", "hunter2").rsplit(".", 1)
    raw = bytearray(base64.urlsafe_b64decode(body))
    raw[position % len(raw)] ^= change
    with pytest.raises(ValueError):
        sealer.open("acme", "f", f"{head}.{base64.urlsafe_b64encode(raw).decode()}")


@given(st.text(max_size=60))
def test_no_text_makes_it_fail_in_another_way(text: str) -> None:
    with pytest.raises(ValueError):
        AesSealer([NEW]).open("acme", "f", text)
    with pytest.raises(ValueError):
        AesSealer([NEW]).open("acme", "f", f"v1.{key_id(NEW)}.{text}")


@pytest.mark.parametrize("keys", [[], [b"short"], [NEW, b"x" * 31]])
def test_keys_of_another_length_are_refused(keys: list[bytes]) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        AesSealer(keys)


def test_neither_key_nor_secret_shows() -> None:
    sealer = AesSealer([NEW])
    sealed = sealer.seal("acme", "f", "hunter2")
    with pytest.raises(ValueError) as caught:
        sealer.open("beta", "f", sealed)
    assert "hunter2" not in f"{sealed} {sealer!r} {caught.value!r} {caught.value.__cause__!r}"
    assert "nnnn" not in repr(sealer)
