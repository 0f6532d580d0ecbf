"""What the table says: its rows, the ratios below them, the aims beside them, and how they are printed.

Put here: the words. Keep out: measuring (``runs``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure: wall seconds of ``quarters``; processor seconds and MiB where they were taken."""

    seconds: float
    cpu_seconds: float | None = None
    peak_mib: float | None = None
    quarters: int = 1


Figures = Mapping[str, Figure]
"""Figures by the key of their row."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row. A key with a dot is a part of the row before the dot; a label may name its ``{quarters}``."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Ratio:
    """A number made of figures, shown below ``row``; its aim: at most ``limit``, or at least ``floor``."""

    row: str
    label: str
    value: Callable[[Figures], float]
    limit: Callable[[Figures], float] | None = None
    floor: float | None = None

    def aim(self, figures: Figures) -> str:
        """The aim in signs; empty without one."""
        if self.limit is not None:
            return f"<= {self.limit(figures):.1f}"
        return "" if self.floor is None else f">= {self.floor:.1f}"

    def met(self, figures: Figures) -> str:
        """``yes`` or ``no``; empty without an aim; ``unclear`` where noise outweighs what is measured."""
        if self.limit is None and self.floor is None:
            return ""
        value = self.value(figures)
        if value <= 0:  # a run that took less than the fixed start did not beat the bound
            return "unclear"
        is_met = value <= self.limit(figures) if self.limit else value >= (self.floor or 0)
        return "yes" if is_met else "no"


PHASES = (
    ("start", "start and imports", ""),
    ("receive", "receive", "menerima dokumen"),
    ("land", "read and land", "membaca dokumen"),
    ("dbt", "dbt", "menstandarkan dan menilai"),
    ("candidate", "candidate tables", "menulis tabel calon"),
    ("gate", "gate", "memeriksa"),
    ("publish", "publish and end", "menerbitkan"),
)
"""Phases of a run: key, label, and the words with which the run says that the phase begins."""

BOUND_PARTS = (("read", "bytes read"), ("sql", "SQL of the models"), ("parquet", "marts as Parquet"))
BACKFILLS = ("short", "middle", "long")
"""Backfills of growing length, each in one run; every range ends with the same quarter."""


def _run(key: str, label: str) -> list[Row]:
    return [Row(key, label), *(Row(f"{key}.{phase}", text) for phase, text, _ in PHASES)]


def _bound(key: str, label: str) -> list[Row]:
    return [Row(key, label), *(Row(f"{key}.{part}", text) for part, text in BOUND_PARTS)]


ROWS: tuple[Row, ...] = (
    *_run("fixed", "fixed start: one region, one CSV file"),
    *_bound("workbook_bound", "bound, workbooks: calamine, bare SQL, Parquet"),
    *_run("workbook", "a national quarter of workbooks"),
    Row("bare_workbooks", "its forms by calamine alone"),
    Row("landed_workbooks", "its forms received, guarded, read in children, landed"),
    Row("by_hand", "its index by hand: pandas, openpyxl, SQLite"),
    *_bound("csv_bound", "bound, CSV: DuckDB's reader, bare SQL, Parquet"),
    *_run("csv", "a national quarter of CSV files"),
    Row("csv_rules", "its rules and suites alone: SQL of findings, Great Expectations with its import"),
    Row("tutorial", "the same as tutorials write it"),
    *_run("lone", "a lone quarter of the backfill's regions"),
    *(row for length in BACKFILLS for row in _run(f"backfill_{length}", "{quarters} quarters in one run")),
    *_run("late_all", "{quarters} published quarters and one late document, all built again"),
    *_run("late", "the same, only what the document touches built"),
    Row("postgres_bare", "the long backfill's release by bare COPY into PostgreSQL, no keys"),
    Row("postgres_keyed", "the same into tables that have their keys"),
    Row("postgres", "the same loaded: tables, rows, keys, comments, grants, one transaction"),
    Row("postgres_replaced", "the same loaded once more, every row replaced under its readers"),
    Row("postgres_again", "the same loaded when the database holds it"),
)


def _net(key: str) -> Callable[[Figures], float]:
    return lambda f: (f[key].seconds - f["fixed"].seconds) / f[f"{key}_bound"].seconds


def _times(key: str, other: str) -> Callable[[Figures], float]:
    return lambda f: f[key].seconds / f[other].seconds


def _net_times(key: str, other: str) -> Callable[[Figures], float]:
    def ratio(figures: Figures) -> float:
        start = figures["fixed"].seconds
        return (figures[key].seconds - start) / (figures[other].seconds - start)

    return ratio


def _cpu(key: str, other: str) -> Callable[[Figures], float]:
    return lambda f: (f[key].cpu_seconds or 0) / (f[other].cpu_seconds or 1)


def _a_quarter(key: str) -> Callable[[Figures], float]:
    return lambda f: f[key].seconds / f[key].quarters


def _added_quarter(fewer: Figure, more: Figure) -> float:
    return (more.seconds - fewer.seconds) / (more.quarters - fewer.quarters)


def _growth(figures: Figures) -> float:
    short, middle, long = (figures[f"backfill_{length}"] for length in BACKFILLS)
    return _added_quarter(middle, long) / _added_quarter(short, middle)


def _highest_peak(figures: Figures) -> float:
    ours = ("fixed", "workbook", "csv", *(f"backfill_{length}" for length in BACKFILLS))
    return max(figures[key].peak_mib or 0 for key in ours)


RATIOS: tuple[Ratio, ...] = (
    Ratio("fixed", "seconds", lambda f: f["fixed"].seconds, limit=lambda _: 12),
    Ratio("workbook", "(run - fixed start) / bound", _net("workbook"), limit=lambda _: 2.5),
    Ratio("workbook", "run / bound", _times("workbook", "workbook_bound")),
    Ratio(
        "landed_workbooks",
        "forms a second / calamine's",
        _times("bare_workbooks", "landed_workbooks"),
        floor=0.7,
    ),
    Ratio("by_hand", "by hand / ours", _times("by_hand", "workbook")),
    Ratio("csv", "(run - fixed start) / bound", _net("csv")),
    Ratio("csv", "run / bound", _times("csv", "csv_bound")),
    Ratio("csv_rules", "CPU of rules and suites / of the run", _cpu("csv_rules", "csv"), limit=lambda _: 0.2),
    Ratio("tutorial", "tutorial / ours", _times("tutorial", "csv"), floor=3),
    *(
        Ratio(
            key, "seconds a quarter, against a lone one", _a_quarter(key), limit=lambda f: f["lone"].seconds
        )
        for key in (f"backfill_{length}" for length in BACKFILLS)
    ),
    Ratio("backfill_long", "linear: an added quarter, late / early", _growth, limit=lambda _: 1.2),
    Ratio("backfill_long", "highest peak of our runs, MiB", _highest_peak, limit=lambda _: 2048),
    Ratio("late", "incremental / full", _times("late", "late_all")),
    Ratio("late", "the same without the fixed start", _net_times("late", "late_all")),
    Ratio(
        "postgres",
        "rows a second / bare COPY's, with keys",
        _times("postgres_keyed", "postgres"),
        floor=0.8,
    ),
    Ratio("postgres", "rows a second / bare COPY's, no keys", _times("postgres_bare", "postgres")),
)
"""Aims are printed, never enforced: a measurement that can fail the build gets bent."""

HEADER = ("what", "wall s", "CPU s", "peak MiB", "ratio", "aim", "met")


def table(figures: Figures) -> str:
    """The figures as one Markdown table; what was not measured is left out."""
    lines: list[tuple[str, ...]] = [HEADER, tuple("-" * len(name) for name in HEADER)]
    for row in ROWS:
        if row.key not in figures:
            continue
        figure = figures[row.key]
        numbers = (figure.seconds, figure.cpu_seconds)
        peak = "" if figure.peak_mib is None else f"{figure.peak_mib:.0f}"
        shown = ["" if number is None else f"{number:.1f}" for number in numbers]
        said = row.label.format(quarters=figure.quarters)
        label = f"· {said}" if "." in row.key else f"**{said}**"
        lines.append((label, *shown, peak, "", "", ""))
        lines += [_ratio_line(ratio, figures) for ratio in RATIOS if _is_shown(ratio, row, figures)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(HEADER))]
    padded = (
        " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines
    )
    return "\n".join(f"| {line} |" for line in padded)


def _is_shown(ratio: Ratio, row: Row, figures: Figures) -> bool:
    if ratio.row != row.key:
        return False
    try:
        ratio.value(figures), ratio.aim(figures)
    except KeyError:  # a figure that it is made of was not asked for
        return False
    return True


def _ratio_line(ratio: Ratio, figures: Figures) -> tuple[str, ...]:
    value = ratio.value(figures)
    shown = f"{value:.0f}" if value >= 100 else f"{value:.2f}"
    return (f"· {ratio.label}", "", "", "", shown, ratio.aim(figures), ratio.met(figures))
