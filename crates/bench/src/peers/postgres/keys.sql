-- By these a system that is asked at any time finds the facts of a line.
ALTER TABLE manifest ADD PRIMARY KEY (id);
ALTER TABLE unit_line ADD PRIMARY KEY (manifest, unit);
ALTER TABLE amount_line ADD PRIMARY KEY (manifest, class);
ALTER TABLE departure ADD PRIMARY KEY (manifest, unit);
ALTER TABLE arrival ADD PRIMARY KEY (manifest, unit);
ALTER TABLE moved ADD PRIMARY KEY (manifest, class, sign);
CREATE INDEX ON manifest (depart_by);
CREATE INDEX ON manifest (arrive_by);
