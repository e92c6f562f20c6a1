"""Follow-ups: jobs that a settled pass raises, in the transaction that ends it."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.adapters.postgres.documents import clean, dumps
from app.adapters.postgres.raising import RAISE, WORK_CHANNEL
from app.core.model.ids import Epoch
from app.core.model.job import Job
from app.core.model.outcome import FollowUp

# "live_pass": closes the race with an archive. The connection is locked as intake locks it, before any job, so that no
# job is raised behind an archive's back; a pass whose job an archive has ended raises nothing.
LIVE_PASS = text("""
SELECT c.account_id FROM connections c JOIN jobs j ON j.connection_id = c.id
WHERE j.id = :id AND j.state = 'running' AND j.epoch = :epoch AND c.state <> 'archived'
FOR KEY SHARE OF c
""")

# "raise_following": nobody triggered them, so they have no receipt. The database compares, since it sorts: those before
# the pass's own job are locked before it and the others after it, in the one order in which jobs are locked.
RAISE_FOLLOWING = text(f"""
WITH raised AS (
    INSERT INTO jobs (connection_id, account_id, kind, key, state, wanted, options,
                      due_at, first_wanted_at, last_wanted_at, changed_at)
    SELECT CAST(:connection AS bigint), CAST(:account AS bigint), f.kind, f.key, 'queued', 1,
           ARRAY(SELECT jsonb_array_elements_text(CAST(f.options AS jsonb))), now(), now(), now(), now()
    FROM unnest(CAST(:kinds AS text[]), CAST(:keys AS text[]), CAST(:options AS text[])) AS f(kind, key, options)
    WHERE ((f.kind, f.key) < (:own_kind, :own_key)) = CAST(:before AS boolean)
    ORDER BY f.kind, f.key
    {RAISE}
    RETURNING raised_from
), told AS MATERIALIZED (
    SELECT pg_notify('{WORK_CHANNEL}', '')
    WHERE EXISTS (SELECT 1 FROM raised WHERE raised_from NOT IN ('queued', 'running'))
)
SELECT count(*) FROM told
""")


class Following:
    """The follow-ups of one pass, each job once, with the options of all that ask for it."""

    def __init__(self, connection: AsyncConnection, asked: dict[str, object] | None) -> None:
        self._connection = connection
        self._asked = asked

    @classmethod
    async def of(
        cls, connection: AsyncConnection, job: Job, epoch: Epoch, then: Sequence[FollowUp], spacing_s: float
    ) -> "Following":
        """What the pass raises: nothing when it asks for nothing or when its job is not its own any more."""
        if not then:
            return cls(connection, None)
        account = await connection.scalar(LIVE_PASS, {"id": job.id, "epoch": epoch})
        if account is None:
            return cls(connection, None)
        options: dict[tuple[str, str], set[str]] = {}
        for one in then:
            options.setdefault((one.kind.value, clean(one.key)), set()).update(one.options)
        asked = {
            "connection": job.connection_id,
            "account": account,
            "kinds": [kind for kind, _ in options],
            "keys": [key for _, key in options],
            "options": [dumps(sorted(wanted)) for wanted in options.values()],
            "own_kind": job.kind.value,
            "own_key": job.key,
            "spacing_s": spacing_s,
        }
        return cls(connection, asked)

    async def raise_before(self) -> None:
        """Raises those that are locked before the pass's own job."""
        await self._raise(before=True)

    async def raise_after(self) -> None:
        """Raises the others, the pass's own job among them."""
        await self._raise(before=False)

    async def _raise(self, *, before: bool) -> None:
        if self._asked is not None:
            await self._connection.execute(RAISE_FOLLOWING, {**self._asked, "before": before})
