"""People are told when something needs them, and when it is over: by e-mail and by webhooks.

Put here: whom to tell, what, and what was told already. Keep out: which problems there are (``build``).
"""
