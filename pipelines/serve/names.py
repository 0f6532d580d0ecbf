"""What the server and the process that checks a form call the same thing.

Put here: those names. Keep out: everything else; both sides import it, and the server imports no more of the
other side.
"""

from __future__ import annotations

ANSWER, WORKBOOK = "answer.json", "feedback.xlsx"
"""What is left in the folder of a form: what is said of it, and the feedback workbook."""
READY = b"ready\n"
