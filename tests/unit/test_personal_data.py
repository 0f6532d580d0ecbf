"""Personal data is found in whatever way it is written, and clean texts keep every letter."""

from __future__ import annotations

import re
import time

import pytest

from pipelines.registry.personal_data import KINDS, masked, masked_figure, masked_item, masked_key
from pipelines.registry.seen_text import as_seen
from tests.unit.personal_corpus import NOTATIONS, clean_texts

LEAST_FOUND, MOST_TOUCHED = 0.99, 0.001

pytestmark = pytest.mark.attack("personal data")


def _alone(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", as_seen(text).lower())


def _shows(text: str, secret: str) -> bool:
    """Whether a reader finds what is secret in a text, or half of a number."""
    alone, wanted = _alone(text), _alone(secret)
    return wanted in alone or (wanted.isdigit() and wanted[-6:] in alone)


@pytest.mark.parametrize("kind", NOTATIONS)
def test_at_most_one_notation_in_a_hundred_gets_through(kind: str) -> None:
    notations = list(dict.fromkeys(NOTATIONS[kind]()))
    assert len(notations) >= 25
    assert all(_shows(text, secret) or not secret.isascii() for text, secret in notations[:1])
    missed = [text for text, secret in notations if _shows(masked(text).text, secret)]
    assert len(missed) <= (1 - LEAST_FOUND) * len(notations), missed


def test_the_corpus_is_as_large_as_it_should_be() -> None:
    assert len(NOTATIONS) == 12
    assert len({text for notations in NOTATIONS.values() for text, _ in notations()}) >= 300


def test_at_most_one_clean_text_in_a_thousand_is_touched() -> None:
    clean = list(dict.fromkeys(clean_texts()))
    assert len(clean) >= 1000
    touched = [(text, masked(text).text) for text in clean if masked(text).text != text]
    touched += [(text, masked_key(text).text) for text in clean if masked_key(text).text != text]
    assert len(touched) <= MOST_TOUCHED * len(clean), touched


@pytest.mark.parametrize("kind", NOTATIONS)
def test_masking_twice_changes_nothing(kind: str) -> None:
    for text, _ in NOTATIONS[kind]():
        for mask in (masked, masked_key, masked_item):
            once = mask(text).text
            assert masked(once).text == once
            assert masked_figure(once).text == once


TEXTS = {
    "Warga NIK 9999991708450001 belum terlayani": ("Warga NIK [NIK] belum terlayani", "NIK"),
    "NIK:9999-9957-0845-0001.": ("NIK:[NIK].", "NIK"),
    "KK 6471051203150007, NIK 6471051708890003": ("KK [KK], NIK [NIK]", "NIK, KK"),
    "HP 0812-0000-0000, +62 811 0000 000": ("HP [telepon], [telepon]", "telepon"),
    "kantor (021) 5550000 atau 0274 555 000": ("kantor [telepon] atau [telepon]", "telepon"),
    "surat ke siti.a@contoh.example.": ("surat ke [surel].", "surel"),
    "081200000000@contoh.example": ("[surel]", "surel"),
    "Rekening 9999990000000001": ("Rekening [rekening]", "rekening"),
    "Budi Santoso, NIK 6471051708890003": ("[nama], NIK [NIK]", "NIK, nama"),
    # sums, codes, dates and decrees are none
    "Rp 1.708.450.001.000 pada 2024-2026": ("Rp 1.708.450.001.000 pada 2024-2026", None),
    "Keputusan 440/0812/2024 tanggal 17-08-2024": ("Keputusan 440/0812/2024 tanggal 17-08-2024", None),
    "K-KES-01 di 64.71, 2024-Q4": ("K-KES-01 di 64.71, 2024-Q4", None),
    "a.n. Kepala Dinas": ("a.n. Kepala Dinas", None),
}


@pytest.mark.parametrize("text", TEXTS)
def test_a_kind_stands_in_the_place_of_a_value(text: str) -> None:
    found = masked(text)
    assert (found.text, found.found) == TEXTS[text]
    assert set(found.kinds) <= set(KINDS)


def test_a_clean_text_is_given_back_letter_by_letter() -> None:
    for text in ("ＳＰＭ １２", "a\u200bb – c", " 12\t34 ", "Capaian Ⅳ", "é", ""):
        assert masked(text).text == text
        assert masked_key(text).text == text
        assert masked_item(text).text == text


FIGURES = {
    "9999991708450001": "9999991708450001",
    "1234567890123456": "1234567890123456",
    "3621300000000000": "3621300000000000",
    "3.273.010.101.900.001": "3.273.010.101.900.001",
    "Rp 081.200.000.000,00": "Rp 081.200.000.000,00",
    "0,0812345678901": "0,0812345678901",
    "0812": "0812",
    "-12.345,67 %": "-12.345,67 %",
    "33.333333333333336": "33.333333333333336",
    "6471051708890003": "[NIK]",
    "6471051708890003.0": "[NIK]",
    "6.471051708890003E+15": "[NIK]",
    "6471 0517 0889 0003": "[NIK]",
    "198708172010012003": "[NIP]",
    "081234567890": "[telepon]",
    "+62 812-3456-7890": "[telepon]",
    "0812 0000 0000 (Budi)": "[telepon] ([nama])",
    "tidak ada": "tidak ada",
    "": "",
}


@pytest.mark.parametrize("text", FIGURES)
def test_a_figure_stays_and_a_number_of_a_person_does_not(text: str) -> None:
    assert masked_figure(text).text == FIGURES[text]


def test_keys_stay_apart_and_the_same_key_stays_the_same() -> None:
    first, second = masked_key("6471051708890003/2024"), masked_key("6471051708890004/2024")
    assert re.fullmatch(r"\[NIK-[a-p]{12}\]/2024", first.text)
    assert first.text != second.text
    assert first == masked_key("6471051708890003/2024")
    # another key that looks alike is another key
    assert masked_key("6471051708890003\u200b/2024").text != first.text
    on_a_sheet = masked_key("Budi 081234567890!B7").text.rpartition("!")
    assert (on_a_sheet[0], on_a_sheet[2]) == (
        masked_key("Budi 081234567890!C8").text.rpartition("!")[0],
        "B7",
    )
    assert masked_item("Budi  6471051708890003") == masked_item("Budi 6471051708890003")


@pytest.mark.parametrize(
    "text",
    [
        "0812 " * 6000,
        "1 " * 16000,
        "a@" * 16000,
        "a.b-" * 8000 + "@",
        "lahir " * 6000,
        "NIK Budi " * 4000,
        "[" * 32000,
    ],
)
def test_a_hostile_cell_takes_no_longer_than_its_length(text: str) -> None:
    began = time.process_time()
    masked(text)
    assert time.process_time() - began < 3
