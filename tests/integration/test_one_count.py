"""One word, one count: who reported is the same number under the same word wherever a release is read."""

from __future__ import annotations

import csv
import html
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.cli.show import runs, terminal
from pipelines.publish.open_data.csv_files import FOR_PROGRAMS
from pipelines.publish.releases import Releases
from pipelines.registry.catalogue import services_owed
from pipelines.registry.codes import codes_of
from pipelines.registry.columns import words_of
from pipelines.registry.periods import Period
from pipelines.reports.site.pages import site_files
from pipelines.settings import PROJECT_DIR, Settings
from tests.integration.home import Row, document, publish_periods, published, put, settings_of

CLOSED, OPEN = "2024-Q4", "2025-Q2"
PROVINCE, CITY, NOBODY_OWED, PRESS, REFUSED = "64", "64.71", "64.72", "64.74", "64.01"
CODES = codes_of("reporting_status")
COLUMNS = {
    "with_index": "with_index",
    "reported_without_index": "reported_without_index",
    "press": "from_press",
    "refused": "refused",
    "not_sent": "not_sent",
    "not_yet_due": "not_yet_due",
}
"""The column of ``mart_compliance_summary`` that counts a code."""


def report(region: str, tier: str, period: str) -> Iterator[Row]:
    for service in services_owed(tier, Period.parse(period)):
        yield {
            **{"record": "achievement", "component": "recipients", "region": region, "period": period},
            **{"service": service.service_code, "target": "100", "realised": "60", "unit": "orang"},
        }


def rows_of(period: str) -> Iterator[Row]:
    """A region for each word; all others sent nothing."""
    yield from report(PROVINCE, "province", period)
    yield from report(CITY, "regency_city", period)
    for row in report(NOBODY_OWED, "regency_city", period):
        yield {**row, "target": "0", "realised": "0"}
    # a press figure beside a report that makes no index: who reported is not of the press
    for region in (NOBODY_OWED, PRESS):
        yield {"record": "published_index", "region": region, "period": period, "realised": "70"}
    for row in report(REFUSED, "regency_city", period):
        yield {**row, "realised": "tujuh"}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with a quarter whose window has closed and one whose window is open."""
    settings = settings_of(tmp_path_factory.mktemp("one_count"))
    for period, received in (
        (CLOSED, datetime(2025, 1, 10, tzinfo=UTC)),
        (OPEN, datetime(2025, 5, 20, tzinfo=UTC)),
    ):
        put(settings.home.parent / "inbox" / f"{period}.csv", document(rows_of(period)), received)
    publish_periods(settings, [CLOSED, OPEN])
    return settings


@pytest.fixture(scope="module")
def counts(settings: Settings) -> dict[str, dict[str, int]]:
    """The numbers to be found everywhere: those of the regions' rows, by period and code."""
    found: dict[str, Counter[str]] = {CLOSED: Counter(), OPEN: Counter()}
    for row in published(settings, "mart_compliance"):
        found[row["period"]][row["reporting_status"]] += 1
    return {period: {code: of[code] for code in CODES} for period, of in found.items()}


def test_each_region_stands_under_its_word(settings: Settings, counts: dict[str, dict[str, int]]) -> None:
    by_region = {
        (row["region_code"], row["period"]): row["reporting_status"]
        for row in published(settings, "mart_compliance")
    }
    told = {PROVINCE: "with_index", CITY: "with_index", PRESS: "press", REFUSED: "refused"}
    for region, code in (told | {NOBODY_OWED: "reported_without_index"}).items():
        assert [by_region[region, period] for period in (CLOSED, OPEN)] == [code, code], region
    assert (by_region["64.02", CLOSED], by_region["64.02", OPEN]) == ("not_sent", "not_yet_due")
    for of in counts.values():
        assert sorted(of.values())[:-1] == [0, 1, 1, 1, 2]


def test_tables_count_alike(settings: Settings, counts: dict[str, dict[str, int]]) -> None:
    for period, of in counts.items():
        rows = [row for row in published(settings, "mart_compliance_summary") if row["period"] == period]
        summed = {code: sum(row[column] for row in rows) for code, column in COLUMNS.items()}
        assert summed == of
        national = next(
            row
            for row in published(settings, "mart_national_score")
            if (row["period"], row["scope"]) == (period, "national")
        )
        reported = of["with_index"] + of["reported_without_index"]
        assert sum(row["reported"] for row in rows) == national["regions_reported"] == reported
        assert sum(row["expected"] for row in rows) == national["regions_expected"] == sum(of.values())
        assert national["regions_with_index"] == of["with_index"] + of["press"]
        assert national["regions_from_press"] == of["press"]


def shown_on(page: str) -> dict[str, int]:
    """The counts of the list on a national page, by their Indonesian word."""
    (listed,) = re.findall(r'<ul class="counts">(.*?)</ul>', page, re.DOTALL)
    items = re.findall(r"<li><b>([\d.]+)</b> (.*?) <span", listed)
    return {html.unescape(word): int(number.replace(".", "")) for number, word in items}


