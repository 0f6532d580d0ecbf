"""Errors that show beside something else alone: earlier quarters, other rows of the sector, other regions.

Source: what reviewers of real submissions catch by hand; ``int_rules__row_comparisons`` and
``int_rules__sectors``. A slip shows again in the quarter after it, which compares with it.

Put here: kinds whose finding needs more than their own row. Keep out: kinds of whole documents
(``report_errors``), of single rows (``row_errors``).
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from itertools import pairwise

from spm_sample.planting import Draft, Kind, Planting, key_of
from spm_sample.rows import Row

LARGE = Decimal(60)
"""Safely above the least value that the rules compare with."""
YEARS_COMPARED = 3
LAST_QUARTER = 4


def _sent_before(draft: Draft, true: Row) -> Decimal:
    """The realised value of the quarter before, 0 where none was sent unharmed."""
    return draft.previous.get(key_of(true), Decimal(0))


def plant_target_changed(draft: Draft) -> list[Planting]:
    """A target of the year that is a fifth higher than in the quarter before."""
    chosen = draft.choose(lambda true, target, realised: target > LARGE and _sent_before(draft, true) > 0)
    if chosen is None:
        return []
    chosen["target"] = draft.text((draft.value(chosen, "target") or Decimal(0)) * 6 // 5)
    return [Planting("target_changed", "VAL-009", chosen, "target", chosen["target"])]


def plant_target_slips(draft: Draft) -> list[Planting]:
    """A target with one to three zeros too many."""
    chosen = draft.choose(lambda true, target, realised: target > LARGE and _sent_before(draft, true) > 0)
    if chosen is None:
        return []
    factor = 10 ** int(draft.rng.integers(1, 4))
    chosen["target"] = draft.text((draft.value(chosen, "target") or Decimal(0)) * factor)
    return [Planting("target_slips", "VAL-010", chosen, "target", chosen["target"])]


def plant_result_slips(draft: Draft) -> list[Planting]:
    """A result with zeros too many; it is above its target, too."""

    def fits(true: Row, target: Decimal, realised: Decimal) -> bool:
        before = _sent_before(draft, true)
        return LARGE < before <= realised < 2 * before and realised * 10 > target

    chosen = draft.choose(fits)
    if chosen is None:
        return []
    factor = 10 ** int(draft.rng.integers(1, 4))
    chosen["realised"] = text = draft.text((draft.value(chosen, "realised") or Decimal(0)) * factor)
    return [Planting("result_slips", rule, chosen, "realised", text) for rule in ("VAL-010", "VAL-001")]


def plant_swapped_pair(draft: Draft) -> list[Planting]:
    """Target and realised in each other's cells."""
    chosen = draft.choose(
        lambda true, target, realised: 0 < realised < target * 9 / 10 and _sent_before(draft, true) > 0
    )
    if chosen is None:
        return []
    chosen["target"], chosen["realised"] = chosen["realised"], chosen["target"]
    text = chosen["realised"]
    return [Planting("swapped_pair", rule, chosen, "realised", text) for rule in ("VAL-011", "VAL-001")]


def plant_drops_to_nothing(draft: Draft) -> list[Planting]:
    """Nobody served, where the same quarter of every year before had thousands."""
    if draft.years < YEARS_COMPARED:
        return []
    chosen = draft.choose(
        lambda true, target, realised: true["component"] == "recipients" and realised > 10 * LARGE
    )
    if chosen is None:
        return []
    chosen["realised"] = "0"
    rules = ["OUT-001"] + ["VAL-004"] * (_sent_before(draft, chosen) > 0)
    return [Planting("drops_to_nothing", rule, chosen, "realised", "0") for rule in rules]


