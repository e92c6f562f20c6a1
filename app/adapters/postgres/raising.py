"""How a job is raised: the one clause that intake, a resolved number and a person's retry share."""

STORM = 50
"""So many triggers for one thing, seen by one pass, are a storm."""

CALM_PASSES, CALM_FACTOR = 2, 5
"""After so many passes in a storm that found nothing to do, the next one waits that many times longer."""


def spaced_from(start: str, calm: str) -> str:
    """When the next pass may start: after the spacing, or a multiple of it in a storm that changes nothing."""
    factor = f"CASE WHEN {calm} >= {CALM_PASSES} THEN {CALM_FACTOR} ELSE 1 END"
    return f"{start} + make_interval(secs => CAST(:spacing_s AS float8) * {factor})"


AT_REST = "(jobs.state IN ('idle', 'dead') OR jobs.resting)"
"""A job that nobody waits for: settled, and at the most queued for a later turn of its own."""

RAISE = f"""
ON CONFLICT (connection_id, kind, key) DO UPDATE SET
    wanted = jobs.wanted + 1,
    raised_from = CASE WHEN jobs.resting THEN 'idle' ELSE jobs.state END,
    state = CASE WHEN {AT_REST} THEN 'queued' ELSE jobs.state END,
    resting = false,
    attempts = CASE WHEN {AT_REST} THEN 0 ELSE jobs.attempts END,
    code = CASE WHEN {AT_REST} THEN '' ELSE jobs.code END,
    text = CASE WHEN {AT_REST} THEN '' ELSE jobs.text END,
    options = ARRAY(SELECT DISTINCT o FROM unnest(jobs.options || excluded.options) AS o ORDER BY o),
    first_wanted_at = CASE
        WHEN {AT_REST} OR (jobs.state = 'running' AND jobs.wanted = jobs.observed)
        THEN excluded.first_wanted_at ELSE jobs.first_wanted_at END,
    last_wanted_at = excluded.last_wanted_at,
    changed_at = excluded.changed_at,
    due_at = CASE
        WHEN jobs.resting
        THEN least(jobs.due_at, greatest(excluded.due_at, {spaced_from("jobs.last_pass_at", "jobs.calm")}))
        WHEN jobs.state IN ('idle', 'dead')
        THEN greatest(excluded.due_at, {spaced_from("jobs.last_pass_at", "jobs.calm")})
        WHEN jobs.state = 'queued' AND excluded.hastened
        THEN least(jobs.due_at, greatest(excluded.due_at,
             jobs.last_pass_at + make_interval(secs => CAST(:spacing_s AS float8))))
        ELSE jobs.due_at END
"""
"""Closes the race of a trigger with the pass it meets.

The row's lock orders the two: a pass that took the job before sees `wanted` rise above its `observed` and runs again;
one that takes it afterwards has the new `wanted` as its `observed`. A waiting job keeps its time (a storm must not
shorten a back-off) unless a person asks; one that only rests until its next turn is due like an idle one. Rows must be
given in the order (connection_id, kind, key): every statement that locks several jobs uses that order, so none waits
in a circle.
"""

MERGED_FROM = frozenset({"queued", "running"})
"""States of `raised_from` in which a trigger joined standing work."""

WORK_CHANNEL = "broker_work"
"""The NOTIFY channel of new work; it carries nothing, listeners look for themselves."""
