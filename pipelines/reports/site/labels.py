"""What codes are called on a page, Indonesian and English.

Put here: words for codes of the marts. Keep out: words that the registry has (sectors, services, rules).
"""

from __future__ import annotations

Label = tuple[str, str]

LABELS: dict[str, dict[str, Label]] = {
    "level": {
        "province": ("Provinsi", "province"),
        "regency": ("Kabupaten", "regency"),
        "city": ("Kota", "city"),
    },
    "scope": {
        "national": ("Nasional", "national"),
        "province": ("Provinsi", "provinces"),
        "regency_city": ("Kabupaten/kota", "regencies and cities"),
    },
    "timeliness": {
        "on_time": ("Tepat waktu", "on time"),
        "late": ("Terlambat", "late"),
        "missing": ("Tidak melapor", "not reported"),
    },
    "reporting": {
        "with_index": ("Melapor, berindeks", "Reported, with an index"),
        "reported_without_index": ("Melapor, tanpa indeks", "Reported, without an index"),
        "press": ("Angka dari berita", "Figure of the press"),
        "refused": ("Kiriman ditolak", "Refused"),
        "not_sent": ("Tidak mengirim", "Not sent"),
        "not_yet_due": ("Belum jatuh tempo", "Not yet due"),
    },
    "status": {
        "reported": ("Dilaporkan", "reported"),
        "zero": ("Nol", "zero"),
        "missing": ("Tidak ada", "missing"),
        "not_applicable": ("Tidak berlaku", "not applicable"),
        "quarantined": ("Ditahan", "held back"),
        "published": ("Angka terbit", "published figure"),
    },
    "basis": {
        "submitted": ("Laporan daerah", "the region's report"),
        "published": ("Angka yang pernah terbit", "a published figure"),
    },
    "severity": {
        "fatal": ("Wajib diperbaiki", "fatal"),
        "warning": ("Perlu diperiksa", "warning"),
        "info": ("Untuk diketahui", "info"),
    },
    "finding": {
        "new": ("Baru", "new"),
        "persisting": ("Masih ada", "persisting"),
        "fixed": ("Sudah diperbaiki", "fixed"),
    },
    "component": {
        "recipients": ("Penerima layanan", "recipients"),
        "goods_services": ("Barang/jasa", "goods and services"),
        "personnel": ("SDM", "personnel"),
        "procedures": ("Tata cara", "procedures"),
    },
    "stage": {
        "data_collection": ("Pengumpulan data", "data collection"),
        "needs_calculation": ("Penghitungan kebutuhan", "calculation of needs"),
        "planning": ("Penyusunan rencana", "planning"),
        "implementation": ("Pelaksanaan", "implementation"),
    },
    "pace": {
        "own": ("laju tahun-tahun sebelumnya", "the pace of earlier years"),
        "linear": ("laju merata", "an even pace"),
        "year_end": ("sudah akhir tahun", "the year has ended"),
    },
    "peers": {
        "islands_and_size": ("pulau dan ukuran sama", "same islands and size"),
        "size": ("ukuran sama", "same size"),
        "islands": ("pulau sama", "same islands"),
    },
    "reason": {
        "late_data": ("Data terlambat", "late data"),
        "correction": ("Koreksi daerah", "correction by the region"),
        "new_method": ("Metode baru", "new method"),
        "window_closed": ("Masa pelaporan ditutup", "window closed"),
        "new_reference_data": ("Data acuan baru", "new reference data"),
        "new_code": ("Versi perangkat lunak baru", "new code"),
        "routine": ("Rutin", "routine"),
    },
    "verdict": {
        "pass": ("lulus", "pass"),
        "warn": ("peringatan", "warning"),
        "fail": ("gagal", "fail"),
        "error": ("galat", "error"),
    },
    "gate": {"passed": ("lulus", "passed"), "failed": ("gagal", "failed")},
    "outcome": {
        "applied": ("diterapkan", "applied"),
        "unused": ("tidak dipakai", "not used"),
        "expired": ("sudah berakhir", "expired"),
        "unmatched": ("barisnya tidak ada", "no such row"),
        "stale": ("nilainya sudah lain", "another value stands there"),
        "ambiguous": ("lebih dari satu baris", "more than one row"),
    },
    "criterion": {
        "criterion_index": ("Indeks", "index"),
        "criterion_budget": ("Anggaran", "budget"),
        "criterion_stages": ("Tahapan", "stages"),
        "criterion_team": ("Tim penerapan", "team"),
        "criterion_action_plan": ("Rencana aksi", "action plan"),
        "criterion_reporting": ("Pelaporan", "reporting"),
    },
}


def label(field: str, code: str | None) -> Label:
    """The words for a code of a field; a code that nobody has words for stands for itself."""
    if code is None:
        return ("–", "none")
    return LABELS[field].get(code, (code, code))
