-- The balance by site and class stands ready after each batch.
CREATE TABLE stock (site text, class text, quantity numeric NOT NULL, PRIMARY KEY (site, class)) WITH (fillfactor = 50);
CREATE TABLE held (site text PRIMARY KEY, units bigint NOT NULL) WITH (fillfactor = 50);
