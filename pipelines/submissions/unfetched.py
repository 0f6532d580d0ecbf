"""Documents that are too large to be fetched: a few lines that stand for one, so that it is not lost.

The lines are kept and receipted as any document; the readers reject them with the rule on size.

Put here: writing and recognising those lines. Keep out: the limit (``settings``), the rule (``rules.csv``).
"""

from __future__ import annotations

import json

from pipelines.submissions.rows import Reject

TOO_LARGE_RULE = "DOC-011"
_MARKER = "spm:unfetched"
_LONGEST = 4096


def stand_in(name: str, size: int | None, version: str, limit: int) -> bytes:
    """The document that stands for one larger than ``limit`` bytes; ``size`` is none where untold."""
    told = {_MARKER: name, "size_bytes": size, "version": version, "limit_bytes": limit}
    return (json.dumps(told, ensure_ascii=False) + "\n").encode()


def is_unfetched(content: bytes) -> Reject | None:
    """Why a document was not fetched, if ``content`` stands for one."""
    if len(content) > _LONGEST or not content.startswith(f'{{"{_MARKER}": '.encode()):
        return None
    told = json.loads(content)
    size = told["size_bytes"]
    limit = f"{told['limit_bytes'] / 2**20:.1f} MB"
    return Reject(TOO_LARGE_RULE, "", f"{size / 2**20:.1f} MB > {limit}" if size else f"> {limit}")
