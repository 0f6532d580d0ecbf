"""Personal data in texts, as the models mask it: for what is shown of a document beside the tables.

Source: ``dbt_project/macros/personal_data.sql``, whose patterns these are (a test says so); UU 27/2022.

Put here: masking a text. Keep out: telling the region (rule ``PII-001``).
"""

from __future__ import annotations

import re

_DAY = "(?:0[1-9]|[12][0-9]|3[01]|4[1-9]|[56][0-9]|7[01])"
_MONTH = "(?:0[1-9]|1[0-2])"
PATTERNS = {
    "surel": r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:[.][A-Za-z0-9-]+)+",
    "NIK": rf"\b(?:[0-9]{{6}}[ .-]?{_DAY}{_MONTH}[0-9]{{2}}[ .-]?[0-9]{{4}}"
    rf"|[0-9]{{4}}[ .-][0-9]{{2}}{_DAY}[ .-]{_MONTH}[0-9]{{2}}[ .-][0-9]{{4}})\b",
    "telepon": r"(?:[+]62|\b62|\b0)[ .-]?8[0-9](?:[ .-]?[0-9]){7,10}\b"
    r"|[(]0[0-9]{2,3}[)][ .-]?[0-9]{3,4}[ .-]?[0-9]{2,4}\b"
    r"|\b0[2-79][0-9]{1,2}[ -][0-9]{3,4}[ -]?[0-9]{3,4}\b",
}
"""What is looked for, in the order in which it is masked; RE2 and Python read them alike."""
_COMPILED = [(name, re.compile(pattern, re.ASCII)) for name, pattern in PATTERNS.items()]
_NUMBER = re.compile(r"(?:rp)?[-0-9., %]*", re.IGNORECASE)


def masked(text: str) -> str:
    """The text with personal data replaced by its name in brackets."""
    for name, pattern in _COMPILED:
        text = pattern.sub(f"[{name}]", text)
    return text


def masked_unless_number(text: str) -> str:
    """The same for a cell that may hold a number: digits and their signs alone stay."""
    return text if _NUMBER.fullmatch(text) else masked(text)
