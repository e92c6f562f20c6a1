"""Everything that happened to one pair, in order, each pass and write with the version it was made under."""

from sqlalchemy import text

# Whichever side is named, its links give the other; a pair that was never linked has one side only.
TIMELINE = text("""
WITH pairs AS MATERIALIZED (
    SELECT ticket_id, ticket_number, work_order_id, origin, created_at, retired_at, retired_because FROM links
    WHERE connection_id = :connection
      AND ((:ticket <> 0 AND ticket_id = :ticket) OR (:work_order <> 0 AND work_order_id = :work_order))
), tickets AS MATERIALIZED (
    SELECT CAST(ticket_id AS text) AS key FROM pairs
    UNION SELECT CAST(CAST(:ticket AS bigint) AS text) WHERE :ticket <> 0
), orders AS MATERIALIZED (
    SELECT CAST(work_order_id AS text) AS key FROM pairs
    UNION SELECT CAST(CAST(:work_order AS bigint) AS text) WHERE :work_order <> 0
), numbers AS MATERIALIZED (
    SELECT ticket_number AS key FROM pairs WHERE ticket_number <> ''
), records AS MATERIALIZED (
    SELECT 'ticket:' || key AS key FROM tickets UNION SELECT 'work_order:' || key FROM orders
    UNION SELECT 'work_order_files:' || key FROM orders UNION SELECT 'ticket_number:' || key FROM numbers
), things AS MATERIALIZED (
    SELECT 'import_ticket' AS kind, key FROM tickets UNION SELECT 'resolve_number', key FROM numbers
    UNION SELECT 'push_work_order', key FROM orders UNION SELECT 'push_files', key FROM orders
), own_jobs AS MATERIALIZED (
    SELECT id AS job_id FROM jobs JOIN things USING (kind, key) WHERE connection_id = :connection
    UNION
    SELECT job_id FROM runs JOIN things USING (kind, key) WHERE connection_id = :connection
)
SELECT received_at AS at, 'trigger' AS what, 'named ' || named || ' (' || replace(source, '_', ' ') || ')' AS text,
       '' AS code, CAST(id AS text) AS ref, 1 AS rank, CAST(NULL AS int) AS version
FROM receipts WHERE job_id IN (SELECT job_id FROM own_jobs)
UNION ALL
SELECT ended_at, 'pass', CASE kind WHEN 'push_work_order' THEN 'push: ' WHEN 'push_files' THEN 'files: ' ELSE '' END
    || outcome || CASE WHEN version = 0 THEN '' ELSE ' under version ' || version END
    || CASE WHEN text = '' THEN '' ELSE ': ' || text END, code, CAST(job_id AS text), 4, nullif(version, 0)
FROM runs WHERE job_id IN (SELECT job_id FROM own_jobs)
UNION ALL
SELECT opened_at, 'write', replace(kind, '_', ' ') || ': ' || replace(verb, '_', ' ')
    || CASE WHEN key IN (verb, 'create') THEN '' ELSE ' ' || key END
    || CASE WHEN version = 0 THEN '' ELSE ' under version ' || version END, '', CAST(id AS text), 2, nullif(version, 0)
FROM ledger WHERE connection_id = :connection AND (
    owner IN (SELECT key FROM records) OR remote_id IN (SELECT key FROM orders) AND kind LIKE 'work_order%')
UNION ALL
SELECT closed_at, 'result', replace(kind, '_', ' ') || ': ' || state
    || CASE WHEN remote_id = '' THEN '' ELSE ' as ' || remote_id END
    || CASE WHEN note = '' THEN '' ELSE ': ' || note END, '', CAST(id AS text), 3, NULL
FROM ledger WHERE connection_id = :connection AND closed_at IS NOT NULL AND (
    owner IN (SELECT key FROM records) OR remote_id IN (SELECT key FROM orders) AND kind LIKE 'work_order%')
UNION ALL
SELECT first_seen_at, 'finding', severity || ': ' || text, code, CAST(id AS text), 5, NULL
FROM findings WHERE connection_id = :connection AND record IN (SELECT key FROM records)
UNION ALL
SELECT created_at, 'link', 'ticket ' || ticket_id || ' and work order ' || work_order_id || ' (' || origin || ')',
       '', '', 3, NULL
FROM pairs
UNION ALL
SELECT retired_at, 'unlink', 'ticket ' || ticket_id || ' and work order ' || work_order_id || ': ' || retired_because,
       '', '', 3, NULL
FROM pairs WHERE retired_at IS NOT NULL
ORDER BY at, rank, ref
""")
