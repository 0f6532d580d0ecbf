"""A release in PostgreSQL, schema ``marts``: the same tables, for BI tools, in one transaction.

    after_release      the database follows, where there is one
    publication        which release, which database, attempts
    load               the transaction
    parts              what of a table has to be replaced
    tables, keys       what the tables must be and what they are; keys, indexes, foreign keys
    operation          the ledger of runs, in a schema of its own
    access             who may read which rows
    views              the views of schema ``bi``
    words              comments in two languages
    session, address   the connection
    throw_away         a server for a moment

Tables stay where they are and rows are deleted and copied: grants, views and what people built on the tables
survive, readers wait for nobody, and see the old release until the new one is there as a whole.

Put here: PostgreSQL. Keep out: making a release (``publish.release``).
"""
