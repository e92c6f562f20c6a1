"""The composition root: settings in, wired services out. It owns the start and the stop of everything.

It stands above all rooms but the command line, and decides nothing.
"""

from app.bootstrap.desk import operator
from app.bootstrap.processes import migrate, serve, work
from app.bootstrap.scratch import scratch_database

__all__ = ["migrate", "operator", "scratch_database", "serve", "work"]
