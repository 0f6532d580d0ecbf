"""The table of source kinds: configuration, extraction, the sensor and the assets follow from it.

A kind of documents has a table of its own, ``readers.dispatch.DOCUMENTS``: a receipt is read again years
later, by readers that know of no source, and several kinds of source give documents of one kind.

Put here: a line a kind. Keep out: what a kind is (``source``), the kinds (a package each).
"""

from __future__ import annotations

from typing import Any

from pipelines.sources import files, rest, sql
from pipelines.sources.source import SourceKind

KINDS: dict[str, SourceKind[Any]] = {
    kind.name: kind
    for kind in (
        files.CSV,
        files.WORKBOOK,
        rest.KIND,
        sql.KIND,
    )
}
"""Each kind by the name that it has in the sources file."""
