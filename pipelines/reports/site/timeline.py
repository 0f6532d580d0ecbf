"""Where quarters stand on an axis of time: gaps as wide as they were, and no line over what is not there.

Values accumulate within the year, so a line joins consecutive quarters of one year only; figures of the press
are points that no line joins.

Put here: the geometry of small charts over time. Keep out: what is drawn (``templates/parts.html``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.reports.site.notation import quarter
from pipelines.warehouse.release_tables import Row

LEFT, RIGHT, TOP, BOTTOM = 28.0, 310.0, 10.0, 92.0
"""The field of a chart of 320 by 110 that holds the values 0 to 100."""
_MOST_LABELS = 7


@dataclass(frozen=True, slots=True)
class Point:
    """A quarter's value, where it is drawn, and the row that it is of."""

    x: float
    y: float
    row: Row
    is_press: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """What is drawn: points, the lines between some of them, years (where each begins, its label)."""

    points: tuple[Point, ...]
    lines: tuple[str, ...]
    years: tuple[tuple[float, float, str], ...]


def number_of(period: str) -> int:
    """The quarters since year 0: the difference of two is the time between them."""
    return int(period[:4]) * 4 + int(period[-1]) - 1


def timeline(rows: Sequence[Row], column: str) -> Timeline:
    """The rows that have a value in ``column``, one a quarter, over the time from the first to the last."""
    shown = [row for row in rows if row[column] is not None]
    if not shown:
        return Timeline((), (), ())
    first, last = number_of(shown[0]["period"]), number_of(shown[-1]["period"])
    step = (RIGHT - LEFT) / (last - first + 1)
    points = tuple(
        Point(
            LEFT + step * (number_of(row["period"]) - first + 0.5),
            height(row[column]),
            row,
            row.get("basis") == "published",
        )
        for row in shown
    )
    return Timeline(points, _lines(points), _years(first, last, step))


def height(value: Any) -> float:
    """How far down the chart a value of 0 to 100 stands; what is above 100 stands at the top."""
    return BOTTOM - min(float(value), 100.0) / 100 * (BOTTOM - TOP)


def _lines(points: Sequence[Point]) -> tuple[str, ...]:
    runs: list[list[Point]] = []
    for point in points:
        before = runs[-1][-1] if runs else None
        if before is not None and _joined(before, point):
            runs[-1].append(point)
        else:
            runs.append([point])
    return tuple(" ".join(f"{one.x:.1f},{one.y:.1f}" for one in run) for run in runs if len(run) > 1)


def _joined(before: Point, point: Point) -> bool:
    one, other = before.row["period"], point.row["period"]
    return (
        number_of(other) - number_of(one) == 1
        and one[:4] == other[:4]
        and not (before.is_press or point.is_press)
    )


def _years(first: int, last: int, step: float) -> tuple[tuple[float, float, str], ...]:
    years = range(first // 4, last // 4 + 1)
    every = -(-len(years) // _MOST_LABELS)
    found = []
    for year in years:
        begins, ends = max(year * 4, first), min(year * 4 + 3, last)
        middle = LEFT + step * ((begins + ends + 1) / 2 - first)
        label = quarter(f"{year}-Q{begins % 4 + 1}") if first == last else str(year)
        found.append((LEFT + step * (begins - first), middle, "" if (year - years[0]) % every else label))
    return tuple(found)
