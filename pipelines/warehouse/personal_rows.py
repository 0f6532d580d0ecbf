"""What a run starts from, without personal data: nothing that a model reads holds any.

DuckDB finds the rows that may hold some, all at once; their texts, each once, are looked at by
``registry.personal_data``. The other rows are read from the landed files as they are.

Put here: finding such rows and documents, and putting masked ones in their place. Keep out: what personal
data is (``registry.personal_data``), telling the sender (rules ``PII-001``, ``PII-002``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.registry.personal_data import KINDS, Masked, masked, masked_figure, masked_item, masked_key
from pipelines.registry.personal_numbers import PLAIN_FIGURE

Mask = Callable[[str], Masked]
ROWS: Mapping[str, Mask] = {
    "record": masked,
    "region": masked,
    "period": masked,
    "sector": masked,
    "service": masked,
    "component": masked,
    "item": masked_item,
    "unit": masked,
    "target": masked_figure,
    "realised": masked_figure,
    "note": masked,
    "submitted_at": masked,
    "measure": masked,
    "snapshot_on": masked,
    "reject_text": masked,
    "row_place": masked_key,
    "target_place": masked_key,
    "realised_place": masked_key,
}
"""Every text of a landed row that is shown or published, and how it is masked."""
DOCUMENTS: Mapping[str, Mask] = {
    "name": masked,
    "folder": masked,
    "sender_code": masked,
    "sender_code_place": masked_key,
    "sender_name": masked,
    "sender_name_place": masked_key,
    "form_number": masked,
    "form_number_place": masked_key,
    "reject_place": masked_key,
    "reject_value": masked,
    "reject_region": masked,
}
"""The same of a document; beside these its parts that were not read."""
UNREAD: Mapping[str, Mask] = {"place": masked_key, "value": masked}
_FIGURES = ("target", "realised")
_KEYS = ("row_place", "target_place", "realised_place")
PERSONAL = ("personal_data", "target_personal", "realised_personal")
"""Columns that rows gain: the kinds of personal data that their texts, and their two numbers, held."""

_BETWEEN = r"(?:[^\p{L}\p{N}\x{1f}]|[\x{115f}\x{1160}\x{3164}\x{ffa0}])*"
_DIGIT = r"[\p{N}OoОоΟοlI|]"
_A_DIGIT_SAID = (
    r"(?:nol|kosong|satu|dua|tiga|empat|lima|enam|tujuh|delapan|sembilan"
    r"|zero|one|two|three|four|five|six|seven|eight|nine)"
)
MAY_HOLD = "|".join(
    (
        rf"{_DIGIT}(?:{_BETWEEN}{_DIGIT}){{7}}",
        r"[@＠﹫]|%40|&(?:#|commat)|[\[({<（［｛＜]\s?(?:at|a|et|pada)\s?[\])}>）］｝＞]|\sat\s|_at_",
        r"(?:lahir|birth|born|dob|d\.o\.b|t\.?\s?t\.?\s?l)[^\x{1f}]{0,60}\p{N}",
        r"pas{1,2}por",
        rf"(?:{_A_DIGIT_SAID}[\s,.-]{{1,3}}){{7}}",
    )
)
"""What a text with personal data matches, and few others do (RE2, letters of either case)."""
_FIGURE = (
    rf"\s*(?:rp\.?\s?)?(?:{PLAIN_FIGURE}|-?[1-9][0-9]{{0,2}}(?:\.[0-9]{{3}})+(?:,[0-9]{{1,14}})?"
    r"|-?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]{1,14})?)\s?%?\s*"
)
_INSTANT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9:.]{0,15}(?:Z|[+-][0-9:]{2,6})?)?"


def may_hold(text: str) -> str:
    """The condition (SQL) that a text may hold personal data."""
    return f"regexp_matches({text}, '{MAY_HOLD}', 'i')"


def make_rows(connection: duckdb.DuckDBPyConnection, landed: str) -> None:
    """Make ``raw.rows``: the rows of the run's periods (``raw.run_periods``) of the relation ``landed``."""
    # rows whose period cannot be read belong to every run
    of_run = "(period_key is null or period_key in (select period from raw.run_periods))"
    texts = ", ".join(_unless_plain(name) for name in ROWS)
    connection.execute(
        f"create temp table suspects as select * from {landed} where {of_run}"
        f" and {may_hold(f'concat_ws(chr(31), {texts})')}"
    )
    masks = _masks(connection, ROWS)
    gained = ", ".join(f"null::varchar as {name}" for name in PERSONAL)
    others = f"select *, {gained} from {landed} as landed where {of_run}"
    if not masks:
        connection.execute(f"create view raw.rows as {others}")
        connection.execute("drop table suspects")
        return
    in_texts = [name for name in ROWS if name not in (*_FIGURES, *_KEYS)]
    connection.execute(
        f"create table raw.personal_rows as select suspects.* {_replaced(ROWS, masks, own_figures=True)},"
        f" {_kinds_of(name for name in in_texts if name in masks)} as personal_data,"
        f" {_kinds_of(['target'] if 'target' in masks else [])} as target_personal,"
        f" {_kinds_of(['realised'] if 'realised' in masks else [])} as realised_personal"
        f" from suspects {_joined(masks)} where {_any_of(masks)}"
    )
    key = ("sha256", "source", "reading_id", "row_number")
    same = " and ".join(f"landed.{name} = personal.{name}" for name in key)
    connection.execute(
        f"create view raw.rows as {others} and not exists"
        f" (select 1 from raw.personal_rows as personal where {same})"
        " union all by name select * from raw.personal_rows"
    )
    _drop(connection, masks)


