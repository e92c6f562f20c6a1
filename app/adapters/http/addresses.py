"""Which addresses the broker may talk to.

https to public hosts; whatever `allowed_hosts` names besides (`host:port`); plain http only to loopback addresses
that are named there. The peer of every connection is checked again, so that a name cannot lead into a private network.
"""

from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from app.core.model.failure import Rejected

_DEFAULT_PORTS = {"https": 443, "http": 80}


def check_url(url: str, allowed_hosts: frozenset[str]) -> str:
    """Gives `host:port` of the URL. Raises `Rejected` when the broker may not call it."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
    except ValueError:
        raise _refuse("a malformed address") from None
    if not host or not port or parts.username is not None:
        raise _refuse("an address that is not of the form https://host/")
    where = f"{host}:{port}"
    if parts.scheme == "http":
        if where not in allowed_hosts or not _may_be_loopback(host):
            raise _refuse(f"http://{where}: plain http is for loopback addresses named in BROKER_UPSTREAM_HOSTS")
    elif where not in allowed_hosts and not _may_be_public(host):
        raise _refuse(f"https://{where}: not a public host, and not named in BROKER_UPSTREAM_HOSTS")
    return where


def check_peer(host: str, port: int, peer: str, allowed_hosts: frozenset[str], *, tls: bool) -> None:
    """Raises `Rejected` when `host` turned out to live at an address that it may not have."""
    address = _address(peer)
    if f"{host.lower()}:{port}" in allowed_hosts:
        if tls or (address is not None and address.is_loopback):
            return
    elif address is not None and _is_public(address):
        return
    raise _refuse(f"{host}:{port}: it is at the address {peer or 'unknown'}")


def _may_be_loopback(host: str) -> bool:
    address = _address(host)
    return host == "localhost" if address is None else address.is_loopback


def _may_be_public(host: str) -> bool:
    address = _address(host)
    return "." in host if address is None else _is_public(address)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_global and not (mapped or address).is_multicast


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text.strip("[]").split("%")[0])
    except ValueError:
        return None


def _refuse(what: str) -> Rejected:
    return Rejected("address_not_allowed", f"The broker may not call {what}.")
