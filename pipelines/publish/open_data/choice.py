"""What of a release the public may have. A table that is not named here is not given out.

No personal data and no rows as they were received: free texts of regions may name persons, even where
identity numbers, telephone numbers and addresses are masked. Places in documents are left out everywhere:
the documents are not public.

Put here: tables, columns and rows, and the reason. Keep out: how they are written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

PLACES = frozenset({"submission_id", "source_ref", "target_source_ref", "own_target_source_ref"})
"""Columns that lead into documents."""

_ITEM_CODE = "[A-Z]+-[A-Z]+-[0-9]+[.][0-9]+"
_UNITS = (
    *(
        "%",
        "alat",
        "ampul",
        "aplikasi",
        "botol",
        "buah",
        "buku",
        "desa",
        "dokumen",
        "formulir",
        "jiwa",
        "kapsul",
    ),
    *(
        "kasus",
        "keluarga",
        "kegiatan",
        "kejadian",
        "kit",
        "kk",
        "laporan",
        "media",
        "modul",
        "orang",
        "paket",
    ),
    *(
        "percent",
        "persen",
        "persons",
        "rombel",
        "rp",
        "rumah",
        "rumah tangga",
        "rupiah",
        "satuan",
        "set",
        "sets",
    ),
    *("strip", "tablet", "test", "titik", "unit", "units", "vaksin", "vial"),
)
"""Units that are no text of somebody's own."""
# what so many regions write alike is a common name, nobody's own
_COMMON = (
    "{column} in (select {column} from {file} group by {column}"
    " having count(distinct current_region_code) >= 20)"
)
_STAGES = "'data_collection', 'needs_calculation', 'planning', 'implementation'"
# a text of a region keeps its rows apart without being readable
_UNREADABLE = "'lainnya-' || left(sha256({column}), 8)"


@dataclass(frozen=True, slots=True)
class Choice:
    """A table for the public: its title, columns left ``out``, columns ``instead`` of which another
    expression stands, and which rows (``where``)."""

    title_id: str
    title_en: str
    out: frozenset[str] = frozenset()
    instead: Mapping[str, str] = field(default_factory=dict)
    where: str = "true"


def _texts(column: str, kept: str) -> dict[str, str]:
    """Texts of regions in ``column`` made unreadable, but for codes (``kept``), common ones and nulls.

    ``{file}`` in the expression stands for the table's file.
    """
    unreadable = _UNREADABLE.replace("{column}", column)
    common = _COMMON.replace("{column}", column)
    return {column: f"case when {column} is null or {kept} or {common} then {column} else {unreadable} end"}


PUBLIC: dict[str, Choice] = {
    "dim_band": Choice("Kategori indeks", "Bands of the index"),
    "dim_method": Choice("Versi metode penilaian", "Versions of the scoring method"),
    "dim_period": Choice("Triwulan pelaporan", "Reporting quarters"),
    "dim_region": Choice("Daerah menurut waktu", "Regions in time"),
    "dim_sector": Choice("Bidang SPM", "SPM sectors"),
    "dim_service": Choice("Jenis pelayanan dasar", "Kinds of basic service"),
    "fct_indicator": Choice(
        "Target dan realisasi layanan",
        "Targets and realisations of services",
        out=frozenset({"subject"}),
        instead=_texts("item", f"regexp_full_match(item, '{_ITEM_CODE}')")
        | _texts("unit", f"lower(trim(unit)) in {_UNITS}"),
    ),
    "fct_published_index": Choice(
        "Indeks dari berita dan laporan lama",
        "Indexes of the press and past reports",
        out=frozenset({"source_name"}),  # the note of the row
    ),
    "mart_award": Choice(
        "Nilai penghargaan menurut metode acuan", "Award scores by a reference method, not official"
    ),
    "mart_budget": Choice("Anggaran dan belanja layanan", "Budget and spending of services"),
    "mart_compliance": Choice("Kepatuhan pelaporan daerah", "Reporting compliance of regions"),
    "mart_compliance_summary": Choice(
        "Ringkasan kepatuhan pelaporan", "Summary of reporting compliance by province"
    ),
    "mart_correction": Choice(
        "Pembetulan nilai berdasarkan surat",
        "Corrections by letter",
        out=frozenset({"item", "found", "reviewed_by"}),
    ),
    "mart_finding": Choice(
        "Temuan mutu data",
        "Findings on data quality",
        out=frozenset({"subject", "value", "message_id", "message_en", "explanation"}),
    ),
    "mart_legacy_attainment": Choice(
        "Capaian SPM sebelum 2019 (PP 65/2005)", "Attainment before 2019 (PP 65/2005)"
    ),
    "mart_national_score": Choice("Indeks SPM nasional", "National SPM index"),
    "mart_peer": Choice("Indeks di samping daerah sebanding", "Index beside that of peers"),
    "mart_projection": Choice(
        "Perkiraan indeks akhir tahun", "Projected index at the end of the year, not official"
    ),
    "mart_rank_stability": Choice("Ketahanan peringkat", "How firm ranks are"),
    "mart_region_score": Choice("Indeks SPM daerah", "SPM index of regions"),
    "mart_release": Choice("Rilis ini", "This release"),
    "mart_restatement": Choice(
        "Perubahan angka terbit",
        "Published figures that changed",
        # keys of these hold texts of regions
        where="table_name not in ('fct_indicator', 'fct_budget', 'fct_stage', 'mart_stage')",
    ),
    "mart_rule": Choice("Aturan mutu dan hasilnya", "Quality rules and what they found"),
    "mart_sector_score": Choice("Indeks SPM bidang", "SPM index of sectors"),
    "mart_service_score": Choice("Indeks SPM layanan", "SPM index of services"),
    "mart_stage": Choice(
        "Tahapan penerapan", "Stages of application", instead=_texts("stage", f"stage in ({_STAGES})")
    ),
    "mart_waiver": Choice("Pengecualian aturan", "Waivers of rules", out=frozenset({"subject"})),
    "meta_column": Choice("Arti kolom", "Meaning of the columns"),
}

WITHHELD = {
    "fct_budget": "uraian anggaran dan catatan daerah; jumlahnya ada di mart_budget"
    " / texts of regions; mart_budget has the amounts",
    "fct_problem": "teks bebas daerah / free text of regions",
    "fct_stage": "catatan dan uraian daerah; angkanya ada di mart_stage"
    " / texts of regions; mart_stage has the figures",
    "mart_document": "nama berkas dan sumber / names of files and sources",
    "mart_quarantine": "baris sebagaimana diterima / rows as they were received",
}
"""Tables that stay inside, and why."""


def is_public(table: str, column: str) -> bool:
    """Whether the public may have the column, as it is or made unreadable."""
    return table in PUBLIC and column not in PUBLIC[table].out | PLACES
