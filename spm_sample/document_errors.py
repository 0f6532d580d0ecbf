"""Errors of whole documents: what is left out, copied, late, damaged, or sent in another's name.

Source: what was seen in real submissions; rules of ``rules.csv``. A document gets at most one of them.
They see rows in plain notation: it is changed after them.

Put here: kinds that touch a document. Keep out: single rows (``row_errors``).
"""

from __future__ import annotations

import copy
from datetime import timedelta

from pipelines.registry import catalogue
from pipelines.registry.forms import forms
from pipelines.registry.seeds import read_seed
from pipelines.registry.windows import window_of
from pipelines.submissions.rows import COLUMNS
from pipelines.warehouse.region_names import AmbiguousRegionError, RegionNotFoundError, find
from spm_sample import workbook_edits
from spm_sample.documents import FORM_VERSION
from spm_sample.planting import Draft, Kind, Planting, key_of
from spm_sample.rows import Row, row

FEW = 5
"""So many values and fewer may well stay as they were in a quarter."""
OTHER_NAME = "Kota Samarinda"
SHORT_LEVELS = {"province": "Prov. ", "regency": "Kab. ", "city": "Pemkot "}


def plant_only_results(draft: Draft) -> list[Planting]:
    """Only achievement is filled in."""
    draft.document.rows = [each for each in draft.document.rows if each["record"] == "achievement"]
    return [Planting("only_results", "COV-001")]


