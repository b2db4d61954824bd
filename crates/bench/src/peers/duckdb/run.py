"""Runs SQL in DuckDB: what it loads is on the disk before it answers.

    run.py DATABASE LOAD.sql LANES.sql ANSWER.sql OUT

Prints the processor time and the wall time that this took, in nanoseconds, the start of Python left out.
"""
import pathlib
import sys
import time

import duckdb

database, load, lanes, answer, out = sys.argv[1:]
cpu, wall = time.process_time_ns(), time.monotonic_ns()
connection = duckdb.connect(database)
connection.execute("SET preserve_insertion_order = false; SET TimeZone = 'UTC'")
connection.execute("BEGIN")
for file in (load, lanes):
    connection.execute(pathlib.Path(file).read_text())
connection.execute("COMMIT")
# The log of the commit is synced; this writes the tables themselves.
connection.execute("CHECKPOINT")
rows = connection.execute(pathlib.Path(answer).read_text()).fetchall()
pathlib.Path(out).write_text("".join(f"{line}\n" for (line,) in rows))
print(time.process_time_ns() - cpu, time.monotonic_ns() - wall)
