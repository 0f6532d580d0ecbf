"""Links to pages on quality in Dagster's metadata.

Put here: where such a page is found. Keep out: the pages (``quality.page``), who serves them (``serve``).
"""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from pipelines.build.standing import gate_link
from pipelines.settings import read_settings


def page_link(page: Path, name: str | None = None) -> dg.MetadataValue:
    """The page, which is served under ``name``, or the name of its file.

    Without a server it is a path to copy: no browser opens a file from a page that a server sent.
    """
    link = gate_link(read_settings(), name or page.name)
    return dg.MetadataValue.url(link) if link else dg.MetadataValue.path(str(page))
