"""Signatures of senders, checked over the bytes as they came."""

import base64
import binascii
import hashlib
import hmac

_AUTOTASK_PREFIX = "sha1="
_FIELD_NATION_PREFIX = "sha256="


def autotask_signature_ok(secret: str, raw_body: bytes, header: str | None) -> bool:
    """Whether `X-Hook-Signature` is that of the body: `sha1=` and the Base64 of HMAC-SHA1 under the secret.

    Source: Autotask developer help, securing webhook payloads. A missing or garbled header is False, as is an
    empty secret, under which anybody could sign. Takes the same time wherever the difference lies.
    """
    text = (header or "").strip()
    if not secret or text[: len(_AUTOTASK_PREFIX)].lower() != _AUTOTASK_PREFIX:
        return False
    try:
        claimed = base64.b64decode(text[len(_AUTOTASK_PREFIX) :], validate=True)
    except (binascii.Error, ValueError):
        return False
    expected = hmac.new(secret.encode("utf-8"), raw_body, hashlib.sha1).digest()
    return hmac.compare_digest(expected, claimed)


def field_nation_signature_ok(secret: str, raw_body: bytes, header: str | None) -> bool:
    """Whether `X-FN-Signature` is that of the body: `sha256=` and the lower-case hex of HMAC-SHA256 under the secret.

    Source: Field Nation webhooks v3, signature. Another spelling (upper case, white space) or another algorithm is
    False, as is an empty secret, under which anybody could sign. Takes the same time wherever the difference lies.
    """
    if not secret or header is None:
        return False
    digest = hmac.new(secret.encode("utf-8"), raw_body, hashlib.sha256).hexdigest()
    expected = f"{_FIELD_NATION_PREFIX}{digest}".encode()
    return hmac.compare_digest(expected, header.encode("utf-8", errors="surrogatepass"))
