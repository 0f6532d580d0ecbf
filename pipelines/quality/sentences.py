"""What the gate said, in sentences: checks by what must hold, rows at fault by the words of their columns.

Put here: ids and rows to words for people. Keep out: the words themselves (seeds), where they are shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from pipelines.messages import Message, printable
from pipelines.registry.columns import words_of
from pipelines.registry.gate_checks import GateCheck, required_checks
from pipelines.registry.regions import all_states
from pipelines.registry.seeds import RegistryError


def checks_said(check_ids: Iterable[str]) -> Message:
    """The sentences of checks, each behind its id."""
    known = _known()
    said = [(check_id, known.get(check_id)) for check_id in dict.fromkeys(check_ids)]
    return Message(
        "; ".join(f"{check_id} {check.sentence_id}" if check else check_id for check_id, check in said),
        "; ".join(f"{check_id} {check.sentence_en}" if check else check_id for check_id, check in said),
    )


def row_said(row: Mapping[str, str]) -> str:
    """A row at fault on one line: what each of its columns is called, and what stands there."""
    return "; ".join(
        f"{_label(name)}: {_region(value) if name == 'region_code' else printable(value)}"
        for name, value in row.items()
    )


def _label(column: str) -> str:
    try:
        return words_of("", column)["label_id"]
    except RegistryError:
        # a column that a check counts itself
        return column.replace("_", " ")


def _region(code: str) -> str:
    name = _names().get(code)
    return f"{name} ({code})" if name else printable(code)


@cache
def _known() -> dict[str, GateCheck]:
    return {check.check_id: check for check in required_checks()}


@cache
def _names() -> dict[str, str]:
    return {state.region_code: state.region_name for state in all_states()}
