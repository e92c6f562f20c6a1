"""Zones: where a database lives."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from app.core.model.document import Document
from app.core.model.failure import Transient

# Autotask developer help, REST security: discovery answers with a host below this domain.
_DOMAIN = ".autotask.net"


@dataclass(frozen=True, slots=True)
class Zone:
    """`url` is the API's base and ends with a slash; `web_url` is for people; `ci` names the database."""

    url: str
    web_url: str
    ci: int


def discovery_address(root: str) -> str:
    """The address of zone discovery; the user goes into the query."""
    return f"{root.rstrip('/')}/v1.0/zoneInformation"


def address(zone: Zone, path: str) -> str:
    """The address of a path relative to the API's root."""
    return f"{zone.url}v1.0/{path}"


def read_zone(body: Document, discovery_root: str) -> Zone:
    """The zone of a discovery answer. Raises `Transient` when it is none, or leads to a stranger's host."""
    url, ci, web_url = body.get("url"), body.get("ci"), body.get("webUrl")
    if not isinstance(url, str) or not isinstance(ci, int) or isinstance(ci, bool):
        raise Transient("Autotask's zone discovery answered without an address.")
    if not _is_trusted(url, discovery_root):
        raise Transient("Autotask's zone discovery named a host that is not Autotask's.")
    return Zone(url.rstrip("/") + "/", web_url if isinstance(web_url, str) else "", ci)


def _is_trusted(url: str, discovery_root: str) -> bool:
    """A host of Autotask by https, or (a simulator) the very host that was asked."""
    try:
        zone, root = urlsplit(url), urlsplit(discovery_root)
    except ValueError:
        return False
    host = (zone.hostname or "").lower()
    if host.endswith(_DOMAIN):
        return zone.scheme == "https"
    return bool(host) and host == root.hostname and zone.scheme == root.scheme
