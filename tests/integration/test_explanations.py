"""What a region says of a finding travels with it, from release to release, while the finding stays."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from openpyxl import load_workbook

from pipelines.reports.feedback.workbooks import write_feedback
from pipelines.settings import Settings
from tests.integration.home import RECEIVED, Row, document, publish_periods, published, put, settings_of

PERIOD, CITY = "2024-Q4", "64.71"
SERVED = {
    **{"record": "achievement", "region": CITY, "period": PERIOD, "service": "K-KES-01"},
    **{"component": "recipients", "target": "10"},
}


def send(settings: Settings, day: int, *rows: Row) -> None:
    put(settings.home.parent / "inbox" / f"{day}.csv", document(rows), RECEIVED.replace(day=day))
    publish_periods(settings, [PERIOD])


def found(settings: Settings, rule_id: str) -> tuple[str, str | None]:
    """Status and explanation of the one finding of a rule."""
    (row,) = [row for row in published(settings, "mart_finding") if row["rule_id"] == rule_id]
    return row["status"], row["explanation"]


@dataclass
class Released:
    """What was said of the finding in each of three releases, and the feedback book of the second."""

    said: list[tuple[str, str | None]] = field(default_factory=list)
    book: list[str] = field(default_factory=list)
    of_sector: str | None = None


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Released:
    """A finding that is explained, is still there without a note, and is fixed."""
    settings = settings_of(tmp_path_factory.mktemp("explanations"))
    problem = {
        **{"record": "problem", "region": CITY, "period": PERIOD, "sector": "kesehatan"},
        **{"item": "anggaran", "note": "Kolom tertukar oleh aplikasi"},
    }
    services = ("02", "03", "04", "05", "06", "07", "08", "09", "10", "11")
    good, swapped = (
        [{**SERVED, "sector": "kesehatan", "service": f"K-KES-{number}", **pair} for number in services]
        for pair in ({"target": "30", "realised": "10"}, {"target": "10", "realised": "30"})
    )
    found_of = Released()
    for day, realised, note in (
        (10, "12", "Pengungsi ikut dilayani, hubungi budi@contoh.go.id"),
        (12, "13", ""),
        (14, "9", "sudah diperbaiki"),
    ):
        send(settings, day, {**SERVED, "realised": realised, "note": note})
        found_of.said.append(found(settings, "VAL-001"))
        if day == 12:
            (book,) = write_feedback(settings).folder.rglob(f"{CITY}.xlsx")
            sheet = load_workbook(book)["Ringkasan"]
            found_of.book = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value]
    send(settings, 16, *good)
    send(settings, 18, *swapped, problem)
    found_of.of_sector = found(settings, "SUB-002")[1]
    return found_of


def test_the_note_of_the_row_is_the_explanation_without_personal_data(released: Released) -> None:
    status, explanation = released.said[0]
    assert status == "new"
    assert explanation is not None
    assert explanation.startswith("Pengungsi ikut dilayani")
    assert "budi@" not in explanation


def test_it_goes_on_while_the_finding_does_and_is_there_when_it_is_fixed(released: Released) -> None:
    explanation = released.said[0][1]
    assert released.said[1:] == [("persisting", explanation), ("fixed", explanation)]


def test_what_is_found_of_a_sector_is_explained_by_its_problems(released: Released) -> None:
    assert released.of_sector == "Kolom tertukar oleh aplikasi"


def test_the_feedback_book_shows_it(released: Released) -> None:
    assert any(f"Penjelasan daerah: {released.said[0][1]}" in text for text in released.book)
