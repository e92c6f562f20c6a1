"""Sealed secrets: AES-256-GCM with the name of the key inside, bound to the connection and the field.

A sealed text is `v1.<key id>.<nonce and ciphertext, base64url>`.
"""

import base64
import binascii
import hashlib
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION = "v1"
_NONCE_BYTES = 12
_KEY_BYTES = 32


class AesSealer:
    """Implements `Sealer`: the first key encrypts, every key decrypts. Neither keys nor plain texts are shown."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """`keys` are 32 bytes each, newest first; raises `ValueError` when there is none or one has another length."""
        if not keys or any(len(key) != _KEY_BYTES for key in keys):
            raise ValueError("a sealer needs at least one key, of 32 bytes each")
        self._ciphers = {key_id(key): AESGCM(key) for key in keys}
        self._newest = key_id(keys[0])

    def __repr__(self) -> str:
        return f"AesSealer(keys={list(self._ciphers)})"

    def seal(self, connection: str, field: str, text: str) -> str:
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[self._newest].encrypt(nonce, text.encode(), _binding(connection, field))
        return f"{_VERSION}.{self._newest}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, connection: str, field: str, sealed: str) -> str:
        version, _, rest = sealed.partition(".")
        named, _, body = rest.partition(".")
        cipher = self._ciphers.get(named)
        if version != _VERSION or cipher is None:
            raise ValueError(f"{connection}: no key opens {field}; it was sealed with key {named or 'unknown'}")
        try:
            raw = base64.urlsafe_b64decode(body)
            return cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _binding(connection, field)).decode()
        except (InvalidTag, binascii.Error, ValueError):
            raise ValueError(f"{connection}: {field} was changed, or belongs to something else") from None

    def reseal(self, connection: str, field: str, sealed: str) -> str:
        """The same secret under the newest key; the text itself when it is already. Raises `ValueError` like `open`."""
        if self.is_newest(sealed):
            self.open(connection, field, sealed)
            return sealed
        return self.seal(connection, field, self.open(connection, field, sealed))

    def is_newest(self, sealed: str) -> bool:
        """Whether the newest key sealed it."""
        return sealed.startswith(f"{_VERSION}.{self._newest}.")


def key_id(key: bytes) -> str:
    """A short name for a key that says nothing about it."""
    return hashlib.sha256(b"broker key id:" + key).hexdigest()[:12]


def _binding(connection: str, field: str) -> bytes:
    """What the sealed text is bound to; the separator occurs in neither part."""
    return f"{connection}\x1f{field}".encode()
