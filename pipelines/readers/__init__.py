"""Bytes to rows: one module for each kind of document, and the child process that they run in.

Put here: how a document is read. Keep out: how it is fetched (``sources``), how it is kept (``landing``).
"""
