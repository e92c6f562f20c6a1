"""Trigger tokens: where a request carries one, and how it is compared."""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce


@dataclass(frozen=True, slots=True)
class Credentials:
    """The one token of a request. `token` is empty when there is none, or when two `disagree`."""

    token: str = field(repr=False)
    disagree: bool = False

    @property
    def is_usable(self) -> bool:
        return bool(self.token) and not self.disagree


def tokens_of(query: Sequence[tuple[str, str]], headers: Sequence[tuple[str, str]]) -> Credentials:
    """The token of `client_token` in the query, of `Authorization: Bearer` or of `X-Client-Token`.

    The same token in several places is one; two different ones are refused, since either could be the forged one.
    """
    found = [value.strip() for key, value in query if key.lower() == "client_token"]
    found += [token for key, value in headers if (token := _header_token(key.lower(), value))]
    hashes = [token_hash(token) for token in found if token]
    if not hashes:
        return Credentials("")
    if not all(same_hash(hashes[0], other) for other in hashes[1:]):
        return Credentials("", disagree=True)
    return Credentials(next(token for token in found if token))


def _header_token(name: str, value: str) -> str:
    if name == "x-client-token":
        return value.strip()
    scheme, _, token = value.strip().partition(" ")
    return token.strip() if name == "authorization" and scheme.lower() == "bearer" else ""


def token_hash(token: str) -> bytes:
    """SHA-256 of the token: what is kept and looked up in its stead. A token is random, so no salt is needed."""
    return hashlib.sha256(token.encode("utf-8", errors="surrogatepass")).digest()


def same_hash(left: bytes, right: bytes) -> bool:
    """Equality in constant time."""
    return hmac.compare_digest(left, right)


def is_one_of(candidate: bytes, known: Iterable[bytes]) -> bool:
    """Whether the hash is among the known ones; every one is compared, so that the time tells nothing."""
    return reduce(lambda seen, other: seen | same_hash(candidate, other), known, False)
