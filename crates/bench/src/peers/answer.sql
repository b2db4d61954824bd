-- Who is short at the deadline, and what is where, as of an instant. Read by PostgreSQL and by DuckDB.
WITH due AS (
    SELECT m.id, m.depart_by + l.grace < TIMESTAMPTZ '{now}' AS has_left, m.arrive_by + l.grace < TIMESTAMPTZ '{now}' AS is_there
    FROM manifest m JOIN lane l ON l.from_site = m.from_site AND l.to_site = m.to_site
),
unit_state AS (
    SELECT u.manifest, u.line, u.unit, due.has_left, due.is_there, d.unit IS NOT NULL AS left_it, a.unit IS NOT NULL AS came
    FROM unit_line u JOIN due ON due.id = u.manifest
    LEFT JOIN departure d ON d.manifest = u.manifest AND d.unit = u.unit
    LEFT JOIN arrival a ON a.manifest = u.manifest AND a.unit = u.unit
    WHERE d.unit IS NULL OR a.unit IS NULL
),
amount_state AS (
    SELECT l.manifest, l.line, due.has_left, due.is_there, l.quantity AS planned,
           coalesce(g.quantity, 0) AS given, coalesce(t.quantity, 0) AS taken
    FROM amount_line l JOIN due ON due.id = l.manifest
    LEFT JOIN moved g ON g.manifest = l.manifest AND g.class = l.class AND g.sign = -1
    LEFT JOIN moved t ON t.manifest = l.manifest AND t.class = l.class AND t.sign = 1
)
SELECT 'unit|' || manifest || '|' || line || '|depart|' || unit FROM unit_state WHERE has_left AND NOT left_it AND NOT came
UNION ALL
SELECT 'unit|' || manifest || '|' || line || '|arrive|' || unit FROM unit_state WHERE is_there AND left_it AND NOT came
UNION ALL
SELECT 'amount|' || manifest || '|' || line || '|depart|' || CAST(planned - given AS bigint) FROM amount_state
    WHERE has_left AND planned <> given
UNION ALL
SELECT 'amount|' || manifest || '|' || line || '|arrive|' || CAST(given - taken AS bigint) FROM amount_state
    WHERE is_there AND given <> taken
UNION ALL
SELECT 'stock|' || site || '|' || class || '|' || CAST(quantity AS bigint) FROM stock WHERE quantity <> 0
UNION ALL
SELECT 'held|' || site || '|' || units FROM held;
