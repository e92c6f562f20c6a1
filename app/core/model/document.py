"""Documents: what a vendor's JSON is to us once it is parsed."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias, Union

Json: TypeAlias = Union[bool, int, float, Decimal, str, "Sequence[Json]", "Mapping[str, Json]", None]
Document: TypeAlias = Mapping[str, Json]
