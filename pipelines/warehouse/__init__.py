"""dbt and DuckDB: the work file of a run, models built in it, tables written out and read again.

Put here: calling dbt, DuckDB files, Parquet. Keep out: SQL that decides anything (``dbt_project``).
"""
