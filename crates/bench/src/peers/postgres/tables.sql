-- What a reconciliation in PostgreSQL keeps. Facts are only ever added: an update of a row would write
-- it anew, and who is short is what a plan has and no fact answers.
CREATE TABLE lane (from_site text, to_site text, grace interval NOT NULL, PRIMARY KEY (from_site, to_site));
CREATE TABLE manifest (
    id text NOT NULL, from_site text NOT NULL, to_site text NOT NULL,
    depart_by timestamptz NOT NULL, arrive_by timestamptz NOT NULL
);
CREATE TABLE unit_line (manifest text NOT NULL, line text NOT NULL, unit text NOT NULL);
CREATE TABLE amount_line (manifest text NOT NULL, line text NOT NULL, class text NOT NULL, quantity numeric NOT NULL);
CREATE TABLE departure (manifest text NOT NULL, unit text NOT NULL, site text NOT NULL, at timestamptz NOT NULL);
CREATE TABLE arrival (manifest text NOT NULL, unit text NOT NULL, site text NOT NULL, at timestamptz NOT NULL);
-- What left (-1) and came (+1) of a class, by its papers.
CREATE TABLE moved (manifest text NOT NULL, class text NOT NULL, sign smallint NOT NULL, quantity numeric NOT NULL);
