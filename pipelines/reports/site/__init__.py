"""The report site: a release as pages that open from disk, without a network or a server.

Put here: what a page shows (a query each), how it looks (``templates/``, ``assets/``, ``charts``). Keep out:
computing anything anew. Every number on a page is a published one, or a count of published rows.
"""
