"""The hashes of landed batches: noted when a batch is landed, asked for when it is read.

``<batch>.hashes.json`` beside the two files of a batch is written last, and says that the batch is whole.

Put here: noting and checking them. Keep out: landing (``landed_rows``), which lands a damaged batch again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from pipelines.errors import UnavailableError
from pipelines.messages import say
from pipelines.storage.checked_files import differing, sha256_of
from pipelines.storage.private_files import FILE
from pipelines.storage.whole_files import write_whole

SUFFIX = ".hashes.json"


class DamagedBatchError(UnavailableError):
    """A landed file is not as it was landed; the message names it."""


def note(folder: Path, batch: str) -> None:
    """Note the hashes of the files of a batch, which were written just now."""
    hashes = {path.name: sha256_of(path) for path in sorted(folder.glob(f"{batch}.*.parquet"))}
    write_whole(folder / f"{batch}{SUFFIX}", (json.dumps(hashes, indent=1) + "\n").encode(), mode=FILE)


def sound(folder: Path) -> set[str]:
    """The batches that are landed whole, and are as they were landed."""
    noted = {path.name.removesuffix(SUFFIX): _noted(path) for path in folder.glob(f"*{SUFFIX}")}
    known = {path: sha256 for hashes in noted.values() for path, sha256 in hashes.items()}
    wrong = set(differing(known))
    return {batch for batch, hashes in noted.items() if hashes and not wrong & set(hashes)}


def demand_as_landed(files: Iterable[Path]) -> None:
    """Go on only where each landed file has the bytes that were noted for it.

    A file of a batch without hashes is one of an earlier version, or of a run that is at work.

    Raises:
        DamagedBatchError: a file has other bytes, or what was noted of it cannot be read.
    """
    places = sorted({path.with_name(f"{path.name.split('.')[0]}{SUFFIX}") for path in files})
    noted = {path: _noted(path) for path in places if path.exists()}
    wrong = [path for path, hashes in noted.items() if not hashes]
    wrong += differing({path: sha256 for hashes in noted.values() for path, sha256 in hashes.items()})
    if wrong:
        raise DamagedBatchError(say("landing.damaged", at=wrong[0]))


def _noted(path: Path) -> Mapping[Path, str]:
    """The files of a batch with their hashes; none where what was noted is damaged itself."""
    try:
        hashes = json.loads(path.read_bytes())
        return {path.with_name(str(name)): str(sha256) for name, sha256 in hashes.items()}
    except (OSError, ValueError, AttributeError):
        return {}
