-- The whole file into tables of a database on the disk; only what is asked for is taken out of the JSON.
CREATE TABLE lane (from_site VARCHAR, to_site VARCHAR, grace INTERVAL);
CREATE TEMPORARY TABLE raw AS SELECT * FROM read_json('{file}', format = 'newline_delimited', columns = {
    type: 'VARCHAR', id: 'VARCHAR', "from": 'VARCHAR', "to": 'VARCHAR', departBy: 'VARCHAR', arriveBy: 'VARCHAR',
    lines: 'STRUCT(line VARCHAR, unit VARCHAR, class VARCHAR, quantity VARCHAR)[]',
    bizStep: 'VARCHAR', eventTime: 'VARCHAR', bizLocation: 'STRUCT(id VARCHAR)',
    bizTransactionList: 'STRUCT(bizTransaction VARCHAR)[]', epcList: 'VARCHAR[]',
    quantityList: 'STRUCT(epcClass VARCHAR, quantity BIGINT)[]'
});
CREATE TABLE manifest AS SELECT id, "from" AS from_site, "to" AS to_site, CAST(departBy AS TIMESTAMPTZ) AS depart_by,
    CAST(arriveBy AS TIMESTAMPTZ) AS arrive_by FROM raw WHERE type = 'Manifest';
CREATE TEMPORARY TABLE part AS SELECT id AS manifest, unnest(lines) AS one FROM raw WHERE type = 'Manifest';
CREATE TABLE unit_line AS SELECT manifest, one.line AS line, one.unit AS unit FROM part WHERE one.unit IS NOT NULL;
CREATE TABLE amount_line AS SELECT manifest, one.line AS line, one.class AS class, CAST(one.quantity AS BIGINT) AS quantity
    FROM part WHERE one.class IS NOT NULL;
CREATE TABLE departure AS SELECT bizTransactionList[1].bizTransaction AS manifest, unnest(epcList) AS unit,
    bizLocation.id AS site, CAST(eventTime AS TIMESTAMPTZ) AS at FROM raw WHERE bizStep = 'departing';
CREATE TABLE arrival AS SELECT bizTransactionList[1].bizTransaction AS manifest, unnest(epcList) AS unit,
    bizLocation.id AS site, CAST(eventTime AS TIMESTAMPTZ) AS at FROM raw WHERE bizStep = 'receiving';
CREATE TEMPORARY TABLE counted AS SELECT bizTransactionList[1].bizTransaction AS papers, bizLocation.id AS site,
    CASE bizStep WHEN 'departing' THEN -1 ELSE 1 END AS sign, unnest(quantityList) AS one
    FROM raw WHERE bizStep IN ('departing', 'receiving', 'commissioning');
CREATE TABLE moved AS SELECT papers AS manifest, one.epcClass AS class, sign, sum(one.quantity) AS quantity
    FROM counted WHERE papers IS NOT NULL GROUP BY ALL;
CREATE TABLE stock AS SELECT site, one.epcClass AS class, sum(sign * one.quantity) AS quantity FROM counted GROUP BY ALL;
CREATE TABLE held AS SELECT site, count(*) AS units FROM arrival GROUP BY site;
