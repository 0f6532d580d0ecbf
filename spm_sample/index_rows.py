"""Rows of a published index that stand in a region's own report and cannot be what they say.

Source: contract 2 (``published_index``, ``measure``, ``snapshot_on``); rules of ``rules.csv``. Rare: a
national set has none of them unless they are named.

Put here: kinds of ``published_index`` rows. Keep out: reports of nothing else (``document_errors``).
"""

from __future__ import annotations

from collections.abc import Callable

from spm_sample.planting import Draft, Kind, Planting
from spm_sample.rows import row


def _told_sector(draft: Draft) -> str:
    """A sector that the report itself tells of, which no other kind touches from now on; or none."""
    true = draft.choose(lambda true, target, realised: true["component"] == "recipients" and realised > 0)
    if true is None:
        return ""
    draft.touch_sector(true["sector"])
    return true["sector"]


def _published(name: str, rule_id: str, index: str, **texts: str) -> Callable[[Draft], list[Planting]]:
    """A kind that adds a row of a published index: wrong by its index, or by one of ``texts``."""

    def plant(draft: Draft) -> list[Planting]:
        sector = _told_sector(draft)
        if not sector:
            return []
        told = {"unit": "index", "realised": draft.text(index), **texts}
        new = draft.insert(row("published_index", sector=sector, **told))
        broken = None if texts else "realised"
        return [Planting(name, rule_id, new, broken, next(iter(texts.values()), new["realised"]))]

    return plant


def plant_index_unlike_its_parts(draft: Draft) -> list[Planting]:
    """An index of 50 beside 62.88 points of recipients and 13.78 of quality; the parts are no index."""
    sector = _told_sector(draft)
    if not sector:
        return []
    planted = []
    for component, index, rule_id in (
        ("recipients", "62.88", "CMP-002"),
        ("mutu layanan", "13.78", "CMP-002"),
        ("", "50.25", "RECON-004"),
    ):
        told = {"component": component, "unit": "index", "realised": draft.text(index)}
        new = draft.insert(row("published_index", sector=sector, **told))
        planted.append(Planting("index_unlike_its_parts", rule_id, new, "realised", new["realised"]))
    return planted


_KINDS: tuple[tuple[str, str, str, str, dict[str, str]], ...] = (
    ("index_above_100", "NUM-005", "a published index of 864.3", "864.3", {}),
    ("index_disagrees", "RECON-002", "a published index unlike the report", "0.55", {}),
    ("part_of_an_index", "CMP-002", "the part of recipients alone", "62.88", {"component": "recipients"}),
    ("unknown_measure", "MEA-001", "an index of a measure 'skor'", "76.66", {"measure": "skor"}),
    (
        "unreadable_snapshot",
        "MEA-002",
        "an index read off 'pekan lalu'",
        "76.66",
        {"snapshot_on": "pekan lalu"},
    ),
)
INDEX_ROW_KINDS = (
    *(
        Kind(name, "row", rule_id, said, _published(name, rule_id, index, **texts), ("csv",), is_rare=True)
        for name, rule_id, said, index, texts in _KINDS
    ),
    Kind(
        "index_unlike_its_parts",
        "row",
        "RECON-004",
        "a published index unlike its two parts",
        plant_index_unlike_its_parts,
        ("csv",),
        is_rare=True,
    ),
)
"""The kinds of rows of a published index."""
