"""``spm serve``: pages, quality, open data and the check of a form over HTTP, without state.

Put here: what speaks HTTP. Keep out: what is shown (``reports``, ``publish.open_data``), judging (``build``).
"""
