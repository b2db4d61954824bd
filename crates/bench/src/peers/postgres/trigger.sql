-- Lines come in by COPY into a table of the session, which is never written to the log; one trigger a
-- batch takes them apart in sets. Each document is read once.
CREATE TEMPORARY TABLE fresh (doc jsonb NOT NULL) ON COMMIT DELETE ROWS;

CREATE FUNCTION take() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WITH line AS MATERIALIZED (
        SELECT doc, doc->>'bizStep' AS step, doc->>'type' = 'Manifest' AS is_plan,
               doc->'bizLocation'->>'id' AS site, doc->'bizTransactionList'->0->>'bizTransaction' AS papers,
               (doc->>'eventTime')::timestamptz AS at
        FROM came
    ),
    planned AS (
        INSERT INTO manifest SELECT doc->>'id', doc->>'from', doc->>'to',
            (doc->>'departBy')::timestamptz, (doc->>'arriveBy')::timestamptz FROM line WHERE is_plan
    ),
    part AS MATERIALIZED (
        SELECT doc->>'id' AS manifest, one->>'line' AS line, one->>'unit' AS unit, one->>'class' AS class,
               (one->>'quantity')::numeric AS quantity
        FROM line, jsonb_array_elements(doc->'lines') AS one WHERE is_plan
    ),
    units AS (
        INSERT INTO unit_line SELECT manifest, line, unit FROM part WHERE unit IS NOT NULL
    ),
    amounts AS (
        INSERT INTO amount_line SELECT manifest, line, class, quantity FROM part WHERE class IS NOT NULL
    ),
    left_here AS (
        INSERT INTO departure SELECT papers, unit, site, at
        FROM line, jsonb_array_elements_text(doc->'epcList') AS unit WHERE step = 'departing'
    ),
    came_here AS (
        INSERT INTO arrival SELECT papers, unit, site, at
        FROM line, jsonb_array_elements_text(doc->'epcList') AS unit WHERE step = 'receiving'
        RETURNING site
    ),
    now_held AS (
        INSERT INTO held SELECT site, count(*) FROM came_here GROUP BY site
        ON CONFLICT (site) DO UPDATE SET units = held.units + excluded.units
    ),
    counted AS MATERIALIZED (
        SELECT papers, site, one->>'epcClass' AS class, CASE step WHEN 'departing' THEN -1 ELSE 1 END AS sign,
               (one->>'quantity')::numeric AS quantity
        FROM line, jsonb_array_elements(doc->'quantityList') AS one
        WHERE step IN ('departing', 'receiving', 'commissioning')
    ),
    on_papers AS (
        INSERT INTO moved SELECT papers, class, sign, sum(quantity) FROM counted
        WHERE papers IS NOT NULL GROUP BY papers, class, sign
        ON CONFLICT (manifest, class, sign) DO UPDATE SET quantity = moved.quantity + excluded.quantity
    )
    INSERT INTO stock SELECT site, class, sum(sign * quantity) FROM counted GROUP BY site, class
    ON CONFLICT (site, class) DO UPDATE SET quantity = stock.quantity + excluded.quantity;
    RETURN NULL;
END
$$;

CREATE TRIGGER take AFTER INSERT ON fresh REFERENCING NEW TABLE AS came
    FOR EACH STATEMENT EXECUTE FUNCTION take();
