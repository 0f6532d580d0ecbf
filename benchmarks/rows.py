"""What the table says: its rows, its aims, and how both are printed.

Put here: the words. Keep out: measuring (``runs``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure: wall seconds, processor seconds and MiB where they were taken."""

    seconds: float
    cpu_seconds: float | None = None
    peak_mib: float | None = None


Figures = Mapping[str, Figure]
"""Figures by the key of their row."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row. A key with a dot is a part of the row before the dot and is shown indented below it."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Aim:
    """What a figure should come to: ``value`` of the figures against ``limit``, as ``shown``."""

    row: str
    text: str
    value: Callable[[Figures], float]
    limit: Callable[[Figures], float]
    is_floor: bool = False
    unit: str = ""

    def met(self, figures: Figures) -> bool:
        """Whether the aim is reached."""
        value, limit = self.value(figures), self.limit(figures)
        return value >= limit if self.is_floor else value <= limit


PHASES = (
    ("start", "start and imports", ""),
    ("receive", "receive", "menerima dokumen"),
    ("land", "read and land", "membaca dokumen"),
    ("dbt", "dbt", "dbt:"),
    ("candidate", "candidate tables", "menulis tabel calon"),
    ("gate", "gate", "Great Expectations:"),
    ("publish", "publish", "menerbitkan"),
)
"""Phases of a run: key, label, and the words that the run says when the phase begins."""

BOUND_PARTS = (("read", "bytes read"), ("sql", "SQL of the models"), ("parquet", "marts as Parquet"))
BACKFILLS = (6, 12, 24)
"""Quarters in one run, all ending with the same quarter."""


def _with_phases(key: str, label: str) -> list[Row]:
    return [Row(key, label), *(Row(f"{key}.{phase}", text) for phase, text, _ in PHASES)]


def _bound(key: str, label: str) -> list[Row]:
    return [Row(key, label), *(Row(f"{key}.{part}", text) for part, text in BOUND_PARTS)]


ROWS: tuple[Row, ...] = (
    *_with_phases("fixed", "fixed start: one region, one CSV file"),
    *_with_phases("workbooks", "a national quarter of workbooks"),
    *_bound("workbooks_bound", "its bound: calamine, bare SQL, Parquet"),
    Row("by_hand", "its index by hand: pandas, openpyxl, SQLite"),
    *_with_phases("csv", "a national quarter of CSV files"),
    *_bound("csv_bound", "its bound: DuckDB CSV reader, bare SQL, Parquet"),
    Row("tutorial", "it as tutorials write it"),
    Row("lone", "a lone quarter of the backfill's set"),
    *(row for count in BACKFILLS for row in _with_phases(f"backfill_{count}", f"backfill of {count} quarters")),
)


def over_bound(figures: Figures, key: str) -> float:
    """(run - fixed start) / bound."""
    return (figures[key].seconds - figures["fixed"].seconds) / figures[f"{key}_bound"].seconds


def _added_quarter(figures: Figures, fewer: int, more: int) -> float:
    added = figures[f"backfill_{more}"].seconds - figures[f"backfill_{fewer}"].seconds
    return added / (more - fewer)


def _peak(figures: Figures) -> float:
    runs = ("fixed", "workbooks", "csv", *(f"backfill_{count}" for count in BACKFILLS))
    return max(figures[key].peak_mib or 0 for key in runs if key in figures)


AIMS: tuple[Aim, ...] = (
    Aim("fixed", "fixed start, seconds", lambda f: f["fixed"].seconds, lambda _: 12),
    Aim(
        "workbooks",
        "workbooks: (run - fixed start) / bound",
        lambda f: over_bound(f, "workbooks"),
        lambda _: 2.5,
    ),
    Aim("csv", "CSV: (run - fixed start) / bound", lambda f: over_bound(f, "csv"), lambda _: 2.5),
    Aim(
        "tutorial",
        "tutorial form / ours, times slower",
        lambda f: f["tutorial"].seconds / f["csv"].seconds,
        lambda _: 3,
        is_floor=True,
    ),
    Aim(
        "backfill_24",
        "seconds of a quarter of 24 against a lone one",
        lambda f: f["backfill_24"].seconds / 24,
        lambda f: f["lone"].seconds,
    ),
    Aim(
        "backfill_24",
        "linear: an added quarter from 12 to 24 / from 6 to 12",
        lambda f: _added_quarter(f, 12, 24) / _added_quarter(f, 6, 12),
        lambda _: 1.2,
    ),
    Aim("backfill_24", "highest peak memory of our runs, MiB", _peak, lambda _: 2048),
)
"""Aims, never failures: a measurement that can fail is a measurement that gets bent."""


def table(figures: Figures) -> str:
    """The table of figures, as Markdown; rows that were not measured are left out."""
    lines = [["what", "wall s", "CPU s", "peak MiB", "/ bound"]]
    for row in ROWS:
        figure = figures.get(row.key)
        if figure is None:
            continue
        label = f"— {row.label}" if "." in row.key else row.label
        lines.append(
            [label, _number(figure.seconds), _number(figure.cpu_seconds), _number(figure.peak_mib, 0), _ratio(row, figures)]
        )
    return _markdown(lines)
