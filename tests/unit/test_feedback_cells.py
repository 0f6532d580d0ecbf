"""A finding leads its sender to the cell at fault, whichever rule found it: in a CSV and in a form."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from xlsxwriter.utility import xl_rowcol_to_cell

from pipelines.readers.documents.grids import Grid, of_csv, of_workbook
from pipelines.registry.catalogue import services
from pipelines.registry.forms import current_form
from pipelines.registry.rules import rules
from pipelines.reports.feedback.cells import labels_of
from pipelines.reports.feedback.masking import without_personal_data
from pipelines.reports.feedback.places import Shown, Spot, mark, sheets_of
from pipelines.reports.form import FormError, write_form
from pipelines.reports.received import Document, Finding
from pipelines.submissions.reading_spec import ReadingSpec
from pipelines.submissions.rows import RawFile
from tests.integration.home import RECEIVED, document
from tests.rules.cases import all_cases

SENT = Document("0" * 12, "", "", "", RECEIVED, 1, False, None, 0, 0, 0, 0)
RULES = {
    "period": "PER-001 PER-002",
    "record": "REC-001",
    "region": "REG-001 REG-002 REG-003 REG-004 IDN-002",
    "sector": "SEC-001",
    "sector service": "SEC-002",  # a sheet of a form is one sector
    "service": "SVC-001 SVC-002 SVC-003 VAL-012",
    "component": "CMP-001",
    "item item_name": "ITM-001 ITM-002 ITM-003",
    "unit": "ITM-005",
    "note item item_name unit": "PII-001",
    "measure note item": "MEA-001",
    "snapshot_on": "MEA-002",
    "note": "MEA-003",
    "submitted_at": "TIM-001 TIM-003",
    "target": "NUM-006 NUM-009 VAL-003 VAL-009",
    "realised": "CMP-002 NUM-005 NUM-011 OUT-001 OUT-002 RECON-001 RECON-002 RECON-004 STG-001"
    " VAL-001 VAL-002 VAL-004 VAL-005 VAL-006 VAL-007 VAL-008 VAL-011 VAL-014",
    "target realised": "BUD-001 COR-001 DUP-001 DUP-002 NUM-001 NUM-002 NUM-003 NUM-004 NUM-007 NUM-008"
    " NUM-010 PII-002 VAL-010",
}
"""The columns that hold what a rule is about. A rule that is not here is about a sector, a region or a
document as a whole: its finding stands at the first cell of a row, or on no row."""
FIELDS = {rule_id: set(fields.split()) for fields, listed in RULES.items() for rule_id in listed.split()}
SECTORS = {service.service_code: service.sector_code for service in services()}
Sent = tuple[str, str, str, list[dict[str, str]]]


def _sent() -> Iterator[Sent]:
    """Of each case that fails by a line of a document of rows: rule, place, value, rows."""
    for case in all_cases():
        for expected in case.expect if case.kind == "failing" else ():
            sent = case.documents[min(int(expected.get("document", "1")), len(case.documents)) - 1]
            if sent.kind == "rows" and expected.get("place", "").startswith("L"):
                rows = [{"region": "64.71", "period": "2024-Q4", **row} for row in sent.body]
                yield case.rule_id, expected["place"], expected.get("value", ""), rows


CASES = list(_sent())


def _led(grids: list[Grid], rule_id: str, place: str, value: str, *, has_cells: bool) -> Spot:
    shown = Shown(SENT, [without_personal_data(grid) for grid in grids], has_cells=has_cells)
    finding = Finding(
        SENT.document_id, place, rule_id, rules()[rule_id].severity, value, f"Pada {place}.", "", "new"
    )
    led, spot = mark(sheets_of([shown]), finding)
    assert spot is not None
    if has_cells:
        assert led.place == f"{spot.sheet.grid.name}!{xl_rowcol_to_cell(spot.row, spot.column)}"
        assert led.message_id == f"Pada {led.place}."
    return spot


def _label(spot: Spot) -> str:
    """The field of the column, or of the label beside the cell."""
    grid = spot.sheet.grid
    labels = labels_of(grid.name)
    if grid.name == "Identitas":
        return labels[str(grid.rows[spot.row][0]).casefold()]
    assert grid.header_row is not None
    return labels[str(grid.rows[grid.header_row][spot.column]).casefold()]


def test_every_rule_on_a_cell_is_tried() -> None:
    tried = {rule_id for rule_id, *_ in CASES}
    of_cells = {rule.rule_id for rule in rules().values() if rule.scope == "row"}
    # a row that cannot be cut into columns has no column
    uncut = {"ROW-001", "ROW-002", "ROW-003", "LAY-002", "LAY-003"}
    assert of_cells - tried - uncut == set()
    assert of_cells - uncut <= FIELDS.keys()
    assert FIELDS.keys() <= tried


@pytest.mark.parametrize("rule_id", sorted({rule_id for rule_id, *_ in CASES}))
def test_a_line_of_a_csv_is_marked_on_the_cell_at_fault(rule_id: str) -> None:
    for _, place, value, rows in (case for case in CASES if case[0] == rule_id):
        grids = of_csv(RawFile("a.csv", document(rows)), ReadingSpec(name="a", kind="csv"))
        spot = _led(grids, rule_id, place, value, has_cells=False)
        assert spot.row == int(place.removeprefix("L").partition(":")[0]) - 1
        if rule_id in FIELDS:
            assert _label(spot) in FIELDS[rule_id], (place, value, rows)
        else:
            assert spot.column == 0


@pytest.mark.parametrize("rule_id", sorted(FIELDS))
def test_a_row_of_a_form_is_marked_on_the_cell_at_fault(rule_id: str) -> None:
    tried = 0
    for _, place, value, rows in (case for case in CASES if case[0] == rule_id):
        row = {**rows[int(place.removeprefix("L").partition(":")[0]) - 2]}
        row["sector"] = row.get("sector") or SECTORS.get(row.get("service", ""), "sosial")
        buffer = io.BytesIO()
        whose = {"region_code": row["region"], "region_name": "Kota", "period": "2024-Q4"}
        try:
            write_form(buffer, rows=[row], submitted_at=row.get("submitted_at"), **whose)
        except FormError:
            continue  # a form has no sheet or column for it
        grids = of_workbook(RawFile("a.xlsx", buffer.getvalue()), ReadingSpec(name="a", kind="workbook"))
        record = row["record"].replace("action_plan", "team")
        name = next(
            sheet.name
            for sheet in current_form().sheets
            if sheet.record == record and sheet.sector in ("", row["sector"])
        )
        first = next(sheet.header_row for sheet in current_form().sheets if sheet.name == name) + 1
        spot = _led(grids, rule_id, f"{name}!A{first}", value, has_cells=True)
        assert spot.sheet.grid.name in (name, "Identitas")
        assert _label(spot) in FIELDS[rule_id], (value, row)
        tried += 1
    assert tried or rule_id in NOT_ON_A_FORM


NOT_ON_A_FORM = {"REC-001", "MEA-001", "MEA-002", "CMP-002", "RECON-001", "RECON-002", "RECON-004", "NUM-005"}
"""Rules on kinds of rows that no sheet has: figures of the press, and a record that is none."""


def test_personal_data_in_two_columns_are_marked_where_they_stand() -> None:
    row = {"record": "problem", "sector": "sosial", "item": "data", "note": "Hubungi 0812 0000 0000"}
    in_item = {**row, "item": "data 0812 0000 0000", "note": "belum padan"}
    for sent, field in ((row, "note"), (in_item, "item")):
        buffer = io.BytesIO()
        write_form(buffer, region_code="64.71", region_name="Kota", period="2024-Q4", rows=[sent])
        grids = of_workbook(RawFile("a.xlsx", buffer.getvalue()), ReadingSpec(name="a", kind="workbook"))
        spot = _led(grids, "PII-001", "Masalah!A6", "telepon", has_cells=True)
        assert _label(spot) == field
        assert "[telepon]" in str(spot.sheet.grid.rows[spot.row][spot.column])
