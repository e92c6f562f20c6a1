"""Who may look: the viewer's and the admin's token, compared in constant time."""

import hashlib
import hmac
import ipaddress
from dataclasses import dataclass, field
from enum import StrEnum

from fastapi import Request


class Role(StrEnum):
    VIEWER = "viewer"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class AccessTokens:
    """The two tokens of the installation. An empty token lets nobody in."""

    viewer: str = field(repr=False)
    admin: str = field(repr=False)

    def role_of(self, request: Request) -> Role | None:
        """The role of the request's `Authorization: Bearer` token, or None."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        given = token.strip() if scheme.lower() == "bearer" else ""
        is_admin, is_viewer = _same(given, self.admin), _same(given, self.viewer)
        if is_admin:
            return Role.ADMIN
        return Role.VIEWER if is_viewer else None


def _same(given: str, wanted: str) -> bool:
    # Digests have one length, so the comparison tells nothing of the token's.
    left, right = (hashlib.sha256(text.encode("utf-8", "replace")).digest() for text in (given, wanted))
    return hmac.compare_digest(left, right) and bool(wanted)


def is_local(request: Request) -> bool:
    """Whether the client itself sits on this machine; a request that a proxy passed on does not count."""
    if request.client is None or any(name in request.headers for name in ("forwarded", "x-forwarded-for", "via")):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