def plant_under_entry(draft: Draft) -> list[Planting]:
    """One sector enters a twentieth of what it did."""
    for each in draft.free_rows("achievement"):
        if each["sector"] == "pekerjaan_umum":
            each["realised"] = str(int(each["realised"]) // 20)
    draft.touch_sector("pekerjaan_umum")
    return [Planting("under_entry")]


def plant_half_done(draft: Draft) -> list[Planting]:
    """The last sectors stay empty."""
    sectors = [sector.sector_code for sector in catalogue.sectors()][-int(draft.rng.integers(1, 4)) :]
    planted = []
    for each in draft.document.rows:
        if each["record"] in ("achievement", "budget", "stage") and each["sector"] in sectors:
            is_owed = (each["component"] == "recipients" or each["record"] == "budget") and each[
                "target"
            ] != "0"
            each["realised"] = ""
            if is_owed:
                planted.append(Planting("half_done", "VAL-008", each, "realised"))
    draft.touch_sector(*sectors)
    return planted


def plant_copied_quarter(draft: Draft) -> list[Planting]:
    """The numbers of the quarter before, sent again; found where that one was sent unharmed."""
    period = draft.document.period
    if not draft.follows:
        return []
    draft.document.rows = draft.rows_at(period.previous(), False)
    sectors: dict[str, list[Row]] = {}
    for each in draft.document.rows:
        if each["record"] == "achievement":
            sectors.setdefault(each["sector"], []).append(each)
    copied = {sector: rows for sector, rows in sectors.items() if _is_found_copied(draft, rows)}
    draft.touch_sector(*copied)
    found = [
        Planting("copied_quarter", "CPY-001", rows[0], "realised", rows[0]["realised"])
        for rows in copied.values()
    ]
    return found or [Planting("copied_quarter")]


def _is_found_copied(draft: Draft, rows: list[Row]) -> bool:
    above_zero = sum(each["realised"] != "0" for each in rows)
    is_full = all(each["realised"] == each["target"] for each in rows)
    as_sent = all(draft.previous.get(key_of(each)) == int(each["realised"]) for each in rows)
    return above_zero > FEW and not is_full and as_sent


def plant_resubmission(draft: Draft) -> list[Planting]:
    """A first document with one sector as known early, and a later one with that sector as it ended."""
    sectors = [sector.sector_code for sector in catalogue.sectors()]
    sector = sectors[int(draft.rng.integers(len(sectors)))]
    later = copy.copy(draft.document)
    later.rows = [dict(each) for each in draft.document.rows if each["sector"] == sector]
    later.suffix = "_perbaikan"
    first, last = draft.document.received_at, window_of(draft.document.period).ends_at
    later.received_at = max(first + timedelta(hours=1), last - timedelta(hours=2))
    later.formulas, later.kept_fields, later.copies = {}, {}, []
    draft.more.append(later)
    for true, early in zip(draft.document.rows, draft.rows_at(draft.document.period, True), strict=True):
        if true["record"] == "achievement" and true["sector"] == sector:
            true["realised"] = early["realised"]
    draft.touch_sector(sector)
    return [Planting("resubmission", text=later.name)]


def plant_total_unlike_parts(draft: Draft) -> list[Planting]:
    """The region sends nothing; a press report gives six sectors and a total that does not follow."""
    document = draft.document
    codes = [sector.sector_code for sector in catalogue.sectors()]
    points = [int(point) for point in draft.rng.integers(6000, 9500, len(codes))]
    total = sum(points) // len(points) + int(draft.rng.integers(150, 400))
    told = [*zip(codes, points, strict=True), ("", total)]
    document.rows = [
        row("published_index", sector=code, unit="index", realised=f"{point // 100}.{point % 100:02d}")
        for code, point in told
    ]
    document.kind, document.suffix, document.is_indonesian, draft.is_closed = "csv", "_indeks", False, True
    last = document.rows[-1]
    return [Planting("total_unlike_parts", "RECON-001", last, "realised", last["realised"])]


def plant_late_entry(draft: Draft) -> list[Planting]:
    """Sent after the window closed."""
    late = timedelta(minutes=int(draft.rng.integers(60, 20 * 24 * 60)))
    draft.document.received_at = window_of(draft.document.period).ends_at + late
    first = draft.document.rows[0]
    draft.touched.add(id(first))
    return [Planting("late_entry", "TIM-002", first)]


def plant_duplicate_bytes(draft: Draft) -> list[Planting]:
    """The same file under a second name."""
    later = draft.document.received_at + timedelta(minutes=int(draft.rng.integers(5, 600)))
    draft.document.copies.append(("_salinan", later))
    return [Planting("duplicate_bytes", text=draft.document.named("_salinan"))]


def plant_alias_name(draft: Draft) -> list[Planting]:
    """Another name of the region, one that means it and no other."""
    region, day = draft.document.region, draft.document.period.ends_on
    bare = region.region_name.removeprefix("Kabupaten ").removeprefix("Kota ")
    names = [SHORT_LEVELS[region.level] + bare]
    names += [
        each.text("alias")
        for each in read_seed("region_aliases")
        if each.text("region_code") == region.region_code
    ]
    for index in draft.rng.permutation(len(names)):
        try:
            if find(names[index], day) == region:
                draft.document.region_text = names[index]
                return [Planting("alias_name", text=names[index])]
        except (AmbiguousRegionError, RegionNotFoundError):
            continue
    return []


def plant_ambiguous_name(draft: Draft) -> list[Planting]:
    """A bare name that two governments hold today."""
    code = draft.document.region.region_code
    held = [each for each in read_seed("ambiguous_bare_names") if each.optional("held_until") is None]
    names = [each.text("bare_name") for each in held]
    for each in held:
        if each.text("region_code") == code and names.count(each.text("bare_name")) > 1:
            draft.document.region_text = each.text("bare_name")
            return _every_row(draft, "ambiguous_name", "REG-002", draft.document.region_text)
    return []


def plant_unknown_region(draft: Draft) -> list[Planting]:
    """A region that is not."""
    is_form = draft.document.kind == "workbook"
    draft.document.region_text = "99.99" if is_form else "Kabupaten Antah Berantah"
    return _every_row(draft, "unknown_region", "REG-001", draft.document.region_text)


def plant_other_name(draft: Draft) -> list[Planting]:
    """The region's code beside the name of another one."""
    document = draft.document
    own, name = document.region.region_name, OTHER_NAME
    if own == name:
        return []
    if document.kind == "csv":
        document.region_text = f"{document.region.region_code} {name}"
        return _every_row(draft, "other_name", "IDN-002", document.region_text)
    draft.is_closed = True
    document.edit = lambda made: workbook_edits.with_text(made, own, name)
    return [Planting("other_name", "IDN-001", text=name, place="Identitas!B4")]


def plant_sent_again(draft: Draft) -> list[Planting]:
    """The same bytes once more, after another document of the region had replaced them."""
    between = copy.copy(draft.document)
    between.rows = [dict(each) for each in draft.document.rows]
    between.suffix = "_perbaikan"
    between.received_at = draft.document.received_at + timedelta(hours=1)
    between.formulas, between.kept_fields, between.copies = {}, {}, []
    results = [each for each in between.rows if each["component"] == "recipients" and each["realised"] != "0"]
    results[0]["realised"] = str(int(results[0]["realised"]) - 1)
    draft.more.append(between)
    draft.document.copies.append(("_lagi", draft.document.received_at + timedelta(hours=2)))
    first = draft.document.rows[0]
    draft.touched.add(id(first))
    return [Planting("sent_again", "TIM-004", first)]


def plant_wrong_quarter(draft: Draft) -> list[Planting]:
    """A half-year in place of the quarter."""
    period = draft.document.period
    draft.document.period_text = f"Semester {1 + (period.quarter > 2)} {period.year}"
    return _every_row(draft, "wrong_quarter", "PER-001", draft.document.period_text)


def plant_wrong_columns(draft: Draft) -> list[Planting]:
    """A required column is missing."""
    draft.is_closed = True
    draft.document.columns = tuple(name for name in COLUMNS if name != "realised")
    return [Planting("wrong_columns", "DOC-002", place="L1")]


def plant_empty_document(draft: Draft) -> list[Planting]:
    """A header and nothing below it; the name of the form keeps two of them from being the same bytes."""
    document, draft.is_closed = draft.document, True
    document.rows = []
    document.columns = (*COLUMNS, f"SPM/{document.region.region_code}/{document.period}")
    first = forms()[FORM_VERSION].sheets[1]
    place = f"{first.name}!A{first.header_row + 1}" if document.kind == "workbook" else "L1"
    return [Planting("empty_document", "DOC-005", place=place)]


def plant_old_form_version(draft: Draft) -> list[Planting]:
    """A form of a version that the registry does not hold."""
    draft.is_closed, draft.document.form_version = True, "spm-0"
    return [Planting("old_form_version", "DOC-003", text="spm-0", place="Identitas")]


def plant_not_a_workbook(draft: Draft) -> list[Planting]:
    """A text file that somebody called .xlsx."""
    document, draft.is_closed = draft.document, True
    said = f"Laporan SPM {document.region.region_name} {document.period} dikirim menyusul.\n"
    document.instead = said.encode()
    return [Planting("not_a_workbook", "DOC-001")]


def plant_truncated_document(draft: Draft) -> list[Planting]:
    """A transfer that broke off: a damaged archive, or a CSV that ends within a line."""
    document, draft.is_closed = draft.document, True
    if document.kind == "workbook":
        document.is_cut = True
        return [Planting("truncated_document", "DOC-001")]
    last = int(draft.rng.integers(len(document.rows) // 3, len(document.rows) - 1))
    document.rows = document.rows[: last + 1]
    cut = document.rows[last]
    document.kept_fields[id(cut)] = 5
    draft.touched.add(id(cut))
    planted = [Planting("truncated_document", "ROW-001", cut, None, cut["record"])]
    if all(each["record"] == "achievement" for each in document.rows[:last]):
        planted.append(Planting("truncated_document", "COV-001"))
    return planted


def plant_hidden_sheet(draft: Draft) -> list[Planting]:
    """A hidden sheet left from last year."""
    draft.document.has_hidden_sheet = True
    return [Planting("hidden_sheet", text="Data lama")]


def plant_merged_header(draft: Draft) -> list[Planting]:
    """A merged heading row put in above the header of a sheet."""
    sheets = [sheet.name for sheet in forms()[FORM_VERSION].sheets if sheet.record == "achievement"]
    draft.document.pushed_down = sheets[int(draft.rng.integers(len(sheets)))]
    return [Planting("merged_header", text=draft.document.pushed_down)]


def _every_row(draft: Draft, kind: str, rule_id: str, text: str) -> list[Planting]:
    """The fault is in what all rows share, so each row is set aside."""
    draft.is_closed = True
    # in a form it stands once, on the first sheet, and not in the rows that it undoes
    shown = text if draft.document.kind == "csv" else ""
    return [Planting(kind, rule_id, each, None, shown) for each in draft.document.rows]


DOCUMENT_KINDS = (
    Kind(
        "under_entry",
        "document",
        "",
        "public works enters a twentieth, all year",
        plant_under_entry,
        lasts=True,
    ),
    Kind("only_results", "document", "COV-001", "budget, stages and problems stay empty", plant_only_results),
    Kind("half_done", "document", "VAL-008", "the last sectors stay empty", plant_half_done),
    Kind("late_entry", "document", "TIM-002", "received after the window closed", plant_late_entry),
    Kind(
        "total_unlike_parts",
        "document",
        "RECON-001",
        "only a published index, its total unlike the mean of its parts",
        plant_total_unlike_parts,
    ),
    Kind("copied_quarter", "document", "CPY-001", "the numbers of the quarter before", plant_copied_quarter),
    Kind("resubmission", "document", "", "a second document replaces one sector", plant_resubmission),
    Kind("duplicate_bytes", "document", "", "the same file under a second name", plant_duplicate_bytes),
    Kind("alias_name", "document", "", "the region under another of its names", plant_alias_name, ("csv",)),
    Kind(
        "ambiguous_name",
        "document",
        "REG-002",
        "a bare name that two regions hold",
        plant_ambiguous_name,
        ("csv",),
    ),
    Kind("unknown_region", "document", "REG-001", "a region that does not exist", plant_unknown_region),
    Kind("wrong_quarter", "document", "PER-001", "a half-year in place of the quarter", plant_wrong_quarter),
    Kind(
        "wrong_columns", "document", "DOC-002", "a required column is missing", plant_wrong_columns, ("csv",)
    ),
    Kind("empty_document", "document", "DOC-005", "a header without rows", plant_empty_document),
    Kind(
        "old_form_version",
        "document",
        "DOC-003",
        "a form of an unknown version",
        plant_old_form_version,
        ("workbook",),
    ),
    Kind(
        "not_a_workbook",
        "document",
        "DOC-001",
        "a text file named .xlsx",
        plant_not_a_workbook,
        ("workbook",),
    ),
    Kind(
        "truncated_document",
        "document",
        "DOC-001",
        "cut off in transfer; a CSV: ROW-001 on its last line",
        plant_truncated_document,
    ),
    Kind(
        "hidden_sheet", "document", "", "a hidden sheet beside the form's", plant_hidden_sheet, ("workbook",)
    ),
    Kind("other_name", "document", "IDN-002", "a code beside another's name", plant_other_name, is_rare=True),
    Kind("sent_again", "document", "TIM-004", "an earlier document again", plant_sent_again, is_rare=True),
    Kind("merged_header", "document", "", "a merged row above a header", plant_merged_header, ("workbook",)),
)
"""The kinds that touch a document, at most one of them each."""
