"""What is personal data is said once in SQL, and Python masks the same."""

from __future__ import annotations

from typing import Any

import duckdb
import jinja2
import pytest

from pipelines.registry.personal_data import PATTERNS, masked, masked_unless_number
from pipelines.settings import DBT_DIR

pytestmark = pytest.mark.attack("personal data")


class _Returned(Exception):
    pass


def _return(value: Any) -> None:
    raise _Returned(value)


def _macros() -> Any:
    text = (DBT_DIR / "macros" / "personal_data.sql").read_text(encoding="utf-8")
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    return environment.from_string(text, globals={"return": _return}).module


def test_the_patterns_are_those_of_the_models() -> None:
    with pytest.raises(_Returned) as returned:
        _macros().personal_data_patterns()
    (found,) = returned.value.args
    assert {one["name"]: one["pattern"] for one in found} == PATTERNS
    assert [one["name"] for one in found] == list(PATTERNS)


TEXTS = {
    "Warga NIK 9999991708450001 belum terlayani": "Warga NIK [NIK] belum terlayani",
    "NIK:9999-9957-0845-0001.": "NIK:[NIK].",
    "HP 0812-0000-0000, +62 811 0000 000": "HP [telepon], [telepon]",
    "kantor (021) 5550000 atau 0274 555 000": "kantor [telepon] atau [telepon]",
    "surat ke siti.a@contoh.example.": "surat ke [surel].",
    "081200000000@contoh.example": "[surel]",
    # sums, codes, dates and decrees are none
    "Rekening 9999990000000001": "Rekening 9999990000000001",
    "Rp 1.708.450.001.000 pada 2024-2026": "Rp 1.708.450.001.000 pada 2024-2026",
    "Keputusan 440/0812/2024 tanggal 17-08-2024": "Keputusan 440/0812/2024 tanggal 17-08-2024",
    "K-KES-01 di 64.71, 2024-Q4": "K-KES-01 di 64.71, 2024-Q4",
}


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_masked_alike_and_once_in_python_and_in_the_database(text: str) -> None:
    assert masked(text) == TEXTS[text]
    assert masked(masked(text)) == masked(text)
    in_sql = text
    for name, pattern in PATTERNS.items():
        ((in_sql,),) = duckdb.execute(
            "select regexp_replace($text, $pattern, $mask, 'g')",
            {"text": in_sql, "pattern": pattern, "mask": f"[{name}]"},
        ).fetchall()
    assert in_sql == TEXTS[text]


def test_a_number_stays_whatever_it_looks_like() -> None:
    assert masked_unless_number("9999991708450001") == "9999991708450001"
    assert masked_unless_number("Rp 081.200.000.000,00") == "Rp 081.200.000.000,00"
    assert masked_unless_number("0812 0000 0000 (Budi)") == "[telepon] (Budi)"
