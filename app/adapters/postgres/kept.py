"""A connection that one task keeps for itself, made again when it breaks."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from app.adapters.postgres.engine import Patience, connect, troubles


class KeptConnection:
    """One asyncpg connection outside the pool; `prepare` runs on every new one (LISTEN, say)."""

    def __init__(self, url: str, patience: Patience, prepare: Callable[[Any], Awaitable[None]] | None = None) -> None:
        self._url = url
        self._patience = patience
        self._prepare = prepare
        self._lock = asyncio.Lock()
        self._connection: Any = None

    @asynccontextmanager
    async def use(self) -> AsyncIterator[Any]:
        """The connection, alone; dropped after an error, so that the next use starts afresh. Raises `DatabaseAway`."""
        async with self._lock:
            with troubles():
                if self._connection is None or self._connection.is_closed():
                    self._connection = await self._open()
                try:
                    yield self._connection
                except BaseException:
                    self._drop()
                    raise

    async def close(self) -> None:
        """Closes it; a later use would open it again."""
        async with self._lock:
            self._drop()

    async def _open(self) -> Any:
        connection = await connect(self._url, self._patience)
        if self._prepare is not None:
            try:
                await self._prepare(connection)
            except BaseException:
                connection.terminate()
                raise
        return connection

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()