def test_the_site_says_the_same_words_and_numbers(
    settings: Settings, counts: dict[str, dict[str, int]]
) -> None:
    files = dict(site_files(Releases(settings.published).current_folder()))
    pages = {CLOSED: f"nasional/{CLOSED}.html", OPEN: "index.html"}
    words = {code: one.words.indonesian for code, one in CODES.items()}
    for period, page in pages.items():
        text = files[page].decode()
        of = counts[period]
        assert shown_on(text) == {words[code]: number for code, number in of.items()}
        indexed, expected = of["with_index"] + of["press"], sum(of.values())
        assert f"{indexed} dari {expected} daerah berindeks" in text
    for region, code in ((REFUSED, "refused"), (PRESS, "press"), (NOBODY_OWED, "reported_without_index")):
        card = files[f"daerah/{region}.html"].decode()
        assert words[code] in card, region
        assert words[code] in files["provinsi/64.html"].decode()
    assert words["not_yet_due"] in files["daerah/64.02.html"].decode()
    glossary = files["mutu.html"].decode()
    for column in COLUMNS.values():
        assert html.escape(words_of("mart_compliance_summary", column)["description_id"]) in glossary


def test_the_terminal_says_the_same_words_and_numbers(
    settings: Settings, counts: dict[str, dict[str, int]]
) -> None:
    def line(period: str, of: dict[str, int]) -> list[str]:
        told = [(one.words, of[code]) for code, one in CODES.items() if of[code]]
        indonesian = "; ".join(f"{words.indonesian} {number}" for words, number in told)
        english = "; ".join(f"{words.english} {number}" for words, number in told)
        owed = sum(of.values())
        return [
            f"{period}: {owed} daerah wajib melapor: {indonesian} / {owed} regions owe a report: {english}"
        ]

    for period, of in counts.items():
        with terminal.out.capture() as captured:
            runs.show_tables(Releases(settings.published).current_folder(), [period])
        shown = captured.get().splitlines()
        assert [text for text in shown if text.startswith(f"{period}: ")] == line(period, of)
        reported = of["with_index"] + of["reported_without_index"]
        assert any(period in text and f"{reported} / {sum(of.values())}" in text for text in shown)
    asked = ["status", "--home", str(settings.home)]
    status = CliRunner().invoke(app, asked).stdout.splitlines()
    assert line(OPEN, counts[OPEN])[0] in status
    as_json = json.loads(CliRunner().invoke(app, [*asked, "--json"]).stdout)
    assert as_json["reporting"] == {code: number for code, number in counts[OPEN].items() if number}
    explained = CliRunner().invoke(app, ["explain", REFUSED, CLOSED, "--home", str(settings.home)])
    assert str(CODES["refused"].words) in explained.stdout


def test_open_data_says_the_same_words_and_numbers(
    settings: Settings, counts: dict[str, dict[str, int]], tmp_path: Path
) -> None:
    folder = tmp_path / "open"
    asked = ["export", "--home", str(settings.home), "--to", str(folder)]
    found = CliRunner().invoke(app, asked)
    assert found.exit_code == 0, found.output
    with (folder / FOR_PROGRAMS.file("mart_compliance_summary")).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for period, of in counts.items():
        summed = {
            code: sum(int(row[column]) for row in rows if row["period"] == period)
            for code, column in COLUMNS.items()
        }
        assert summed == of
    book = openpyxl.load_workbook(next(folder.rglob("*.xlsx")), read_only=True)
    cells: list[tuple[Any, ...]] = list(book["Kepatuhan"].iter_rows(values_only=True))
    heads = {words_of("mart_compliance_summary", column)["label_id"] for column in COLUMNS.values()}
    assert heads <= {cell for row in cells for cell in row}


def test_the_words_stand_in_one_place(counts: dict[str, dict[str, int]]) -> None:
    for code, column in COLUMNS.items():
        words = words_of("mart_compliance_summary", column)
        assert (words["label_id"], words["label_en"]) == tuple(CODES[code].words)
    text = (
        (PROJECT_DIR / "docs" / "glossary.md").read_text(encoding="utf-8").partition("<!-- reporting -->")[2]
    )
    told = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \|", text, re.MULTILINE)
    assert {code: (indonesian, english) for code, indonesian, english in told} == {
        code: tuple(one.words) for code, one in CODES.items()
    }


def test_no_page_claims_statistics_and_tidak_ada_is_no_status() -> None:
    """A comparison by weights is no statistic; ``tidak ada`` is what forms say where nobody is entitled."""
    templates = PROJECT_DIR / "pipelines" / "reports" / "site" / "templates"
    pages = {path.name: path.read_text(encoding="utf-8") for path in templates.glob("*.html")}
    catalogue = (PROJECT_DIR / "pipelines" / "messages.csv").read_text(encoding="utf-8")
    told = pages | {"messages.csv": catalogue}
    assert [name for name, text in told.items() if re.search(r"secara statistik|statistically", text)] == []
    assert [name for name, text in pages.items() if re.search(r">Tidak ada(\.| /|<)", text)] == []
    statuses = {
        one.words.indonesian for field in ("status", "reporting_status") for one in codes_of(field).values()
    }
    assert "Tidak ada" not in statuses
