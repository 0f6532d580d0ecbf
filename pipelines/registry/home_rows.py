"""The ministry's own rows of the registry: CSV files in ``registry/`` of the home, laid over the seeds.

They have the columns of the seeds. A row whose key no seed has is added; one whose key a seed has takes the
place of that row where ``HOME_SEEDS`` names columns that may differ, and is refused else. A process serves
one home: its rows are taken in once (``use``), so whatever a run reads is of one state.

Put here: which seeds, reading and merging, what is remembered of one state. Keep out: laws (``seed_columns``,
``laws`` hold for what is merged), how dbt gets the rows (``warehouse.home_rows``), keeping the rows of a
release (``provenance.kept_registry``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache, update_wrapper
from pathlib import Path
from typing import Generic, ParamSpec, TypeVar

from pipelines.registry.later_quarters import with_later_quarters
from pipelines.registry.seed_files import (
    SEEDS,
    RegistryError,
    SeedRow,
    header_faults,
    rows_in,
    rows_of,
    shown,
)

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class HomeSeed:
    """A seed that a home may have rows of: its key, and the columns in which a row of the home may differ
    from the row of the code that has its key (none: rows are added alone)."""

    key: tuple[str, ...]
    may_differ: tuple[str, ...] = ()


HOME_SEEDS: Mapping[str, HomeSeed] = {
    "bands": HomeSeed(("method_version", "band_code")),
    "corrections": HomeSeed(("correction_id",)),
    "methods": HomeSeed(("method_version",), ("valid_to_period", "verified_by", "note")),
    "reporting_windows": HomeSeed(("period",), ("closes_on", "extended_to", "status", "note")),
    "rosters": HomeSeed(
        ("roster", "members", "region_code", "valid_from_period"), ("valid_to_period", "source", "note")
    ),
    "waivers": HomeSeed(("waiver_id",)),
    "window_extensions": HomeSeed(("period", "region_code", "kind", "extends_to")),
}
OTHER_FILES = frozenset({"approvers"})
"""Lists in the same folder that are no seeds."""
MOST_BYTES = 16 * 2**20


@dataclass(frozen=True, slots=True)
class HomeRows:
    """The files of a home that have a row, by the name of their seed; ``sha256`` is that of all of them."""

    folder: Path
    sha256: str
    files: Mapping[str, bytes] = field(compare=False)

    def file(self, name: str) -> Path:
        """Where the rows of a seed lie."""
        return self.folder / f"{name}.csv"


def rows_of_files(folder: Path, files: Mapping[str, bytes]) -> HomeRows | None:
    """The rows in ``files``, which lie in ``folder``; none where there is no row.

    Raises:
        RegistryError: a file is no CSV.
    """
    own = HomeRows(folder, "", files)
    with_rows = {
        name: files[name] for name in sorted(files) if rows_in(files[name], shown(own.file(name)))[1]
    }
    if not with_rows:
        return None
    hashed = hashlib.sha256()
    for name, content in with_rows.items():
        hashed.update(f"{name}\0{len(content)}\0".encode() + content)
    return HomeRows(folder, hashed.hexdigest(), with_rows)


def read_home_rows(folder: Path) -> HomeRows | None:
    """The rows of the ``registry/`` folder of a home as they are now; none where there is no row.

    Raises:
        RegistryError: a file has the name of no seed that a home may have rows of, or is no CSV.
    """
    files: dict[str, bytes] = {}
    for path in sorted(folder.glob("*.csv")) if folder.is_dir() else []:
        if path.stem in OTHER_FILES:
            continue
        if path.stem not in HOME_SEEDS:
            raise RegistryError(
                f"{shown(path)}: a home has no rows of {path.stem}: remove the file; it may have"
                f" {', '.join(f'{name}.csv' for name in HOME_SEEDS)}"
            )
        if path.stat().st_size > MOST_BYTES:
            raise RegistryError(
                f"{shown(path)}: larger than {MOST_BYTES >> 20} MB: split off what is not its own"
            )
        files[path.stem] = path.read_bytes()
    return rows_of_files(folder, files)


class _Served:
    own: HomeRows | None = None
    unread: Path | None = None


def in_use() -> HomeRows | None:
    """The rows of the home that this process serves.

    Raises:
        RegistryError: they cannot be read.
    """
    if _Served.unread is not None:
        _Served.own, _Served.unread = read_home_rows(_Served.unread), None
    return _Served.own


def use(own: HomeRows | None) -> None:
    """From here on the registry is the seeds and ``own``."""
    _Served.own, _Served.unread = own, None


def serve(folder: Path | None) -> None:
    """From here on the registry is the seeds and the rows in ``folder`` as they are when first asked for.

    A command that asks for none of them, a rollback for one, works whatever is wrong with them.
    """
    _Served.own, _Served.unread = None, folder


@contextmanager
def using(own: HomeRows | None) -> Iterator[None]:
    """The registry is the seeds and ``own`` while inside."""
    before = in_use()
    use(own)
    try:
        yield
    finally:
        use(before)


class per_registry(Generic[P, R]):
    """Remembers what a function read from the registry, for each state of it."""

    def __init__(self, function: Callable[P, R]) -> None:
        update_wrapper(self, function)
        self._kept = lru_cache(maxsize=4096)(lambda _, *given, **named: function(*given, **named))

    def __call__(self, *given: P.args, **named: P.kwargs) -> R:
        """The result, remembered."""
        return self._kept(in_use(), *given, **named)  # type: ignore[arg-type]

    def cache_clear(self) -> None:
        """Forget all of it."""
        self._kept.cache_clear()


def laid_over(
    name: str, columns: Collection[str], folder: Path = SEEDS
) -> tuple[list[str], tuple[SeedRow, ...]]:
    """The header of a seed and its rows, with those of the home in use laid over the seeds of the code.

    Raises:
        RegistryError: a file cannot be read, or a row of the home may not stand in the place of another.
    """
    header, rows = rows_of(name, folder)
    if name == "periods":
        rows = with_later_quarters(rows)
    own = in_use() if folder == SEEDS else None
    # what is wrong with the header of the seed is said by whoever reads it
    if own is None or name not in own.files or not set(columns) <= set(header):
        return header, rows
    file = shown(own.file(name))
    own_header, own_rows = rows_in(own.files[name], file)
    if faults := list(header_faults(columns, own_header, f"{file}:1", f"dbt_project/seeds/_{name}.yml")):
        raise RegistryError("\n".join(faults))
    return header, merged(HOME_SEEDS[name], rows, own_rows)


def key_of(row: SeedRow, seed: HomeSeed) -> tuple[str, ...]:
    """The cells that tell a row from the others of its seed."""
    return tuple(row[column] for column in seed.key)


def merged(seed: HomeSeed, rows: Sequence[SeedRow], own_rows: Sequence[SeedRow]) -> tuple[SeedRow, ...]:
    """The rows of a seed with those of a home in their places, or after them.

    Raises:
        RegistryError: a row of the home may not stand in the place of another; a line for each.
    """
    of_code = {key_of(row, seed): row for row in rows}
    own: dict[tuple[str, ...], SeedRow] = {}
    faults = []
    for row in own_rows:
        key = key_of(row, seed)
        said = ", ".join(f"{name} {text or '(empty)'}" for name, text in zip(seed.key, key, strict=True))
        if key in own:
            faults.append(row.fault(f"{said} stands in line {own[key].line} already: remove one of the rows"))
        own.setdefault(key, row)
        if (before := of_code.get(key)) is None:
            continue
        differ = {name for name, text in row.cells.items() if text != before[name]}
        if not_so := sorted(differ - set(seed.may_differ)):
            faults.append(
                row.fault(
                    f"{said} stands in {before.file}:{before.line} with another {', '.join(not_so)}: write"
                    " what stands there, or give the row a key of its own"
                )
            )
    if faults:
        raise RegistryError("\n".join(faults))
    replaced = [own.pop(key_of(row, seed), row) for row in rows]
    return (*replaced, *own.values())
