"""Rows whose keys, words or notation are wrong in ways that are seldom seen.

Source: rules of ``rules.csv`` that no common kind breaks. Rare: a national set has none of them unless they
are named.

Put here: rare kinds of single rows. Keep out: the common ones (``row_errors``, ``added_rows``).
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache

from pipelines.registry import catalogue
from pipelines.registry.periods import Period
from pipelines.registry.regions import all_states, regions_on
from pipelines.registry.rosters import expected_reporters
from spm_sample.planting import Draft, Kind, Planting, key_of
from spm_sample.rows import Row, row

FORMER_INDICATOR = "L-PDN-02"
"""An indicator of PP 65/2005 that regencies and cities reported until 2015."""
LARGE = Decimal(60)
MAIL = "Mohon hubungi operator.spm@dinas.example untuk data padanan."
PHONE = "Mohon hubungi operator di +62 811-0000-0000 untuk data padanan."
IDENTITY = "6471051708890003"
"""Shaped as a NIK is: a district of Balikpapan, a day of birth, a number; nobody's."""
NO_SERVICE = "Kegiatan di luar layanan SPM."
Changes = Callable[[Draft, Row], dict[str, str]]


def _beside(name: str, rule_id: str, changes: Changes) -> Callable[[Draft], list[Planting]]:
    """A kind that puts a changed copy behind a true row; nothing where there is no change to make."""

    def plant(draft: Draft) -> list[Planting]:
        chosen = draft.choose(lambda true, target, realised: 1 <= realised < target)
        changed = changes(draft, chosen) if chosen else {}
        if chosen is None or not changed:
            return []
        new = draft.insert({**chosen, **changed}, after=chosen)
        return [Planting(name, rule_id, new, None, next(iter(changed.values())))]

    return plant


def _cell(
    name: str, rule_id: str, column: str, text: str, record: str = "achievement"
) -> Callable[[Draft], list[Planting]]:
    """A kind that writes ``text`` into one cell; a key is found at its row."""

    def plant(draft: Draft) -> list[Planting]:
        chosen = draft.choose(lambda true, target, realised: target > 0, record)
        if chosen is None:
            return []
        chosen[column] = text
        field = column if column in ("target", "realised") else None
        return [Planting(name, rule_id, chosen, field, text)]

    return plant


def _personal(name: str, note: str) -> Callable[[Draft], list[Planting]]:
    def plant(draft: Draft) -> list[Planting]:
        if not any(draft.free_rows("stage")):
            return []
        new = draft.insert(row("problem", sector="sosial", item="data", note=note))
        return [Planting(name, "PII-001", new, None, note)]

    return plant


@lru_cache
def _not_there(period: Period) -> str:
    """The first autonomous region that is founded after the quarter; empty where none is."""
    day = period.ends_on
    known = {state.current_region_code for state in regions_on(day)}
    return next(
        (
            state.region_code
            for state in all_states()
            if state.is_autonomous
            and state.valid_from is not None
            and state.valid_from > day
            and state.current_region_code not in known
        ),
        "",
    )


@lru_cache
def _not_expected(period: Period) -> str:
    reporters = expected_reporters(period)
    return next(state.region_code for state in regions_on(period.ends_on) if state not in reporters)


def _region_not_there(draft: Draft, true: Row) -> dict[str, str]:
    code = _not_there(draft.document.period)
    return {"region": code} if code else {}


def _former_indicator(draft: Draft, true: Row) -> dict[str, str]:
    if draft.document.region.tier == "province":
        return {}
    return {"service": FORMER_INDICATOR, "component": "recipients", "item": ""}


def _another_sector(draft: Draft, true: Row) -> str:
    sectors = [each.sector_code for each in catalogue.sectors() if each.sector_code != true["sector"]]
    return sectors[int(draft.rng.integers(len(sectors)))]


def plant_other_sector(draft: Draft) -> list[Planting]:
    """The sector beside a service is not the service's; that of the service counts."""
    chosen = draft.choose(lambda true, target, realised: target > 0)
    if chosen is None:
        return []
    chosen["sector"] = _another_sector(draft, chosen)
    return [Planting("other_sector", "SEC-002", chosen, None, chosen["sector"])]


def plant_unknown_sector(draft: Draft) -> list[Planting]:
    """A budget for a sector that is none of the six."""
    if not any(draft.free_rows("budget")):
        return []
    values = {"target": draft.text(1_250_000_000), "realised": draft.text(900_000_000)}
    new = draft.insert(row("budget", sector="kelautan", unit="rupiah", **values))
    return [Planting("unknown_sector", "SEC-001", new, None, "kelautan")]


def plant_negative_budget(draft: Draft) -> list[Planting]:
    """A budget below zero."""
    chosen = draft.choose(record="budget")
    if chosen is None:
        return []
    chosen["target"] = "-" + draft.text(draft.value(chosen, "target") or 1)
    return [Planting("negative_budget", "NUM-003", chosen, "target", chosen["target"])]


