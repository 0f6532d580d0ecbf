"""What codes are called on a page, Indonesian and English.

Put here: which words a page takes. Keep out: the words themselves (``codes.csv`` for codes of published
columns, ``code_labels.csv`` for those that senders write, too).
"""

from __future__ import annotations

from pipelines.registry.codes import codes_of
from pipelines.registry.seeds import read_seed

Label = tuple[str, str]

_FIELDS = {
    "level": "level",
    "scope": "scope",
    "timeliness": "timeliness",
    "reporting": "reporting_status",
    "status": "status",
    "basis": "basis",
    "severity": "severity",
    "finding": "finding_status",
    "pace": "pace_basis",
    "peers": "peer_basis",
    "reason": "reason",
    "outcome": "outcome",
}
"""The field of ``codes.csv`` that a page's words of this name are."""
_SENT = ("component", "stage")

LABELS: dict[str, dict[str, Label]] = (
    {
        name: {code: (found.words[0], found.words[1]) for code, found in codes_of(field).items()}
        for name, field in _FIELDS.items()
    }
    | {
        field: {
            row.text("code"): (row.text("label_id"), row.text("label_en"))
            for row in read_seed("code_labels")
            if row.text("field") == field
        }
        for field in _SENT
    }
    | {
        "verdict": {
            "pass": ("lulus", "pass"),
            "warn": ("peringatan", "warning"),
            "fail": ("gagal", "fail"),
            "error": ("galat", "error"),
        },
        "gate": {"passed": ("lulus", "passed"), "failed": ("gagal", "failed")},
        "criterion": {
            "criterion_index": ("Indeks", "index"),
            "criterion_budget": ("Anggaran", "budget"),
            "criterion_stages": ("Tahapan", "stages"),
            "criterion_team": ("Tim penerapan", "team"),
            "criterion_action_plan": ("Rencana aksi", "action plan"),
            "criterion_reporting": ("Pelaporan", "reporting"),
        },
    }
)


def label(field: str, code: str | None) -> Label:
    """The words for a code of a field; a code that nobody has words for stands for itself."""
    if code is None:
        return ("–", "none")
    return LABELS[field].get(code, (code, code))
