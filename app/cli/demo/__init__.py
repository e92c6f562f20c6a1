"""`broker demo`: the whole product on one machine with no set-up.

`stage` starts the processes, `play` lets people act at the simulators, `tally` counts what stands on both sides.
"""

from app.cli.demo.command import demo

__all__ = ["demo"]
