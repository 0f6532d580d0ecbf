"""What the rows of a home's registry change: against the current release, or against the seeds of the code.

Put here: that difference, row by row, and which published periods it builds again. Keep out: the laws
(``registry.laws``), printing (``cli.show``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from pipelines.provenance import kept_registry
from pipelines.provenance.kept_registry import ChangedRow, Rows, changed_rows, rows_now
from pipelines.provenance.registry import registry_digest
from pipelines.publish.releases import Releases
from pipelines.registry.home_rows import HOME_SEEDS, in_use, key_of, using
from pipelines.registry.periods import Period
from pipelines.registry.seed_files import rows_in
from pipelines.registry.seeds import check_registry
from pipelines.settings import Settings

Kind = Literal["added", "changed", "removed"]


@dataclass(frozen=True, slots=True)
class ReviewedRow:
    """One row that differs: ``cells`` are those that it has now (of a removed one: that it had), ``before``
    what the changed ones said. ``periods`` is what it holds for; empty where it names none."""

    seed: str
    kind: Kind
    place: str
    key: str
    cells: Mapping[str, str]
    before: Mapping[str, str]
    periods: str


@dataclass(frozen=True, slots=True)
class Review:
    """The rows that differ from ``against`` (a release, or ``seeds``); ``builds`` are the published periods
    that the next run over them builds again."""

    against: str
    rows: list[ReviewedRow] = field(default_factory=list)
    builds: list[str] = field(default_factory=list)


def checked_files() -> dict[str, int]:
    """How many rows each file of the home in use has, after all laws were found to hold.

    Raises:
        RegistryError: they do not; a line for each fault, with file, line and remedy.
    """
    check_registry()
    own = in_use()
    return {str(own.file(name)): len(rows_in(own.files[name], name)[1]) for name in own.files} if own else {}


def review(settings: Settings, against_seeds: bool = False) -> Review:
    """What the registry says otherwise than the one that the current release was made with.

    Where there is no release, or ``against_seeds``, than the seeds of the code.

    Raises:
        RegistryError: the registry is not in order.
        LostRegistryError: the registry of the release is not as it was kept.
    """
    check_registry()
    current = Releases(settings.published).current()
    kept = kept_registry.read(settings.raw, current.content.registry_sha256) if current else None
    if kept is None or current is None or against_seeds:
        with using(None):
            before, against = rows_now(), "seeds"
    else:
        before, against = kept.rows(), current.release_id
    rows = list(_paired(before, rows_now()))
    made = current.content.made_with if current else {}
    builds = [one for one in sorted(made) if made[one]["registry"] != registry_digest(Period.parse(one))]
    return Review(against, rows, builds)


def _paired(before: Rows, now: Rows) -> Iterator[ReviewedRow]:
    """The rows that differ; one that takes the place of another is one."""
    found = list(changed_rows(before, now))
    gone = {(row.seed, _key(row)): row for row in found if row.kind == "removed"}
    for changed in found:
        if changed.kind == "removed":
            continue
        was = gone.pop((changed.seed, _key(changed)), None)
        differ = (
            {}
            if was is None
            else {name: text for name, text in was.row.cells.items() if changed.row.cells.get(name) != text}
        )
        yield _reviewed(changed, "added" if was is None else "changed", differ)
    for was in gone.values():
        yield _reviewed(was, "removed", {})


def _reviewed(changed: ChangedRow, kind: Kind, before: Mapping[str, str]) -> ReviewedRow:
    row, validity = changed.row, changed.validity
    periods = ""
    if validity is not None:
        first, last = validity
        periods = first if first == last and first else f"{first}..{last}"
    key = ", ".join(filter(None, _key(changed)))
    return ReviewedRow(changed.seed, kind, f"{row.file}:{row.line}", key, row.cells, before, periods)


def _key(changed: ChangedRow) -> tuple[str, ...]:
    seed = HOME_SEEDS.get(changed.seed)
    # a row of another seed is told by all that it says
    return key_of(changed.row, seed) if seed else tuple(changed.row.cells.values())
