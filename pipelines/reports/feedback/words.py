"""What a feedback workbook says of a finding: Indonesian first, English last.

Put here: sentences. Keep out: where they stand (``feedback.book``, ``feedback.summary``), the rules' own
words (``rules.csv``).
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from pipelines.messages import say
from pipelines.registry.rules import Rule, rules
from pipelines.registry.windows import JAKARTA
from pipelines.reports.received import Finding

SEVERITIES = {"fatal": "Wajib diperbaiki", "warning": "Perlu diperiksa", "info": "Untuk diketahui"}
COLOUR_MEANINGS = {
    "fatal": say("feedback.fatal"),
    "warning": say("feedback.warning"),
    "info": say("feedback.info"),
}
STATUSES = {"new": "baru", "persisting": "belum diperbaiki", "fixed": "sudah diperbaiki"}
TIMELINESS = {"on_time": "Tepat waktu", "late": "Terlambat", "missing": "Belum ada baris yang dihitung"}
WINDOW_STATUSES = {
    "announced": "batas waktu sesuai pengumuman",
    "extended": "batas waktu sudah diperpanjang",
    "reopened": "pengisian dibuka kembali, kiriman baru tetap dihitung terlambat",
    "assumed": "batas waktu anggapan, belum ada pengumuman",
}
GUIDE = (
    "Lembar-lembar berikutnya adalah isian Anda seperti yang diterima. Arahkan kursor ke sel berwarna untuk "
    "membaca penjelasannya.",
    "Perbaiki pada formulir atau berkas asli Anda, bukan pada berkas ini, lalu kirim ulang melalui saluran "
    "yang sama.",
    "Kiriman ulang menggantikan kiriman sebelumnya untuk bidang yang sama. Sertakan seluruh baris bidang "
    "itu, bukan hanya yang diperbaiki.",
    "Berkas dapat diperiksa sendiri sebelum dikirim: spm check BERKAS",
)
LONGEST_QUOTE = 600
"""The most characters of a sentence that may quote the sender."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des")
_MEANING = {
    ("document", "fatal"): "Dokumen ini ditolak; tidak satu baris pun dihitung.",
    ("row", "fatal"): "Baris ini tidak dihitung sampai diperbaiki.",
    ("region_sector", "fatal"): "Semua baris bidang ini tidak dihitung sampai diperbaiki.",
    ("row", "warning"): "Baris ini tetap dihitung; pastikan isinya benar.",
}
_MEANING_OF_SEVERITY = {
    "fatal": "Laporan ini tidak dihitung sampai diperbaiki.",
    "warning": "Nilai tetap dihitung; pastikan laporannya benar.",
    "info": "Nilai tetap dihitung; ini untuk diketahui.",
}


def comment_on(finding: Finding) -> str:
    """What, why, and how to fix it, a line each."""
    rule = rules()[finding.rule_id]
    what = _short(finding.message_id.removesuffix(rule.advice).strip())
    return "\n".join(
        [
            f"{SEVERITIES[finding.severity].upper()}: {rule.name_id} ({rule.rule_id})",
            f"Apa: {what}",
            f"Mengapa: {_meaning(rule, finding.severity)} Dasar: {basis_of(rule)}.",
            f"Cara memperbaiki: {rule.advice}",
            f"English: {rule.name_en}. {_short(finding.message_en)}",
            *remarks_on(finding),
        ]
    )


def advice_on(finding: Finding) -> str:
    """The finding's message, which ends in how to fix it."""
    return _short(finding.message_id)


def remarks_on(finding: Finding) -> list[str]:
    """Why the finding is let stand, and what the region says of it, a line each where there is such."""
    said = {say("feedback.waived"): finding.waiver, "Penjelasan daerah": finding.explanation}
    return [f"{label}: {_short(text)}" for label, text in said.items() if text]


def english_of(finding: Finding) -> str:
    """The finding's message in English."""
    return _short(finding.message_en)


def basis_of(rule: Rule) -> str:
    """The rule's basis, in Indonesian."""
    return rule.basis.replace("Contract", "Kontrak data bagian")


def day(value: date) -> str:
    """A day as people write it: 20 Jan 2025."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def moment(value: datetime) -> str:
    """A moment in Jakarta: 10 Jan 2025 10.00 WIB."""
    local = value.astimezone(JAKARTA)
    return f"{day(local)} {local:%H.%M} WIB"


def index(value: Decimal | None, band: str | None) -> str:
    """An index as people write it, with its band: 83,20 (Tuntas Madya)."""
    if value is None:
        return "belum ada"
    number = f"{value:.2f}".replace(".", ",")
    return f"{number} ({band})" if band else number


def change(value: Decimal) -> str:
    """By how much an index moved: +1,25."""
    return f"{value:+.2f}".replace(".", ",")


def _meaning(rule: Rule, severity: str) -> str:
    return _MEANING.get((rule.scope, severity), _MEANING_OF_SEVERITY[severity])


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"
