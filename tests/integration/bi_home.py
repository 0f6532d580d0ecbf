"""A home for questions: six quarters over two years, three releases, every word of reporting.

Sixty made-up regions of the whole country, and beside them regions of Kalimantan Timur whose figures are
plain enough to be worked out by hand. The second release brings the last quarter and a correction, the third
a report that came late, another correction and a figure of the press.

Put here: that home. Keep out: the questions (``test_bi_questions``), what the views are (``test_bi_views``).
"""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipelines.publish.releases import Releases
from pipelines.registry.catalogue import services_owed
from pipelines.registry.periods import Period
from pipelines.settings import Settings
from spm_sample.command import write_sample
from tests.integration import stories
from tests.integration.home import document, publish_periods, put, settings_of

PERIODS = ("2023-Q3", "2023-Q4", "2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4")
FIRST, LAST = PERIODS[:5], PERIODS[5:]
CUMULATIVE = {1: 20, 2: 40, 3: 60, 4: 80}
"""Percent served by the end of each quarter, in the hand-made reports."""
BY_HAND = {"64.01": 0, "64.02": 4, "64.03": -8, "64.71": 12, "64.72": -2}
"""Regions of Kalimantan Timur that report by hand, and how many percent more than the others each serves."""
LATE, CORRECTED, PRESS, REFUSED, BUDGET_ONLY = "64.09", "64.03", "64.11", "64.08", "64.74"
SECTORS = ("pendidikan", "kesehatan", "pekerjaan_umum", "perumahan_rakyat", "trantibumlinmas", "sosial")
QUARTER_ENDS = {1: "04-10", 2: "07-10", 3: "10-10", 4: "01-10"}


def bi_home() -> Settings:
    """The home, made once for this code; read it, never change it."""
    folder = stories.made(("bi", stories.source_of(_make)), _make)
    return _settings(folder)


def _settings(folder: Path) -> Settings:
    return settings_of(folder, threads=2)


def percent_served(region: str, period: str) -> int:
    """What a region by hand serves of each service, in percent."""
    return CUMULATIVE[Period.parse(period).quarter] + BY_HAND.get(region, 0)


def received(period: str, days: int = 0) -> datetime:
    """When the report of a quarter comes: in its window, or ``days`` later."""
    year, quarter = Period.parse(period).year, Period.parse(period).quarter
    day = datetime.fromisoformat(f"{year + (quarter == 4)}-{QUARTER_ENDS[quarter]}")
    return day.replace(hour=3, tzinfo=UTC) + timedelta(days=days)


def report_of(region: str, period: str, percent: int) -> list[dict[str, str]]:
    """A report by hand: every service that a regency owes to ``percent``, a budget and a stage a sector."""
    common = {"region": region, "period": period}
    rows = [
        {
            **common,
            "record": "achievement",
            "service": service.service_code,
            "component": component,
            "item": item,
            "unit": "orang" if component == "recipients" else "paket",
            "target": "200" if component == "recipients" else "50",
            "realised": str(2 * percent if component == "recipients" else 25),
        }
        for service in services_owed("regency_city", Period.parse(period))
        for component, item in (("recipients", ""), ("goods_services", "K-KES-01.01"))
        if component == "recipients" or service.service_code == "K-KES-01"
    ]
    for place, sector in enumerate(SECTORS, 1):
        budget = {"allocated": 1_000_000_000 * place, "spent": 10_000_000 * place * percent}
        rows.append(
            {
                **common,
                "record": "budget",
                "sector": sector,
                "item": "Program",
                "unit": "rupiah",
                "target": str(budget["allocated"]),
                "realised": str(budget["spent"]),
            }
        )
        rows.append(
            {
                **common,
                "record": "stage",
                "sector": sector,
                "item": "planning",
                "unit": "percent",
                "target": "100",
                "realised": "90",
            }
        )
    rows.append(
        {
            **common,
            "record": "problem",
            "sector": "sosial",
            "item": "anggaran",
            "note": "Terlambat cair",
        }
    )
    return rows


def _documents(folder: Path, periods: tuple[str, ...]) -> None:
    for period in periods:
        for region in BY_HAND:
            rows = report_of(region, period, percent_served(region, period))
            put(folder / f"{region}_{period}.csv", document(rows), received(period))
        budget = [row for row in report_of(BUDGET_ONLY, period, 50) if row["record"] == "budget"]
        put(folder / f"{BUDGET_ONLY}_{period}.csv", document(budget), received(period))


def _refused(period: str) -> bytes:
    """A document whose every row is held back: results beyond any target, in words."""
    rows = [row for row in report_of(REFUSED, period, 50) if row["record"] != "problem"]
    return document([{**row, "realised": "banyak"} for row in rows])


def _sample(folder: Path) -> None:
    periods = tuple(map(Period.parse, PERIODS))
    write_sample(folder, periods, 60, "csv", 2, 5, 0.02, [], workers=1)


def _made_up(sample: Path, inbox: Path, periods: tuple[str, ...]) -> None:
    by_hand = {*BY_HAND, LATE, PRESS, REFUSED, BUDGET_ONLY}
    for path in sorted((sample / "inbox").rglob("*.csv")):
        period = path.parent.name
        if path.name[:5] not in by_hand and period in periods:
            (inbox / period).mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, inbox / period / path.name)


def _make(folder: Path) -> None:
    settings, inbox = _settings(folder), folder / "inbox"
    _sample(folder / "sample")
    _made_up(folder / "sample", inbox, FIRST)
    _documents(inbox, FIRST)
    publish_periods(settings, FIRST)
    _made_up(folder / "sample", inbox, LAST)
    _documents(inbox, LAST)
    put(inbox / f"{REFUSED}_2024-Q4.csv", _refused("2024-Q4"), received("2024-Q4"))
    again = document(report_of(CORRECTED, "2024-Q3", 55))
    put(inbox / f"{CORRECTED}_2024-Q3_2.csv", again, received("2024-Q4"))
    publish_periods(settings, ["2024-Q3", "2024-Q4"])
    put(inbox / f"{LATE}_2024-Q4.csv", document(report_of(LATE, "2024-Q4", 70)), received("2024-Q4", 40))
    again = document(report_of(CORRECTED, "2024-Q3", 58))
    put(inbox / f"{CORRECTED}_2024-Q3_3.csv", again, received("2024-Q4", 41))
    press = [{"record": "published_index", "region": PRESS, "period": "2024-Q4", "realised": "66.6"}]
    put(inbox / f"{PRESS}_press.csv", document(press), received("2024-Q4", 42))
    publish_periods(settings, ["2024-Q3", "2024-Q4"])
    assert len(Releases(settings.published).ids()) == 3
