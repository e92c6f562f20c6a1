"""What goes through the door, and what comes back."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.adapters.http.jsontext import from_json
from app.core.model.document import Json


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request. At most one of `json` and `form` is given; `json` is serialised by the sender.

    `params` replaces the query of `url` when given. `timeout_s` bounds the whole exchange, from the moment the gates
    let it through. With `redact` a failure's detail names the host only. The repr shows neither query nor headers.
    """

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    params: Mapping[str, str] | None = field(default=None, repr=False)
    json: Json | None = field(default=None, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    timeout_s: float = 100.0
    redact: bool = False


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """One answer of any status. Header names are lower-case; `body` is decoded from its transfer encodings."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def json(self) -> Json:
        """The parsed body, fractions as Decimal. Raises ValueError when it is not JSON."""
        return from_json(self.body)
