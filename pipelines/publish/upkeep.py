"""What was done to a release since it was published: tables that were pruned, a database made again.

``published/upkeep/<release>.json`` says it, beside the releases: a release holds what its manifest names and
nothing else. The note is there before the first file is gone, and goes after the last one is back.

Put here: that note. Keep out: choosing what goes, removing it (``prune``), reading releases (``releases``).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pipelines.errors import UnavailableError
from pipelines.messages import say
from pipelines.publish.manifest import DamagedReleaseError
from pipelines.storage.whole_files import remove, write_whole

FOLDER = "upkeep"


class PrunedReleaseError(UnavailableError):
    """The tables of a release were pruned; the message says when, and how to build them again."""


@dataclass(frozen=True, slots=True)
class Upkeep:
    """The files of a release that were ``removed``, when and by whom; the hash of a database made again."""

    removed: Sequence[str]
    at: str
    account: str
    database_sha256: str | None = None

    @property
    def is_pruned(self) -> bool:
        """Whether tables are gone, not the database alone, which follows from them."""
        return any(name.endswith(".parquet") for name in self.removed)


def upkeep_of(published: Path, release_id: str) -> Upkeep | None:
    """What was done to a release; none where it is as it was published.

    Raises:
        DamagedReleaseError: the note is not as it was written.
    """
    path = _file(published, release_id)
    try:
        found = Upkeep(**json.loads(path.read_text(encoding="utf-8")))
        if not all(isinstance(name, str) for name in (*found.removed, found.at, found.account)):
            raise TypeError(FOLDER)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise DamagedReleaseError(say("release.damaged_note", at=path)) from error
    return found


def note(published: Path, release_id: str, upkeep: Upkeep) -> None:
    """Note what is done to a release; nothing is noted of one that is as it was published."""
    path = _file(published, release_id)
    if upkeep.removed or upkeep.database_sha256:
        write_whole(path, (json.dumps(asdict(upkeep), indent=1) + "\n").encode())
    else:
        remove(path)


def _file(published: Path, release_id: str) -> Path:
    return published / FOLDER / f"{release_id}.json"
