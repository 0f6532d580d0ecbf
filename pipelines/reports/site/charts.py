"""The charts of the national page, as static SVG: Altair says what, vl-convert draws.

They are drawn for a phone and grow with the page. A table with the same numbers stands beside each.
Put here: charts. Keep out: the small trends of report cards, which are lines of their template.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import altair as alt
import vl_convert

from pipelines.reports.site.notation import quarter
from pipelines.reports.site.timeline import number_of
from pipelines.warehouse.release_tables import Row

BAND_COLOURS = ("#0b4f6c", "#1a7083", "#86c2b3", "#ead793", "#e5a45f", "#a8412f", "#d5dae1", "#ffffff")
"""By place (``national.place_of``): bands of ``codes.csv``, no index, another band; as in ``style.css``."""
_INK, _WARNING = "#36414f", "#a10d0d"
_LINE_COLOURS = {"national": "#0b4f6c", "province": "#b5541c", "regency_city": "#2c7a4b"}
_FONT = "Arial, Helvetica, sans-serif"
_WIDTH = 300


def trend(scopes: Sequence[Row], names: dict[str, str], notice: Sequence[str] = ()) -> str:
    """The national index and those of both tiers, quarter by quarter.

    A ``notice``, its lines, stands over this and every chart.
    """
    shown = [row for row in scopes if row["scope"] in names]
    order = sorted({row["period"] for row in shown})
    rows = [
        {
            "waktu": number_of(row["period"]),
            "ruas": run,
            "cakupan": names[row["scope"]],
            "indeks": _plain(row["index"]),
            "pers": row["basis"] == "published",
        }
        for row, run in zip(shown, _runs(shown), strict=True)
    ]
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=_quarters(order),
        y=alt.Y("indeks:Q", scale=alt.Scale(domain=[0, 100]), title="Indeks"),
        color=alt.Color(
            "cakupan:N",
            sort=list(names.values()),
            scale=alt.Scale(domain=list(names.values()), range=[_LINE_COLOURS[scope] for scope in names]),
            legend=_legend(),
        ),
        detail="ruas:N",
    )
    reported, press = "!datum.pers", "datum.pers"
    layers = (
        base.transform_filter(reported).mark_line(strokeWidth=2)
        + base.transform_filter(reported).mark_point(size=40, filled=True)
        + base.transform_filter(press).mark_point(size=40, fill="#fff")
    )
    return _svg(layers, _WIDTH, 170, notice)


def _runs(rows: Sequence[Row]) -> Iterator[str]:
    """Which rows a line may join: consecutive quarters of one year.

    Values accumulate within the year, so a line from December to March would say that they fell; one over a
    quarter that is missing would say how it was.
    """
    numbers = {(row["scope"], number_of(row["period"])) for row in rows if row["index"] is not None}
    for row in rows:
        first = number_of(row["period"])
        while first % 4 and (row["scope"], first - 1) in numbers:
            first -= 1
        yield str(first)


def bands(counts: Sequence[Row], notice: Sequence[str] = ()) -> str:
    """How many regions stand in each band, quarter by quarter."""
    rows = [
        {
            "waktu": number_of(row["period"]),
            "predikat": row["band_name"],
            "urut": row["place"],
            "n": row["regions"],
        }
        for row in counts
    ]
    order = sorted({row["period"] for row in counts})
    width = max(2, round(0.7 * _WIDTH / (number_of(order[-1]) - number_of(order[0]) + 1)))
    shown = dict(sorted({row["urut"]: row["predikat"] for row in rows}.items()))
    colours = [BAND_COLOURS[min(place, len(BAND_COLOURS)) - 1] for place in shown]
    chart = (
        alt.Chart(alt.Data(values=rows))
        .mark_bar(stroke="#fff", strokeWidth=0.5, size=width)
        .encode(
            x=_quarters(order),
            y=alt.Y("n:Q", title="Daerah"),
            order=alt.Order("urut:Q"),
            color=alt.Color(
                "predikat:N",
                sort=list(shown.values()),
                scale=alt.Scale(domain=list(shown.values()), range=colours),
                legend=_legend(),
            ),
        )
    )
    return _svg(chart, _WIDTH, 170, notice)


def _quarters(order: Sequence[str]) -> alt.X:
    """An axis of time: quarters stand as far apart as they lie."""
    names = {number_of(period): quarter(period).removeprefix("TW").strip() for period in order}
    lookup = " : ".join(f"datum.value == {place} ? '{name}'" for place, name in names.items())
    axis = alt.Axis(
        values=list(names), labelExpr=f"{lookup} : ''", labelAngle=-45, labelOverlap="greedy", grid=False
    )
    domain = [min(names) - 0.6, max(names) + 0.6]
    return alt.X("waktu:Q", title=None, axis=axis, scale=alt.Scale(domain=domain, nice=False, zero=False))


def _legend() -> alt.Legend:
    return alt.Legend(orient="bottom", title=None, columns=3, labelLimit=120, symbolStrokeWidth=2)


def _plain(value: Any) -> float | None:
    # a pixel needs no more; the table beside the chart shows the published number
    return None if value is None else float(value)


def _svg(chart: alt.Chart | alt.LayerChart, width: int, height: int, notice: Sequence[str]) -> str:
    if notice:  # a picture leaves its page sooner than anything else
        chart = chart.properties(
            title=alt.Title([*notice], color=_WARNING, fontSize=11, anchor="start", frame="group")
        )
    specification = (
        chart.properties(width=width, height=height, background="white")
        .configure(font=_FONT)
        .configure_axis(
            labelColor=_INK,
            titleColor=_INK,
            gridColor="#dfe4ea",
            labelFontSize=11,
            labelLimit=220,
            titleFontSize=11,
            titleFontWeight="normal",
        )
        .configure_legend(labelColor=_INK, labelFontSize=11)
        .configure_view(stroke=None)
        .to_dict()
    )
    return str(vl_convert.vegalite_to_svg(specification))
