"""The allowance of a command: the calls that a person was told of, and what was spent of them."""

from typing import Protocol

from app.core.model.calls import Calls


class Allowance(Protocol):
    """Nothing is called before something is allowed, and nothing beyond it: such a call is `NotSent`."""

    @property
    def spent(self) -> Calls:
        """What was called so far."""

    def allow(self, calls: Calls) -> None:
        """Sets what may be called in all."""
