"""Placeholders of documents that are too large to be fetched, so that they are not lost.

The lines are kept and receipted as any document; the readers reject them with the rule on size.

Put here: writing and recognising those lines. Keep out: the limit (``settings``), the rule (``rules.csv``).
"""

from __future__ import annotations

import json

from pipelines.messages import printable
from pipelines.submissions.file_facts import clean_name, sane_size
from pipelines.submissions.rows import Reject

TOO_LARGE_RULE = "DOC-011"
_MARKER = "spm:unfetched"
_LONGEST = 4096
_LONGEST_VERSION = 200


def placeholder(name: str, size: int | None, version: str, limit: int) -> bytes:
    """The placeholder of a document larger than ``limit`` bytes; ``size`` is none where unknown."""
    facts = {
        _MARKER: clean_name(name),
        "size_bytes": size,
        "version": printable(version)[:_LONGEST_VERSION],
        "limit_bytes": limit,
    }
    return (json.dumps(facts, ensure_ascii=False) + "\n").encode()


def is_unfetched(content: bytes) -> Reject | None:
    """Why a document was not fetched, if ``content`` is a placeholder."""
    if len(content) > _LONGEST or not content.startswith(f'{{"{_MARKER}": '.encode()):
        return None
    try:
        facts = json.loads(content)
        size, limit_bytes = sane_size(facts["size_bytes"]), sane_size(facts["limit_bytes"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None  # somebody else's lines that begin so
    if limit_bytes is None:
        return None
    limit = f"{limit_bytes / 2**20:.1f} MB"
    return Reject(TOO_LARGE_RULE, "", f"{size / 2**20:.1f} MB > {limit}" if size else f"> {limit}")
