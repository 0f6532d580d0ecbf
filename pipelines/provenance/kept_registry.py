"""The registry as it was when a release was made, kept in ``raw/registry/`` by its hash, for ever.

A release names the hash of its registry, so it is built again with the rows of then, and a plan can say which
rows are others since.

Put here: keeping, reading, comparing. Keep out: which periods are built for it (``build.plan``).
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipelines.errors import UnavailableError
from pipelines.messages import cause, say
from pipelines.provenance import code
from pipelines.provenance.registry import SHOWN_ONLY, holds_in, line_of
from pipelines.registry.home_rows import HOME_SEEDS, HomeRows, in_use, merged, rows_of_files, using
from pipelines.registry.later_quarters import with_later_quarters
from pipelines.registry.seed_files import SEEDS, SeedRow, rows_in
from pipelines.registry.seeds import read_seed
from pipelines.storage.private_files import KEPT_FILE, private_files
from pipelines.storage.whole_files import write_whole

Rows = Mapping[str, tuple[SeedRow, ...]]


class LostRegistryError(UnavailableError):
    """The registry of a release is gone from the raw store, or is not as it was kept."""


@dataclass(frozen=True, slots=True)
class KeptRegistry:
    """The seeds of a release as text by name, and the rows that its home had."""

    seeds: Mapping[str, str]
    own: HomeRows | None

    def rows(self) -> Rows:
        """The rows of each seed, those of the home laid over them."""
        found = {}
        for name, text in self.seeds.items():
            rows = rows_in(text.encode(), f"{name}.csv")[1]
            if self.own and name in self.own.files:
                rows = merged(HOME_SEEDS[name], rows, rows_in(self.own.files[name], f"{name}.csv")[1])
            found[name] = with_later_quarters(rows) if name == "periods" else rows
        return found


Kind = Literal["added", "removed"]


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """A row that is there now and was not (``added``), or the other way round; one that reads otherwise is
    both."""

    seed: str
    kind: Kind
    row: SeedRow

    @property
    def validity(self) -> tuple[str, str] | None:
        """The first and last period that it holds for, empty where open; none where it names no period."""
        cells = self.row.cells
        if cells.get("period"):
            return cells["period"], cells["period"]
        if not {"valid_from_period", "first_period"} & set(cells):
            return None
        first = cells.get("valid_from_period") or cells.get("first_period") or ""
        return first, cells.get("valid_to_period") or cells.get("last_period") or ""


@private_files()
def keep(raw: Path) -> None:
    """Keep the registry as it is now."""
    path = place_of(raw, code.registry_sha256())
    if path.exists():
        return
    own = in_use()
    said = {
        "seeds": {file.stem: file.read_bytes().decode() for file in sorted(SEEDS.glob("*.csv"))},
        "home": {name: content.decode() for name, content in own.files.items()} if own else {},
    }
    content = gzip.compress(json.dumps(said, sort_keys=True).encode(), mtime=0)
    write_whole(path, content, mode=KEPT_FILE)


def read(raw: Path, sha256: str) -> KeptRegistry | None:
    """The registry with this hash; none where it was never kept.

    Raises:
        LostRegistryError: it is not as it was kept.
    """
    path = place_of(raw, sha256)
    if not path.exists():
        return None
    try:
        said = json.loads(gzip.decompress(path.read_bytes()))
        files = {name: text.encode() for name, text in said["home"].items()}
        own = rows_of_files(path.with_suffix("").with_suffix(""), files)
        seeds = {name: str(text) for name, text in said["seeds"].items()}
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise LostRegistryError(say("registry.damaged", at=path, why=cause(error))) from error
    if code.registry_hash(((f"{name}.csv", text.encode()) for name, text in seeds.items()), own) != sha256:
        raise LostRegistryError(say("registry.damaged", at=path, why="sha256"))
    return KeptRegistry(seeds, own)


def home_rows_of(raw: Path, registry_sha256: str, code_sha256: str) -> HomeRows | None:
    """The rows of the home that a release was made with.

    Raises:
        LostRegistryError: they are gone, or not as they were kept.
    """
    kept = read(raw, registry_sha256)
    if kept is not None:
        return kept.own
    with using(None):
        is_without = code.registry_sha256() == registry_sha256
    # another version of the code has other seeds, and early ones kept nothing
    if not is_without and code_sha256 == code.code_sha256():
        raise LostRegistryError(say("registry.lost", at=place_of(raw, registry_sha256)))
    return None


def rows_now() -> Rows:
    """The rows of each seed as they count now."""
    return {path.stem: tuple(read_seed(path.stem)) for path in sorted(SEEDS.glob("*.csv"))}


def changed_rows(before: Rows, now: Rows) -> Iterator[ChangedRow]:
    """The rows that figures may hang on and that differ, by seed; quarters of the calendar are none."""
    for name in sorted({*before, *now} - SHOWN_ONLY - {"periods"}):
        was, is_now = (
            {(line_of(row), _validity(row)): row for row in rows.get(name, ())} for rows in (before, now)
        )
        yield from (ChangedRow(name, "removed", row) for key, row in was.items() if key not in is_now)
        yield from (ChangedRow(name, "added", row) for key, row in is_now.items() if key not in was)


def lines_in(rows: Rows, name: str, period: str) -> frozenset[str]:
    """What the rows of a seed say that figures of ``period`` hang on."""
    if name in SHOWN_ONLY:
        return frozenset()
    official = [row for row in rows.get("methods", ()) if row["status"] == "official"]
    scoring = {row["method_version"] for row in official if holds_in("methods", row, period)}
    drafts = {row["method_version"] for row in rows.get("methods", ())} - {
        row["method_version"] for row in official
    }
    return frozenset(
        line_of(row)
        for row in rows.get(name, ())
        if row.cells.get("method_version") not in drafts and holds_in(name, row, period, scoring)
    )


def _validity(row: SeedRow) -> tuple[str, str]:
    return row.cells.get("valid_from_period", ""), row.cells.get("valid_to_period", "")


def place_of(raw: Path, sha256: str) -> Path:
    """Where the registry with this hash is kept, if it is."""
    return raw / "registry" / f"{sha256}.json.gz"
