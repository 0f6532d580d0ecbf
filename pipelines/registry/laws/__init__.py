"""Laws of the registry that no single column can state: bands without a gap, windows after their quarter.

Each is stated here and nowhere else, and names file, line and remedy of what breaks it.

Put here: laws between cells, rows and seeds. Keep out: what one column must hold (the YAML beside the seed).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipelines.registry.laws import benchmarks, catalogue, methods, regions, rules, windows
from pipelines.registry.laws.facts import Law, Read
from pipelines.registry.seed_files import SeedRow

LAWS: Mapping[str, tuple[Law, ...]] = {
    "award_editions": (benchmarks.editions_judge_a_year_once, benchmarks.editions_have_their_criteria),
    "award_formulas": (benchmarks.editions_have_their_criteria,),
    "award_weights": (benchmarks.award_weights_add_up, benchmarks.editions_have_their_criteria),
    "bands": (methods.methods_have_bands,),
    "benchmark_parameters": (benchmarks.benchmarks_are_positive,),
    "counts_by_province": (regions.regions_are_as_counted,),
    "form_columns": (catalogue.forms_are_whole,),
    "form_sheets": (catalogue.forms_are_whole,),
    "forms": (catalogue.forms_are_whole,),
    "gate_limits": (rules.limits_have_one_value_a_quarter,),
    "island_groups": (benchmarks.provinces_have_islands,),
    "methods": (methods.weights_add_up, methods.methods_have_bands, methods.one_method_scores_a_period),
    "periods": (windows.every_quarter_once,),
    "region_changes": (regions.recodes_hand_over,),
    "regions": (regions.regions_have_a_province, regions.recodes_hand_over),
    "reporting_windows": (windows.windows_close_after_their_quarter,),
    "rosters": (regions.rosters_count_regions_of_their_quarters, regions.rosters_count_in_every_quarter),
    "rule_parameters": (rules.rules_have_one_value_a_quarter,),
    "rules": (rules.what_cannot_be_read_is_never_accepted, rules.messages_name_parameters),
    "sectors": (catalogue.tiers_owe_every_sector,),
    "services": (catalogue.tiers_owe_every_sector,),
    "waivers": (rules.waivers_cover_what_may_be_waived,),
    "window_extensions": (windows.extensions_end_after_they_open,),
}
"""The laws of each seed, by its name."""

_FIRST_AND_LAST = (
    ("valid_from_period", "valid_to_period"),
    ("valid_from_year", "valid_to_year"),
    ("issued_from_period", "issued_to_period"),
    ("first_period", "last_period"),
    ("granted_on", "expires_on"),
)


def broken_laws(name: str, read: Read) -> Iterator[str]:
    """What is wrong with a seed: a sentence for each fault, with file, line and remedy."""
    for row in read(name):
        yield from _runs_forward(row)
    for law in LAWS.get(name, ()):
        yield from law(read)


def _runs_forward(row: SeedRow) -> Iterator[str]:
    for first, last in _FIRST_AND_LAST:
        begins, ends = row.cells.get(first), row.cells.get(last)
        if begins and ends and ends < begins:
            yield row.fault(f"{last} {ends} lies before {first} {begins}: write the earlier one in {first}")