def make_documents(connection: duckdb.DuckDBPyConnection, landed: str, known: str) -> None:
    """Make ``raw.documents``: the documents of the relation ``landed`` that are ``known``."""
    texts = ", ".join((*DOCUMENTS, "to_json(unread)"))
    connection.execute(
        f"create temp table suspects as select * from {landed} where {known}"
        f" and {may_hold(f'concat_ws(chr(31), {texts})')}"
    )
    parts = "(select unnest(unread, recursive := true) from suspects)"
    masks = _masks(connection, DOCUMENTS) | _masks(connection, UNREAD, parts)
    connection.execute("drop table suspects")
    own = {name: mask for name, mask in masks.items() if name in DOCUMENTS}
    if not masks:
        connection.execute(f"create view raw.documents as select * from {landed} where {known}")
        return
    unread = "unread"
    for name in masks.keys() - own.keys():
        # a lookup in a list that is as long as there are such parts, and there are few
        pairs = f"(select map(list(text), list(shown)) from mask_{name})"
        fields = ", ".join(
            f"{field} := "
            + (f"coalesce(({pairs})[part.{field}], part.{field})" if field == name else f"part.{field}")
            for field in ("rule_id", "place", "value")
        )
        unread = f"list_transform({unread}, lambda part: struct_pack({fields}))"
    connection.execute(
        f"create table raw.documents as select suspects.* {_replaced(DOCUMENTS, own, unread)}"
        f" from (select * from {landed} where {known}) as suspects {_joined(own)}"
    )
    _drop(connection, masks)


def shown_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A landed row as it may be shown."""
    return {name: _shown(ROWS, name, value) for name, value in row.items()}


def shown_document(document: Mapping[str, Any]) -> dict[str, Any]:
    """A landed document as it may be shown."""
    shown = {name: _shown(DOCUMENTS, name, value) for name, value in document.items()}
    shown["unread"] = [
        {name: _shown(UNREAD, name, value) for name, value in part.items()} for part in shown["unread"] or []
    ]
    return shown


def _shown(masks: Mapping[str, Mask], name: str, value: Any) -> Any:
    return masks[name](value).text if isinstance(value, str) and name in masks else value


def _unless_plain(name: str) -> str:
    """A column where it may hold personal data at all: plain figures and times of day hold none."""
    if name in _FIGURES:
        return f"case when not regexp_full_match({name}, '{_FIGURE}', 'i') then {name} end"
    if name == "submitted_at":
        return f"case when not regexp_full_match({name}, '{_INSTANT}') then {name} end"
    return name


def _masks(
    connection: duckdb.DuckDBPyConnection, columns: Mapping[str, Mask], rows: str = "suspects"
) -> dict[str, Mask]:
    """Make a table ``mask_<column>`` of the texts that are masked, for each column that has some."""
    found: dict[str, Mask] = {}
    for name, mask in columns.items():
        texts = connection.execute(
            f"select distinct {name} from {rows} where {name} != '' order by {name}"
        ).fetchall()
        shown = [(text, mask(text)) for (text,) in texts]
        shown = [(text, one) for text, one in shown if one.kinds]
        if not shown:
            continue
        found[name] = mask
        table = pa.table(
            {
                "text": [text for text, _ in shown],
                "shown": [one.text for _, one in shown],
                "kinds": pa.array([list(one.kinds) for _, one in shown], pa.list_(pa.string())),
            }
        )
        connection.register("shown_texts", table)
        connection.execute(f"create temp table mask_{name} as select * from shown_texts")
        connection.unregister("shown_texts")
    return found


def _replaced(
    columns: Mapping[str, Mask], masks: Mapping[str, Mask], unread: str = "", *, own_figures: bool = False
) -> str:
    shown = [f"coalesce(mask_{name}.shown, suspects.{name}) as {name}" for name in columns if name in masks]
    if own_figures:
        # what stands in the place of a number is a text
        shown += [
            f"suspects.{name}_is_number and mask_{name}.shown is null as {name}_is_number"
            for name in _FIGURES
            if name in masks
        ]
    if unread:
        shown.append(f"{unread} as unread")
    return f"replace ({', '.join(shown)})"


def _joined(masks: Mapping[str, Mask]) -> str:
    return " ".join(f"left join mask_{name} on suspects.{name} = mask_{name}.text" for name in masks)


def _any_of(masks: Mapping[str, Mask]) -> str:
    return " or ".join(f"mask_{name}.text is not null" for name in masks)


def _kinds_of(columns: Iterable[str]) -> str:
    """The kinds that some columns held, as a rule quotes them."""
    lists = [f"coalesce(mask_{name}.kinds, [])" for name in columns]
    if not lists:
        return "null::varchar"
    known = ", ".join(f"'{kind}'" for kind in KINDS)
    held = " || ".join(lists)
    return (
        f"nullif(array_to_string(list_filter([{known}], lambda kind: list_contains({held}, kind)), ', '), '')"
    )


def _drop(connection: duckdb.DuckDBPyConnection, masks: Mapping[str, Mask]) -> None:
    for name in masks:
        connection.execute(f"drop table mask_{name}")
    connection.execute("drop table if exists suspects")
