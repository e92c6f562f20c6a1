"""Signatures of Field Nation's webhooks, over the bytes as they came."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.intake.signatures import field_nation_signature_ok

SECRET = "01999f51-0000-4000-8000-000000000001"
BODY = b'{"a":1}'
# Computed apart with `openssl dgst -sha256 -hmac`.
KNOWN = "sha256=3fae45bfc21e4452b62d772621591867791f69a0e1b74040be069f76e2b9acc1"
DIGEST = KNOWN.removeprefix("sha256=")
SHA1 = hmac.new(SECRET.encode(), BODY, hashlib.sha1).hexdigest()
SHA512 = hmac.new(SECRET.encode(), BODY, hashlib.sha512).hexdigest()


def test_a_signature_computed_elsewhere_is_accepted() -> None:
    assert field_nation_signature_ok(SECRET, BODY, KNOWN)


def test_a_signature_holds_for_these_bytes_and_this_secret_only() -> None:
    assert not field_nation_signature_ok(SECRET, b'{"a": 1}', KNOWN)
    assert not field_nation_signature_ok("other", BODY, KNOWN)
    empty = "sha256=" + hmac.new(b"", BODY, hashlib.sha256).hexdigest()
    assert not field_nation_signature_ok("", BODY, empty)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "sha256=",
        DIGEST,
        f"sha256={DIGEST.upper()}",
        f"SHA256={DIGEST}",
        f"sha256={DIGEST[:-1]}",
        f"sha256={DIGEST}0",
        f"sha256={DIGEST}, sha256={DIGEST}",
        f"sha1={SHA1}",
        f"sha256={SHA1}",
        f"sha512={SHA512}",
        f"none={DIGEST}",
        "sha256=é\ud800",
    ],
)
def test_every_other_spelling_and_algorithm_is_refused(header: str | None) -> None:
    assert not field_nation_signature_ok(SECRET, BODY, header)


@given(st.text(), st.binary(), st.one_of(st.none(), st.text()))
def test_no_header_makes_the_check_raise(secret: str, body: bytes, header: str | None) -> None:
    assert field_nation_signature_ok(secret, body, header) is False