def plant_budget_with_zeros(draft: Draft) -> list[Planting]:
    """A budget with three zeros too many."""
    chosen = draft.choose(record="budget")
    if chosen is None:
        return []
    for column in ("target", "realised"):
        chosen[column] = draft.text((draft.value(chosen, column) or Decimal(0)) * 1000)
    return [Planting("budget_with_zeros", "BUD-001", chosen, "target", chosen["target"])]


def plant_result_loses_digits(draft: Draft) -> list[Planting]:
    """A result in thousands where people are counted; it falls, too."""

    def fits(true: Row, target: Decimal, realised: Decimal) -> bool:
        before = draft.previous.get(key_of(true), Decimal(0))
        return 20 * LARGE < before <= realised < 2 * before

    chosen = draft.choose(fits)
    if chosen is None:
        return []
    chosen["realised"] = text = draft.text((draft.value(chosen, "realised") or Decimal(0)) // 1000)
    rules = ("VAL-010", "VAL-004")
    return [Planting("result_loses_digits", rule, chosen, "realised", text) for rule in rules]


def plant_one_above_target(draft: Draft) -> list[Planting]:
    """One more served than owed."""
    chosen = draft.choose(lambda true, target, realised: target > 0)
    if chosen is None:
        return []
    chosen["realised"] = draft.text((draft.value(chosen, "target") or Decimal(0)) + 1)
    return [Planting("one_above_target", "VAL-001", chosen, "realised", chosen["realised"])]


def plant_falls_by_one(draft: Draft) -> list[Planting]:
    """A cumulative value that is one less than in the quarter before."""
    previous = draft.previous
    chosen = draft.choose(lambda true, target, realised: previous.get(key_of(true), Decimal(0)) >= 1)
    if chosen is None:
        return []
    chosen["realised"] = draft.text(previous[key_of(chosen)] - 1)
    return [Planting("falls_by_one", "VAL-004", chosen, "realised", chosen["realised"])]


def plant_target_off_by_one(draft: Draft) -> list[Planting]:
    """A target of the year that is one more than in the quarter before."""
    previous = draft.previous
    chosen = draft.choose(lambda true, target, realised: target > 0 and key_of(true) in previous)
    if chosen is None:
        return []
    chosen["target"] = draft.text((draft.value(chosen, "target") or Decimal(0)) + 1)
    return [Planting("target_off_by_one", "VAL-009", chosen, "target", chosen["target"])]


def plant_many_times_the_target(draft: Draft) -> list[Planting]:
    """A result with zeros too many where all were served; it is above its target, too."""
    chosen = draft.choose(lambda true, target, realised: target >= LARGE)
    if chosen is None:
        return []
    factor = 10 ** int(draft.rng.integers(1, 4))
    chosen["realised"] = text = draft.text((draft.value(chosen, "target") or Decimal(0)) * factor)
    return [
        Planting("many_times_the_target", rule, chosen, "realised", text) for rule in ("VAL-014", "VAL-001")
    ]


def plant_two_fractions(draft: Draft) -> list[Planting]:
    """Target and realised of persons with a fraction each: a separator of thousands may be meant."""
    if draft.document.numbers_as_text and not draft.document.is_indonesian:
        return []  # beside a number that reads two ways it would tell which
    chosen = draft.choose(
        lambda true, target, realised: true["component"] == "recipients" and 1 <= realised < target
    )
    if chosen is None:
        return []
    for column, part in (("target", "0.5"), ("realised", "0.25")):
        chosen[column] = draft.text((draft.value(chosen, column) or Decimal(0)) + Decimal(part))
    return [Planting("two_fractions", "NUM-010", chosen, "target", chosen["target"])]


def plant_percent_of_persons(draft: Draft) -> list[Planting]:
    """A percent of a hundred where persons are counted: 100 may be how many there are."""
    chosen = draft.choose(lambda true, target, realised: true["unit"] == "Orang" and 0 < realised < target)
    if chosen is None:
        return []
    chosen["target"], chosen["realised"] = "100", "85%"
    draft.document.numbers_as_text = True
    return [Planting("percent_of_persons", "NUM-011", chosen, "realised", "85%")]


def plant_personnel_in_packages(draft: Draft) -> list[Planting]:
    """Personnel in packages, as goods are."""
    chosen = draft.choose(lambda true, target, realised: true["component"] == "personnel" and target > 0)
    if chosen is None:
        return []
    chosen["unit"] = "Set"
    return [Planting("personnel_in_packages", "ITM-005", chosen, None, "Set")]


def plant_note_too_long(draft: Draft) -> list[Planting]:
    """A note that some program put a whole report into."""
    chosen = draft.choose(lambda true, target, realised: target > 0)
    if chosen is None:
        return []
    chosen["note"] = "Rincian per kecamatan. " * 1500
    return [Planting("note_too_long", "ROW-003", chosen, None, "Rincian per kecamatan. …")]


_TEXTS: tuple[tuple[str, str, str, str, str, str], ...] = (
    ("error_cell", "VAL-005", "#DIV/0! as the result", "realised", "#DIV/0!", "achievement"),
    ("negative_target", "NUM-003", "a target below zero", "target", "-40", "achievement"),
    ("stage_in_words", "NUM-001", "'selesai' as the percent of a stage", "realised", "selesai", "stage"),
    ("budget_in_words", "NUM-001", "'dua miliar' as a budget", "target", "dua miliar", "budget"),
    ("identity_number", "PII-002", "an identity number as the result", "realised", IDENTITY, "achievement"),
    (
        "no_service_by_note",
        "MEA-003",
        "a note that it is no minimum service",
        "note",
        NO_SERVICE,
        "achievement",
    ),
    ("huge_budget", "NUM-004", "eighteen digits of rupiah", "target", "999999999999999999", "budget"),
)
_BESIDE: tuple[tuple[str, str, str, Changes, bool], ...] = (
    ("unknown_component", "CMP-001", "a component 'mutu'", lambda draft, true: {"component": "mutu"}, True),
    (
        "beside_recipients",
        "ITM-002",
        "a second row of recipients, named",
        lambda draft, true: {"item": "Posyandu", "component": "recipients"},
        True,
    ),
    ("former_indicator", "SVC-003", "an indicator of PP 65/2005", _former_indicator, True),
    (
        "unknown_record",
        "REC-001",
        "a row of another kind",
        lambda draft, true: {"record": "capaian lain"},
        False,
    ),
    ("quarter_five", "PER-001", "a row of quarter 5", lambda draft, true: {"period": "2024-Q5"}, False),
    (
        "stray_region",
        "REG-001",
        "a row of a region that is not",
        lambda draft, true: {"region": "Kab. Antah Berantah"},
        False,
    ),
    ("region_not_there", "REG-003", "a row of a region not founded yet", _region_not_there, False),
    (
        "not_autonomous",
        "REG-004",
        "a row of a city of Jakarta",
        lambda draft, true: {"region": _not_expected(draft.document.period)},
        False,
    ),
)
RARE_ROW_KINDS = (
    *(
        Kind(name, "row", rule_id, said, _cell(name, rule_id, column, text, record), is_rare=True)
        for name, rule_id, said, column, text, record in _TEXTS
    ),
    *(
        Kind(
            name,
            "row",
            rule_id,
            said,
            _beside(name, rule_id, changes),
            ("workbook", "csv") if in_forms else ("csv",),
            is_rare=True,
        )
        for name, rule_id, said, changes, in_forms in _BESIDE
    ),
    Kind(
        "unreadable_time",
        "row",
        "TIM-001",
        "'kemarin sore' as the time of sending",
        _cell("unreadable_time", "TIM-001", "submitted_at", "kemarin sore"),
        ("csv",),
        is_rare=True,
    ),
    Kind(
        "other_sector",
        "row",
        "SEC-002",
        "a sector not the service's",
        plant_other_sector,
        ("csv",),
        is_rare=True,
    ),
    Kind("one_above_target", "row", "VAL-001", "one served too many", plant_one_above_target, is_rare=True),
    Kind("falls_by_one", "row", "VAL-004", "one less than before", plant_falls_by_one, is_rare=True),
    Kind("target_off_by_one", "row", "VAL-009", "a target plus one", plant_target_off_by_one, is_rare=True),
    Kind("unknown_sector", "row", "SEC-001", "a budget of no SPM sector", plant_unknown_sector, is_rare=True),
    Kind("negative_budget", "row", "NUM-003", "a budget below zero", plant_negative_budget, is_rare=True),
    Kind("budget_with_zeros", "row", "BUD-001", "a budget times 1000", plant_budget_with_zeros, is_rare=True),
    Kind(
        "result_loses_digits",
        "row",
        "VAL-010",
        "a result in thousands",
        plant_result_loses_digits,
        is_rare=True,
    ),
    Kind(
        "mail_in_text",
        "row",
        "PII-001",
        "an e-mail address in a problem",
        _personal("mail_in_text", MAIL),
        is_rare=True,
    ),
    Kind(
        "phone_in_text",
        "row",
        "PII-001",
        "a telephone in a problem",
        _personal("phone_in_text", PHONE),
        is_rare=True,
    ),
    Kind(
        "many_times_the_target",
        "row",
        "VAL-014",
        "a result of 10, 100 or 1000 times its target",
        plant_many_times_the_target,
        is_rare=True,
    ),
    Kind(
        "two_fractions",
        "row",
        "NUM-010",
        "halves of persons in both cells",
        plant_two_fractions,
        is_rare=True,
    ),
    Kind(
        "percent_of_persons",
        "row",
        "NUM-011",
        "100 beside 85%, and the unit counts persons",
        plant_percent_of_persons,
        is_rare=True,
    ),
    Kind(
        "personnel_in_packages",
        "row",
        "ITM-005",
        "personnel counted in sets",
        plant_personnel_in_packages,
        is_rare=True,
    ),
    Kind(
        "note_too_long",
        "row",
        "ROW-003",
        "a note of more letters than a cell holds",
        plant_note_too_long,
        ("csv",),
        is_rare=True,
    ),
)
"""The rare kinds of single rows."""