def plant_far_below_peers(draft: Draft) -> list[Planting]:
    """A fiftieth served, late in the year, of what all regions of that kind and size have many of."""
    document = draft.document
    if document.region.level != "regency" or document.period.quarter < LAST_QUARTER - 1:
        return []
    chosen = draft.choose(
        lambda true, target, realised: (
            true["service"] == "K-KES-06" and true["component"] == "recipients" and target >= 100_000
        )
    )
    if chosen is None:
        return []
    chosen["realised"] = text = draft.text((draft.value(chosen, "target") or Decimal(0)) // 50)
    planted = [Planting("far_below_peers", "OUT-002", chosen, "realised", text)]
    if _sent_before(draft, chosen) > (draft.value(chosen, "realised") or Decimal(0)):
        planted.append(Planting("far_below_peers", "VAL-004", chosen, "realised", text))
    return planted


def plant_budget_in_millions(draft: Draft) -> list[Planting]:
    """A budget row in millions of rupiah where rupiah are asked for."""
    chosen = draft.choose(lambda true, target, realised: target < 10**12, record="budget")
    if chosen is None:
        return []
    for column in ("target", "realised"):
        chosen[column] = draft.text((draft.value(chosen, column) or Decimal(0)) // 1_000_000)
    return [Planting("budget_in_millions", "BUD-001", chosen, "target", chosen["target"])]


def plant_stage_left_behind(draft: Draft) -> list[Planting]:
    """The calculation of needs hardly begun, though what follows it is far on; that is what is found."""
    stages: dict[str, dict[str, Row]] = {}
    for each in draft.free_rows("stage"):
        stages.setdefault(each["sector"], {})[each["item"]] = each
    for found in stages.values():
        first, behind, next_ = (
            found.get(stage) for stage in ("data_collection", "needs_calculation", "planning")
        )
        if first and behind and next_ and (draft.value(next_, "realised") or Decimal(0)) > LARGE:
            behind["realised"] = draft.text(20)
            draft.touched |= {id(each) for each in found.values()}
            return [Planting("stage_left_behind", "STG-001", next_, "realised", next_["realised"])]
    return []


def plant_quality_alone(draft: Draft) -> list[Planting]:
    """The recipients row of a service is missing; its quality rows stand there."""
    rows = draft.document.rows
    free = {id(each) for each in draft.free_rows("achievement")}
    pairs = [
        (each, after)
        for each, after in pairwise(rows)
        if each["component"] == "recipients"
        and after["service"] == each["service"]
        and after["component"] not in ("", "recipients")
        and {id(each), id(after)} <= free
    ]
    if not pairs:
        return []
    gone, first = pairs[int(draft.rng.integers(len(pairs)))]
    draft.document.rows = [each for each in rows if each is not gone]
    draft.touched.add(id(first))
    return [Planting("quality_alone", "VAL-012", first, None, first["service"])]


def plant_quality_item_left_out(draft: Draft) -> list[Planting]:
    """A quality item that the quarter before reported has no row any more."""
    rows = draft.document.rows
    free = {id(each) for each in draft.free_rows("achievement")}
    first = {
        each["service"]: each
        for each in rows
        if each["component"] == "recipients" and draft.value(each, "target")
    }
    gone = [
        each
        for each in rows
        if each["component"] not in ("", "recipients")
        and key_of(each) in draft.previous
        and each["service"] in first
        and {id(each), id(first[each["service"]])} <= free
    ]
    if not gone:
        return []
    left_out = gone[int(draft.rng.integers(len(gone)))]
    draft.document.rows = [each for each in rows if each is not left_out]
    told = first[left_out["service"]]
    draft.touched.add(id(told))
    return [Planting("quality_item_left_out", "ITM-004", told, None, told["service"])]


def plant_all_exactly_full(draft: Draft) -> list[Planting]:
    """Every result of a sector is its target, before the year is over."""
    if draft.document.period.quarter >= LAST_QUARTER:
        return []
    return _of_sector(draft, "all_exactly_full", "HUN-001", _fill_up)


def plant_round_numbers(draft: Draft) -> list[Planting]:
    """The results of a sector are estimates: they end in 0."""
    return _of_sector(draft, "round_numbers", "HEAP-001", _round_off)


def plant_mostly_round(draft: Draft) -> list[Planting]:
    """Three of four results of a sector are estimates."""
    return _of_sector(draft, "mostly_round", "HEAP-001", partial(_round_off, left_out=4))


def _of_sector(
    draft: Draft, kind: str, rule_id: str, change: Callable[[Draft, list[Row]], bool]
) -> list[Planting]:
    """Change the results of one sector that no error touched yet; its first row is where it is found."""
    sectors: dict[str, list[Row]] = {}
    for each in draft.document.rows:
        if each["record"] == "achievement":
            sectors.setdefault(each["sector"], []).append(each)
    free = {id(each) for each in draft.free_rows("achievement")}
    for sector in draft.rng.permutation(sorted(sectors)):
        rows = sectors[str(sector)]
        if {id(each) for each in rows} <= free and change(draft, rows):
            draft.touch_sector(str(sector))
            return [Planting(kind, rule_id, rows[0], "realised", rows[0]["realised"])]
    return []


def _fill_up(draft: Draft, rows: list[Row]) -> bool:
    owed = [each for each in rows if draft.value(each, "target")]
    if len(owed) < 6 or any(draft.value(each, "realised") is None for each in rows):
        return False
    for each in owed:
        each["realised"] = each["target"]
    return True


def _round_off(draft: Draft, rows: list[Row], left_out: int = 0) -> bool:
    """Round results down to tens, but each one in ``left_out``; whether there are enough of them."""
    rounded = {}
    for number, each in enumerate(rows):
        target, realised = draft.value(each, "target"), draft.value(each, "realised")
        if target is None or realised is None or realised < 100 or realised == target:
            continue
        if left_out and number % left_out == 0:
            continue
        # a value that would fall below the quarter before stays
        if realised // 10 * 10 >= _sent_before(draft, each):
            rounded[id(each)] = draft.text(realised // 10 * 10)
    if len(rounded) < 12:
        return False
    for each in rows:
        each["realised"] = rounded.get(id(each), each["realised"])
    return True


HISTORY_KINDS = (
    Kind(
        "all_exactly_full", "row", "HUN-001", "a sector all at 100 % within the year", plant_all_exactly_full
    ),
    Kind("round_numbers", "row", "HEAP-001", "a sector of estimates that end in 0", plant_round_numbers),
    Kind("mostly_round", "row", "HEAP-001", "three of four end in 0", plant_mostly_round, is_rare=True),
    Kind("target_changed", "row", "VAL-009", "a target of the year changed in it", plant_target_changed),
    Kind("target_slips", "row", "VAL-010", "a target times 10, 100 or 1000", plant_target_slips),
    Kind("result_slips", "row", "VAL-010", "a result times 10, 100 or 1000", plant_result_slips),
    Kind("swapped_pair", "row", "VAL-011", "target and realised swapped", plant_swapped_pair),
    Kind("drops_to_nothing", "row", "OUT-001", "0 where earlier years had many", plant_drops_to_nothing),
    Kind("far_below_peers", "row", "OUT-002", "a fiftieth where peers have most", plant_far_below_peers),
    Kind("budget_in_millions", "row", "BUD-001", "a budget in millions of rupiah", plant_budget_in_millions),
    Kind("stage_left_behind", "row", "STG-001", "a stage behind the next ones", plant_stage_left_behind),
    Kind(
        "quality_item_left_out",
        "row",
        "ITM-004",
        "an item of the quarter before left out",
        plant_quality_item_left_out,
        is_rare=True,
    ),
    Kind("quality_alone", "row", "VAL-012", "quality rows without recipients", plant_quality_alone),
)
"""The kinds that show in comparison alone; those of whole sectors go first, while sectors are untouched."""
