"""Trigger tokens: hashes only, two live during a rotation."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.adapters.postgres.engine import begin, single
from app.core.model.failure import Rejected
from app.core.model.ids import ConnectionId

# "turn_of_tokens": two rotations at once leave two tokens live, not three.
TURN = text("SELECT id FROM connections WHERE id = :connection FOR NO KEY UPDATE")
ADD = text("""
INSERT INTO trigger_tokens (connection_id, token_hash, created_at) VALUES (:connection, :token_hash, clock_timestamp())
ON CONFLICT (token_hash) DO UPDATE SET revoked_at = NULL, connection_id = excluded.connection_id,
    created_at = CASE WHEN trigger_tokens.revoked_at IS NULL
                 THEN trigger_tokens.created_at ELSE excluded.created_at END
WHERE trigger_tokens.connection_id = excluded.connection_id
    OR (SELECT state FROM connections WHERE id = trigger_tokens.connection_id) = 'archived'
RETURNING id
""")
REVOKE_OLD = text("""
UPDATE trigger_tokens SET revoked_at = now()
WHERE connection_id = :connection AND revoked_at IS NULL AND token_hash <> :token_hash AND id NOT IN (
    SELECT id FROM trigger_tokens
    WHERE connection_id = :connection AND revoked_at IS NULL AND token_hash <> :token_hash
    ORDER BY created_at DESC, id DESC LIMIT 1)
""")
LIVE = text("SELECT count(*) FROM trigger_tokens WHERE connection_id = :connection AND revoked_at IS NULL")


class PostgresTokens:
    """Trigger tokens on PostgreSQL."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def add(self, connection: ConnectionId, token_hash: bytes) -> None:
        """Makes the token live; of the tokens before it the newest stays live, older ones are revoked.

        A token that is live already changes nothing. Raises `Rejected` when it is another connection's.
        """
        which = {"connection": connection, "token_hash": token_hash}
        async with begin(self._engine) as sql:
            await sql.execute(TURN, {"connection": connection})
            if await sql.scalar(ADD, which) is None:
                raise Rejected("token_taken", "This trigger token belongs to another connection.", field="client_token")
            await sql.execute(REVOKE_OLD, which)

    async def live(self, connection: ConnectionId) -> int:
        """How many tokens are live: 0, 1 or 2."""
        async with single(self._engine) as sql:
            return int(await sql.scalar(LIVE, {"connection": connection}) or 0)
