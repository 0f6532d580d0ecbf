"""Errors in cells and lines that stand there.

Source: what was seen in real submissions (Indonesian words as typed there); rules of ``rules.csv``.
A served-above-target or a fall shows again as a fall or a rise in the next quarter: that is what they do.

Put here: kinds that change one row. Keep out: kinds that put in a row (``added_rows``) or touch the whole
document (``document_errors``).
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from spm_sample.planting import Draft, Kind, Planting, key_of
from spm_sample.rows import Row

UNITS = ("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh")
MISSING = ("na", "?", "-", "")
NEGATIVE = ("-12", "-1", "-250")
HUGE = "9999999999999999"
NOT_NUMBERS = ("sekitar 500", "120 orang", "belum direkap", "menunggu data")
Fits = Callable[[Row, Decimal, Decimal], bool]
Texts = Callable[[Draft, Row], str]


def _cell(
    name: str, rule_id: str, column: str, texts: Texts, fits: Fits
) -> Callable[[Draft], list[Planting]]:
    """A kind that writes another text into one cell of a row that fits."""

    def plant(draft: Draft) -> list[Planting]:
        chosen = draft.choose(fits)
        if chosen is None:
            return []
        chosen[column] = texts(draft, chosen)
        return [Planting(name, rule_id, chosen, column, chosen[column])]

    return plant


def in_words(value: int) -> str:
    """A whole number from 0 to 99 in Indonesian words."""
    tens, ones = divmod(value, 10)
    if value <= 10:
        return UNITS[value]
    if value == 11:
        return "sebelas"
    if tens == 1:
        return f"{UNITS[ones]} belas"
    return f"{UNITS[tens]} puluh" + (f" {UNITS[ones]}" if ones else "")


def _words_that_disagree(draft: Draft, chosen: Row) -> str:
    value = int(draft.value(chosen, "realised") or 0) % 90 + 9
    return f"{value} ({in_words(value + 1)})"


def _one_of(texts: tuple[str, ...]) -> Texts:
    return lambda draft, chosen: texts[int(draft.rng.integers(len(texts)))]


def _is_owed(chosen: Row, target: Decimal, realised: Decimal) -> bool:
    return target > 0


def _is_served(chosen: Row, target: Decimal, realised: Decimal) -> bool:
    return target > 0 and realised > 0


def _is_owed_recipients(chosen: Row, target: Decimal, realised: Decimal) -> bool:
    return target > 0 and chosen["component"] == "recipients"


def plant_nobody_owed(draft: Draft) -> list[Planting]:
    """Nobody was owed the service: a status, not an error."""
    chosen = draft.choose(_is_owed)
    if chosen is None:
        return []
    chosen["target"], chosen["realised"] = "tidak ada", "0"
    return [Planting("nobody_owed", "", chosen, "target", "tidak ada")]


def plant_served_without_target(draft: Draft) -> list[Planting]:
    """Nobody is owed the service, yet somebody was served; the finding points at the served."""
    chosen = draft.choose(_is_served)
    if chosen is None:
        return []
    chosen["target"] = "0"
    return [Planting("served_without_target", "VAL-002", chosen, "realised", chosen["realised"])]


def _two_ways(name: str, separator: str) -> Callable[[Draft], list[Planting]]:
    """A kind that writes a text that reads two ways, where nothing tells which."""

    def plant(draft: Draft) -> list[Planting]:
        if draft.document.is_indonesian:
            return []
        chosen = draft.choose(lambda true, target, realised: 1000 <= target < 1_000_000)
        if chosen is None:
            return []
        chosen["target"] = f"{int(chosen['target']):,}".replace(",", separator)
        draft.document.numbers_as_text = True  # a number cell has one reading only
        return [Planting(name, "NUM-002", chosen, "target", chosen["target"])]

    return plant


plant_ambiguous_number = _two_ways("ambiguous_number", ".")
plant_english_thousands = _two_ways("english_thousands", ",")


def plant_half_a_person(draft: Draft) -> list[Planting]:
    """A fraction of a person served, where it tells nothing of a number that reads two ways."""
    if draft.document.numbers_as_text and not draft.document.is_indonesian:
        return []
    return _cell("half_a_person", "NUM-007", "realised", _half_more, _is_a_part_of_many)(draft)


def _half_more(draft: Draft, chosen: Row) -> str:
    return draft.text((draft.value(chosen, "realised") or Decimal(0)) + Decimal("0.5"))


def _percent_of_it(draft: Draft, chosen: Row) -> str:
    target, realised = draft.value(chosen, "target"), draft.value(chosen, "realised")
    return f"{int(100 * (realised or 0) / (target or 1))}%"


def _is_a_part_of_many(chosen: Row, target: Decimal, realised: Decimal) -> bool:
    return chosen["component"] == "recipients" and 100 < target <= 100 * realised <= 100 * target


def plant_value_falls(draft: Draft) -> list[Planting]:
    """A cumulative value below that of the quarter before, where that one was sent unharmed."""
    previous = draft.previous
    chosen = draft.choose(lambda true, target, realised: previous.get(key_of(true), Decimal(0)) >= 2)
    if chosen is None:
        return []
    before = previous[key_of(chosen)]
    chosen["realised"] = draft.text(before - max(Decimal(1), before // 10))
    return [Planting("value_falls", "VAL-004", chosen, "realised", chosen["realised"])]


def plant_formula_without_value(draft: Draft) -> list[Planting]:
    """A formula that no program computed: the file holds no value for it."""
    chosen = draft.choose(_is_served)
    if chosen is None:
        return []
    value = int(draft.value(chosen, "realised") or 0)
    formula = f"{value // 2}+{value - value // 2}"
    draft.document.formulas[id(chosen)] = formula
    return [Planting("formula_without_value", "VAL-005", chosen, "realised", f"={formula}")]


def plant_spent_above_allocated(draft: Draft) -> list[Planting]:
    """A budget row with more spent than there was."""
    chosen = draft.choose(record="budget")
    if chosen is None:
        return []
    allocated = int(draft.value(chosen, "target") or 0)
    chosen["realised"] = draft.text(allocated + allocated // 20)
    return [Planting("spent_above_allocated", "VAL-006", chosen, "realised", chosen["realised"])]


def plant_broken_line(draft: Draft) -> list[Planting]:
    """A line that ends before its result; what is only missing behind the last value is read."""
    chosen = draft.choose()
    if chosen is None:
        return []
    draft.document.kept_fields[id(chosen)] = list(draft.document.columns).index("realised")
    return [Planting("broken_line", "ROW-001", chosen, None, chosen["service"])]


def _above(draft: Draft, chosen: Row) -> str:
    target = int(draft.value(chosen, "target") or 0)
    return draft.text(target + max(1, target // 12))


_CELLS: tuple[tuple[str, str, str, str, Texts, Fits], ...] = (
    (
        "missing_text",
        "VAL-008",
        "recipients served: na, ?, - or nothing",
        "realised",
        _one_of(MISSING),
        _is_owed_recipients,
    ),
    ("target_missing", "VAL-003", "served, but the target is empty", "target", _one_of(("",)), _is_served),
    ("number_and_words", "NUM-001", "13 (empat belas)", "realised", _words_that_disagree, _is_owed),
    ("text_in_number", "NUM-001", "words in a number cell", "realised", _one_of(NOT_NUMBERS), _is_owed),
    ("negative_number", "NUM-003", "a number below zero", "realised", _one_of(NEGATIVE), _is_owed),
    ("huge_number", "NUM-004", "sixteen digits", "target", _one_of((HUGE,)), _is_owed),
    ("served_above_target", "VAL-001", "more served than owed", "realised", _above, _is_owed),
)
CELL_KINDS = tuple(
    Kind(name, "row", rule_id, said, _cell(name, rule_id, column, texts, fits))
    for name, rule_id, said, column, texts, fits in _CELLS
)

ROW_KINDS = (
    *CELL_KINDS,
    Kind("nobody_owed", "row", "", "'tidak ada' as target: a status, no error", plant_nobody_owed),
    Kind(
        "served_without_target",
        "row",
        "VAL-002",
        "target 0, yet somebody was served",
        plant_served_without_target,
    ),
    Kind("ambiguous_number", "row", "NUM-002", "1.234, and nothing decides", plant_ambiguous_number),
    Kind("english_thousands", "row", "NUM-002", "1,234, and nothing decides", plant_english_thousands),
    Kind("value_falls", "row", "VAL-004", "cumulative value below the quarter before", plant_value_falls),
    Kind(
        "formula_without_value",
        "row",
        "VAL-005",
        "a formula never computed",
        plant_formula_without_value,
        ("workbook",),
    ),
    Kind("spent_above_allocated", "row", "VAL-006", "more spent than allocated", plant_spent_above_allocated),
    Kind("broken_line", "row", "ROW-001", "a line with too few fields", plant_broken_line, ("csv",)),
    Kind(
        "half_a_person",
        "row",
        "NUM-007",
        "a fraction of a person served",
        plant_half_a_person,
        is_rare=True,
    ),
    Kind(
        "percent_of_a_count",
        "row",
        "NUM-008",
        "85% of a target of 1000",
        _cell("percent_of_a_count", "NUM-008", "realised", _percent_of_it, _is_a_part_of_many),
        is_rare=True,
    ),
)
"""The kinds that change a row that stands there."""
