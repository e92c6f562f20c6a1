"""Reviewing: all that can be said of a file and its compiled rules without asking for a single record."""

from collections.abc import Callable, Iterator
from typing import Final

from app.core.model.finding import Finding
from app.core.planning.review.conversions import conversions
from app.core.planning.review.coverage import coverage
from app.core.planning.review.demands import demands
from app.core.planning.review.import_filter import import_filter
from app.core.planning.review.order_places import places
from app.core.planning.review.owners import owners
from app.core.planning.review.status_direction import status_direction
from app.core.planning.review.subject import Subject

_REVIEWS: Final[tuple[Callable[[Subject], Iterator[Finding]], ...]] = (
    places,
    conversions,
    coverage,
    owners,
    status_direction,
    demands,
    import_filter,
)


def review(subject: Subject) -> tuple[Finding, ...]:
    """What is wrong or doubtful, each once, in the order of the rules' places as far as there is one."""
    return tuple(dict.fromkeys(finding for one in _REVIEWS for finding in one(subject)))
