"""What a script may use. Every limit is enforced where it cannot be argued with: by the kernel, or before the jail."""

from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB

CALL_S: Final = 1.0
"""Seconds of one evaluation, by the kernel's timer in the child."""

GRACE_S: Final = 1.5
"""How many seconds more the parent waits before it kills, should the child's own timer have failed."""

START_S: Final = 15.0
"""Seconds until a new child must have said that it is locked down."""

MEMORY_BYTES: Final = 256 * MIB
"""Address space beyond what the child has when it is locked down."""

STACK_BYTES: Final = 32 * MIB
"""The child's stack: deep enough for `MAX_CALL_DEPTH` of the most expensive calls."""

INPUT_BYTES: Final = 256 * KIB
"""The JSON of `$.input` and `$.item` together."""

OUTPUT_BYTES: Final = 64 * KIB
"""The compact JSON of the result."""

TRACE_BYTES: Final = 64 * KIB
"""What one evaluation may trace."""

PROGRAM_BYTES: Final = 64 * KIB
PROGRAM_NESTING: Final = 500
"""Brackets, words such as `if` and `local`, and signs before a value, inside one another."""

DATA_NESTING: Final = 64
"""Arrays and objects inside one another, in the input and in the result."""

MAX_CALL_DEPTH: Final = 500
"""Calls inside one another in a running program."""

PROGRAMS_KEPT_BYTES: Final = 4 * MIB
"""How much program text a child keeps before it forgets all of it."""

REASON_CHARS: Final = 500
"""The longest reason that a person is shown."""

DEATHS_PER_RUN: Final = 3
"""How often one program may end its child in one run before the rest of its calls are refused unseen."""
