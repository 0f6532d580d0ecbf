"""What the gate said, in sentences: checks by what must hold, rows at fault by the words of their columns.

Put here: ids and rows to words for people. Keep out: the words themselves (seeds), where they are shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from pipelines.messages import Message, message, printable
from pipelines.registry.columns import words_of
from pipelines.registry.gate_checks import GateCheck, required_checks
from pipelines.registry.regions import all_states
from pipelines.registry.seeds import RegistryError


def checks_said(check_ids: Iterable[str]) -> Message:
    """That checks do not hold, each by its id and by what should."""
    said = [_check_said(check_id) for check_id in dict.fromkeys(check_ids)]
    return Message("; ".join(one.indonesian for one in said), "; ".join(one.english for one in said))


def law_of(check_id: str) -> Message:
    """What should hold, by the check that asks for it."""
    check = _known().get(check_id)
    return Message(check.sentence_id, check.sentence_en) if check else Message(check_id, check_id)


def _check_said(check_id: str) -> Message:
    return message("gate.does_not_hold", check=check_id, law=law_of(check_id))


def row_said(row: Mapping[str, str]) -> str:
    """A row at fault on one line: what each of its columns is called, and what stands there."""
    return "; ".join(
        f"{_label(name)}: {_region(value) if name == 'region_code' else printable(value)}"
        for name, value in row.items()
    )


_COUNTED = {
    "before": "gate.column_before",
    "documents": "gate.column_documents",
    "index_before": "gate.column_index_before",
    "part": "gate.column_part",
    "part_before": "gate.column_part_before",
    "regions": "gate.column_regions",
    "regions_before": "gate.column_regions_before",
    "reported_before": "gate.column_reported_before",
    "indexed_before": "gate.column_indexed_before",
    "topic": "gate.column_topic",
    "unusable": "gate.column_refused",
    "vanished": "gate.column_vanished",
    "whole": "gate.column_whole",
    "whole_before": "gate.column_whole_before",
}
"""Columns that checks count themselves: no table has them."""


def _label(column: str) -> str:
    try:
        return words_of("", column)["label_id"]
    except RegistryError:
        return message(_COUNTED[column]).indonesian if column in _COUNTED else column.replace("_", " ")


def _region(code: str) -> str:
    name = _names().get(code)
    return f"{name} ({code})" if name else printable(code)


@cache
def _known() -> dict[str, GateCheck]:
    return {check.check_id: check for check in required_checks()}


@cache
def _names() -> dict[str, str]:
    return {state.region_code: state.region_name for state in all_states()}
