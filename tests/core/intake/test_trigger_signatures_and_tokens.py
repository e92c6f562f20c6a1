"""Signatures over raw bytes, and where a request carries its token."""

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.intake.signatures import autotask_signature_ok
from app.core.intake.tokens import Credentials, is_one_of, same_hash, token_hash, tokens_of

BODY = b'{"Action":"Update","Fields":{"Title":"Z\\u00FCrich \\u0026 Co"}}'
# Computed apart with `openssl dgst -sha1 -hmac geheim -binary | base64`.
KNOWN = "sha1=NXcaXkmYtwPkQ4I78bFpCkvSOMw="


def signed(secret: str, body: bytes) -> str:
    return "sha1=" + base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha1).digest()).decode()


def test_a_signature_computed_elsewhere_is_accepted() -> None:
    assert autotask_signature_ok("geheim", BODY, KNOWN)
    assert autotask_signature_ok("geheim", BODY, f"  {KNOWN.replace('sha1', 'SHA1')} ")


def test_a_signature_holds_for_these_bytes_and_this_secret_only() -> None:
    header = signed("geheim", BODY)
    assert not autotask_signature_ok("other", BODY, header)
    assert not autotask_signature_ok("geheim", BODY.replace(b"\\u00FC", b"\\u00fc"), header)
    assert not autotask_signature_ok("", BODY, signed("", BODY))


@pytest.mark.parametrize(
    "header", [None, "", "sha1=", "sha1=%%%", "sha1=é", "sha256=abcd", "abcd", KNOWN[:-4], KNOWN * 2]
)
def test_a_missing_or_garbled_header_is_refused(header: str | None) -> None:
    assert not autotask_signature_ok("geheim", BODY, header)


@given(st.text(), st.binary(), st.one_of(st.none(), st.text()))
def test_no_header_makes_the_check_raise(secret: str, body: bytes, header: str | None) -> None:
    autotask_signature_ok(secret, body, header)


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ([("client_token", "abc")], []),
        ([], [("Authorization", "Bearer abc")]),
        ([], [("authorization", "bearer   abc ")]),
        ([], [("X-Client-Token", "abc")]),
        ([("client_token", "abc")], [("authorization", "Bearer abc"), ("x-client-token", "abc")]),
        ([("client_token", "abc")], [("authorization", "Basic dXNlcjpwYXNz")]),
    ],
)
def test_a_token_is_found_wherever_it_may_stand(query: list[tuple[str, str]], headers: list[tuple[str, str]]) -> None:
    found = tokens_of(query, headers)
    assert found.is_usable
    assert found.token == "abc"


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ([("client_token", "abc"), ("client_token", "abd")], []),
        ([("client_token", "abc")], [("authorization", "Bearer abd")]),
        ([], [("authorization", "Bearer abd"), ("x-client-token", "abc")]),
    ],
)
def test_two_tokens_that_disagree_are_refused(query: list[tuple[str, str]], headers: list[tuple[str, str]]) -> None:
    assert tokens_of(query, headers) == Credentials("", disagree=True)
    assert not tokens_of(query, headers).is_usable


def test_no_token_is_no_token() -> None:
    assert not tokens_of([("client_token", " ")], [("authorization", "Bearer"), ("x-client-token", "")]).is_usable


def test_credentials_do_not_show_their_token() -> None:
    assert "abc" not in repr(tokens_of([("client_token", "abc")], []))


def test_a_hash_is_recognised_among_others() -> None:
    assert token_hash("abc") == hashlib.sha256(b"abc").digest()
    assert is_one_of(token_hash("abc"), [token_hash("x"), token_hash("abc")])
    assert not is_one_of(token_hash("abc"), [token_hash("x")])
    assert not same_hash(token_hash("a"), token_hash("b"))


@given(st.lists(st.tuples(st.text(), st.text())), st.lists(st.tuples(st.text(), st.text())))
def test_no_request_makes_the_search_for_tokens_raise(
    query: list[tuple[str, str]], headers: list[tuple[str, str]]
) -> None:
    tokens_of(query, headers)


def test_a_lone_surrogate_can_be_hashed() -> None:
    assert len(token_hash("\ud800")) == 32
