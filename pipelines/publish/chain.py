"""The line of releases that led to one: each names the one before by the hash of its whole manifest.

Whoever trusts the last release so tells any other history: another approval or time, a release left out.
Early releases do not name that hash; of these the contents are held against what later ones list of them.

Put here: walking the line. Keep out: the bytes of one release (``releases``), who signed it (``signatures``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import duckdb

from pipelines.messages import say
from pipelines.publish.manifest import DamagedReleaseError, Manifest
from pipelines.publish.releases import Releases, UnknownReleaseError
from pipelines.warehouse.parquet import read
from pipelines.warehouse.release_tables import rows_of


@dataclass(frozen=True, slots=True)
class History:
    """The ``line`` of manifests, the last release first, and a sentence for each thing that is ``wrong``.

    ``proved`` of those before the last are named by hash; ``early`` is the release that first does not.
    """

    line: list[Manifest]
    proved: int
    early: str | None
    wrong: list[str]


def history_of(releases: Releases, release_id: str) -> History:
    """Walk from a release to the first one.

    Raises:
        UnknownReleaseError: there is no such release.
        DamagedReleaseError: its manifest is damaged.
    """
    line, wrong = [releases.manifest(release_id)], []
    proved, early = 0, None
    while (after := line[-1]).release_before is not None:
        try:
            before = releases.manifest(after.release_before)
        except UnknownReleaseError:
            wrong.append(say("chain.gone", at=after.release_before, release=after.release_id))
            break
        except DamagedReleaseError as error:
            wrong.append(str(error))
            break
        if before.number >= after.number:
            wrong.append(say("chain.order", at=before.release_id, release=after.release_id))
            break
        if not after.is_chained:
            early = early or after.release_id
        elif after.before_sha256 != before.whole_sha256:
            wrong.append(say("chain.forged", at=before.release_id, release=after.release_id))
        else:
            proved += 1
        if before.is_chained and not after.is_chained:
            wrong.append(say("chain.cut", at=after.release_id, release=before.release_id))
        line.append(before)
    if line[-1].release_before is None and (line[-1].number > 1 or line[-1].before_sha256):
        wrong.append(say("chain.no_start", at=line[-1].release_id))
    return History(line, proved, early, wrong + _unlisted(releases, line))


def _unlisted(releases: Releases, line: list[Manifest]) -> list[str]:
    """Releases that the last one lists with another content or time than their manifests say."""
    table = releases.place(line[0].release_id) / "mart_release.parquet"
    with duckdb.connect() as connection:
        rows = rows_of(connection, f"select release_id, published_at, manifest_sha256 from {read(table)}")
    listed = {row["release_id"]: (row["published_at"], row["manifest_sha256"]) for row in rows}
    return [
        say("chain.unlike", at=one.release_id, release=line[0].release_id)
        for one in line
        if listed.get(one.release_id) != (datetime.fromisoformat(one.published_at), one.content_sha256)
    ]
