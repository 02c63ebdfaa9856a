"""Competitor gap: who links to competitors and not to the client, from exports of any size.

Pure: files in, rows out; no ORM. DuckDB reads and groups, in a child process of bounded
memory.
"""
