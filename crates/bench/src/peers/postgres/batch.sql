-- All of the file at once: tables without indexes, filled in sets, the balance by adding up at the end.
CREATE TEMPORARY TABLE fresh (doc jsonb NOT NULL);
COPY fresh FROM :'file' WITH (FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02');

-- Once through the documents, and no further than what is asked for.
CREATE TEMPORARY TABLE line AS
    SELECT doc->>'bizStep' AS step, doc->'bizLocation'->>'id' AS site,
           doc->'bizTransactionList'->0->>'bizTransaction' AS papers, (doc->>'eventTime')::timestamptz AS at,
           doc->'epcList' AS units, doc->'quantityList' AS amounts
    FROM fresh WHERE doc->>'type' <> 'Manifest';

INSERT INTO manifest SELECT doc->>'id', doc->>'from', doc->>'to',
    (doc->>'departBy')::timestamptz, (doc->>'arriveBy')::timestamptz FROM fresh WHERE doc->>'type' = 'Manifest';

CREATE TEMPORARY TABLE part AS
    SELECT doc->>'id' AS manifest, one->>'line' AS line, one->>'unit' AS unit, one->>'class' AS class,
           (one->>'quantity')::numeric AS quantity
    FROM fresh, jsonb_array_elements(doc->'lines') AS one WHERE doc->>'type' = 'Manifest';
INSERT INTO unit_line SELECT manifest, line, unit FROM part WHERE unit IS NOT NULL;
INSERT INTO amount_line SELECT manifest, line, class, quantity FROM part WHERE class IS NOT NULL;

INSERT INTO departure SELECT papers, unit, site, at
    FROM line, jsonb_array_elements_text(units) AS unit WHERE step = 'departing';
INSERT INTO arrival SELECT papers, unit, site, at
    FROM line, jsonb_array_elements_text(units) AS unit WHERE step = 'receiving';

CREATE TEMPORARY TABLE counted AS
    SELECT papers, site, one->>'epcClass' AS class, CASE step WHEN 'departing' THEN -1 ELSE 1 END AS sign,
           (one->>'quantity')::numeric AS quantity
    FROM line, jsonb_array_elements(amounts) AS one
    WHERE step IN ('departing', 'receiving', 'commissioning');
INSERT INTO moved SELECT papers, class, sign, sum(quantity) FROM counted
    WHERE papers IS NOT NULL GROUP BY papers, class, sign;
INSERT INTO stock SELECT site, class, sum(sign * quantity) FROM counted GROUP BY site, class;
INSERT INTO held SELECT site, count(*) FROM arrival GROUP BY site;
ANALYZE;
