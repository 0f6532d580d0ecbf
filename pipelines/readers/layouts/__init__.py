"""Tables that are not in our shape, read by the ``layout:`` of their source (docs/runbooks/layout.md).

Put here: from the cells of a document to our rows, set at a time in DuckDB. Keep out: the words of a layout
(``submissions.layout``), opening documents (``documents``).
"""
