"""The Superset bundle: ``spec.yaml`` and the words of columns as the YAML that Superset imports.

Put here: the form of Superset's import, version 1.0.0. Keep out: what is shown (``spec.yaml``), what columns
and codes are called (``dbt_project/seeds/columns.csv``, ``codes.csv``), trying it out (``__main__``).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb
import yaml

from pipelines.messages import say
from pipelines.registry.columns import words_of
from pipelines.registry.seeds import RegistryError, SeedRow, read_seed
from pipelines.warehouse.manifest import cards
from pipelines.warehouse.views import SCHEMA, views

HERE = Path(__file__).parent
BUNDLE = HERE / "bundle"

_VERSION = "1.0.0"
_KINDS = {
    "tile": "big_number_total",
    "line": "echarts_timeseries_line",
    "bar": "echarts_timeseries_bar",
    "table": "table",
}
_TYPES = {"VARCHAR": "TEXT", "DECIMAL": "NUMERIC", "DOUBLE": "DOUBLE PRECISION"}
_NAMES = uuid.uuid5(uuid.NAMESPACE_DNS, "spm.marts.v1")
_ROW_LIMIT = 10_000
_COLUMNS_WIDE, _UNITS_HIGH = 12, 56
_LEGEND_WIDE = 200
"""Pixels: the longest name of a status."""

Config = dict[str, Any]


def write(folder: Path = BUNDLE) -> list[Path]:
    """Write the bundle anew; returns its files."""
    files = made()
    for old in folder.rglob("*.yaml"):
        old.unlink()
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return [folder / name for name in files]


def made() -> dict[str, str]:
    """The files of the bundle by name, as text.

    Raises:
        KeyError: the spec names a column or a chart that there is not.
    """
    spec = specified()
    files = {
        "metadata.yaml": {"version": _VERSION, "type": "assets", "timestamp": "2026-01-01T00:00:00+00:00"}
    }
    files[f"databases/{spec['database']}.yaml"] = _database(spec)
    columns = _columns(spec["datasets"])
    for name, dataset in spec["datasets"].items():
        files[f"datasets/{spec['database']}/{name}.yaml"] = _dataset(spec, name, dataset, columns[name])
    for name, chart in spec["charts"].items():
        dataset = files[f"datasets/{spec['database']}/{chart['dataset']}.yaml"]
        files[f"charts/{name}.yaml"] = _chart(name, chart, dataset)
    colours = {
        name: one["colour"] for dataset in spec["datasets"].values() for name, one in _counts(spec, dataset)
    }
    for name, dashboard in spec["dashboards"].items():
        files[f"dashboards/{name}.yaml"] = _dashboard(
            name, dashboard, spec["charts"], colours | spec["colours"]
        )
    return {
        name: yaml.safe_dump(said, sort_keys=True, allow_unicode=True, width=100)
        for name, said in files.items()
    }


def specified() -> Config:
    """``spec.yaml``, with the charts' ``@field`` as the metrics of its codes."""
    written = (HERE / "spec.yaml").read_text(encoding="utf-8")
    spec: Config = yaml.safe_load(written.replace("{demo.notice}", say("demo.notice")))
    for chart in spec["charts"].values():
        numbered = list(_counts(spec, spec["datasets"][chart["dataset"]]))
        chart["metrics"] = [
            metric
            for asked in chart.get("metrics", [chart["metric"]] if "metric" in chart else [])
            for metric in (
                [name for name, one in numbered if one["field"] == asked[1:]] if asked[0] == "@" else [asked]
            )
        ]
    return spec


def band_names() -> dict[str, str]:
    """The colour of each band by its Indonesian name, the best first."""
    colours = {code: row.text("colour") for code, row in _codes("band_code").items()}
    names = {row.text("band_code"): row.text("name_id") for row in read_seed("bands")}
    return {names[code]: colour for code, colour in colours.items()}


def _codes(field: str) -> dict[str, SeedRow]:
    found = [row for row in read_seed("codes") if row.text("field") == field]
    return {row.text("code"): row for row in sorted(found, key=lambda row: int(row.text("sort_order")))}


def _counts(spec: Config, dataset: Config) -> Iterator[tuple[str, Config]]:
    """A metric for each code: its number in front, since Superset orders series by their names."""
    bands = dict(zip(_codes("band_code"), band_names(), strict=True))
    for field, condition in dataset.get("counts", {}).items():
        for number, (code, row) in enumerate(_codes(field).items(), start=1):
            yield (
                f"{number} {bands.get(code) or row.text('label_id')}",
                {
                    "field": field,
                    "sql": f"count(case when {field} = '{code}' and {condition} then 1 end)",
                    "colour": row.optional("colour") or spec["colours"][code],
                },
            )


def _columns(datasets: Mapping[str, Config]) -> dict[str, dict[str, str]]:
    """The columns of each dataset and their types, as DuckDB finds them in its SQL over empty tables."""
    with duckdb.connect() as connection:
        connection.execute(f"create schema marts; create schema {SCHEMA}")
        for card in cards().values():
            typed = ", ".join(f'"{column}" {kind}' for column, kind in card.columns.items())
            connection.execute(f"create table marts.{card.name} ({typed})")
        for view in views():
            connection.execute(f"create view {SCHEMA}.{view.name} as {view.sql}")
        return {
            name: {
                column: kind for column, kind, *_ in connection.execute(f"describe {one['sql']}").fetchall()
            }
            for name, one in datasets.items()
        }


def _id(kind: str, name: str) -> str:
    return str(uuid.uuid5(_NAMES, f"{kind}/{name}"))


def _database(spec: Mapping[str, Any]) -> Config:
    return {
        "database_name": spec["database"],
        # Superset asks for the password at import; the login has the role spm_reader
        "sqlalchemy_uri": "postgresql+psycopg2://superset:XXXXXXXXXX@localhost:5432/spm",
        "expose_in_sqllab": True,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_run_async": False,
        "cache_timeout": None,
        "extra": {"allows_virtual_table_explore": True},
        "uuid": _id("database", spec["database"]),
        "version": _VERSION,
    }


def _dataset(spec: Config, name: str, dataset: Config, columns: Mapping[str, str]) -> Config:
    numbered = {
        metric: {"label": metric, "sql": one["sql"], "format": ",d"} for metric, one in _counts(spec, dataset)
    }
    return {
        "table_name": name,
        "schema": spec["schema"],
        "sql": dataset["sql"],
        "description": dataset["about"],
        "main_dttm_col": None,
        "filter_select_enabled": True,
        "columns": [_column(column, kind, dataset) for column, kind in columns.items()],
        "metrics": [
            {
                "metric_name": metric,
                "verbose_name": said["label"],
                "expression": said["sql"],
                "d3format": said["format"],
            }
            for metric, said in (numbered | dataset.get("metrics", {})).items()
        ],
        "database_uuid": _id("database", spec["database"]),
        "uuid": _id("dataset", name),
        "version": _VERSION,
    }


def _column(column: str, kind: str, dataset: Config) -> Config:
    label = dataset.get("labels", {}).get(column)
    words = _words(column, dataset["of"]) if label is None else {}
    said = label or f"{words['label_id']} / {words['label_en']}"
    return {
        "column_name": column,
        # names stand in one language here
        "verbose_name": said.replace(" (Indonesia)", "").replace(" (Indonesian)", ""),
        "description": label or f"{words['description_id']} / {words['description_en']}",
        "type": _TYPES.get(kind.partition("(")[0], kind),
        "is_dttm": kind in ("DATE", "TIMESTAMP WITH TIME ZONE"),
        "is_active": True,
        "groupby": True,
        "filterable": True,
    }


def _words(column: str, origins: Iterable[str]) -> Mapping[str, str]:
    for origin in origins:
        with suppress(RegistryError):
            return words_of(origin, column)
    raise KeyError(f"spec.yaml: no words for column {column}; say them in `labels` of the dataset")


def _chart(name: str, chart: Config, dataset: Config) -> Config:
    known = {column["column_name"] for column in dataset["columns"]}
    metrics = {metric["metric_name"] for metric in dataset["metrics"]}
    columns = [
        column for column in (*chart.get("columns", []), chart.get("axis"), *chart.get("by", [])) if column
    ]
    for asked, there in ((columns, known), (chart["metrics"], metrics), (chart.get("formats", {}), known)):
        if missing := set(asked) - there:
            raise KeyError(f"spec.yaml: chart {name}: {chart['dataset']} has no {min(missing)}")
    params = _params(chart)
    return {
        "slice_name": chart["title"],
        "viz_type": _KINDS[chart["kind"]],
        "params": params,
        "query_context": json.dumps(_query_context(chart, columns, params), sort_keys=True),
        "dataset_uuid": dataset["uuid"],
        "uuid": _id("chart", name),
        "version": _VERSION,
    }


def _params(chart: Config) -> Config:
    where = chart.get("where")
    filters = [{"clause": "WHERE", "expressionType": "SQL", "sqlExpression": where}] if where else []
    said: Config = {"viz_type": _KINDS[chart["kind"]], "adhoc_filters": filters, "row_limit": _ROW_LIMIT}
    if chart["kind"] == "tile":
        return said | {"metric": chart["metrics"][0], "header_font_size": 0.4, "subheader": ""}
    if chart["kind"] == "table":
        return said | _table(chart)
    return said | {
        "x_axis": chart["axis"],
        "x_axis_sort_asc": True,
        "xAxisForceCategorical": True,
        "metrics": chart["metrics"],
        "groupby": chart.get("by", []),
        "show_legend": True,
        "legendType": "plain",
        "legendOrientation": "bottom" if chart["kind"] == "line" else "right",
        "legendMargin": None if chart["kind"] == "line" else _LEGEND_WIDE,
        "rich_tooltip": True,
        "sort_series_type": "name",
        "sort_series_ascending": True,
        # a quarter without a figure is a gap
        "connectNulls": False,
        "markerEnabled": True,
        "markerSize": 8,
        "only_total": True,
        "show_value": chart["kind"] == "line",
        "stack": "Stack" if chart["kind"] == "bar" else None,
        "truncateYAxis": True,
        "y_axis_bounds": [0, None],
        "y_axis_title": chart.get("unit"),
        "y_axis_title_margin": 40 if "unit" in chart else 0,
        "y_axis_format": ",.2f" if chart["kind"] == "line" else ",d",
    }


def _table(chart: Config) -> Config:
    (first, ascending), *_ = order = _order(chart)
    said: Config = {
        "include_search": chart.get("search", False),
        # every row, without a choice of how many
        "page_length": 0,
        "server_pagination": False,
        "show_cell_bars": False,
        "allow_render_html": False,
        "table_timestamp_format": "%Y-%m-%d %H:%M",
        "column_config": {
            column: {"d3NumberFormat": shown} for column, shown in chart.get("formats", {}).items()
        },
        "conditional_formatting": [
            {
                "column": chart["band"],
                "operator": "=",
                "targetValue": band,
                "colorScheme": colour,
                "useGradient": False,
            }
            for band, colour in band_names().items()
            if "band" in chart
        ],
    }
    if chart["metrics"]:
        return said | {
            "query_mode": "aggregate",
            "groupby": chart["columns"],
            "metrics": chart["metrics"],
            "timeseries_limit_metric": first,
            "order_desc": not ascending,
        }
    by = [json.dumps(one) for one in order]
    return said | {"query_mode": "raw", "all_columns": chart["columns"], "order_by_cols": by}


def _order(chart: Config) -> list[list[Any]]:
    """The columns that rows are ordered by, each with whether it ascends."""
    asked = chart.get("order", [])
    return [
        [column.removeprefix("-"), not column.startswith("-")]
        for column in ([asked] if isinstance(asked, str) else asked)
    ]


def _query_context(chart: Config, columns: list[str], params: Config) -> Config:
    query: Config = {
        "columns": columns,
        "filters": [],
        "extras": {"having": "", "where": f"({chart['where']})" if chart.get("where") else ""},
        "orderby": _order(chart),
        "row_limit": _ROW_LIMIT,
    }
    if chart["metrics"]:
        query["metrics"] = chart["metrics"]
    return {
        # Superset puts its own number of the dataset here
        "datasource": {"id": 0, "type": "table"},
        "force": False,
        "form_data": params,
        "queries": [query],
        "result_format": "json",
        "result_type": "full",
    }


def _dashboard(
    name: str, dashboard: Config, charts: Mapping[str, Config], colours: Mapping[str, str]
) -> Config:
    return {
        "dashboard_title": dashboard["title"],
        "slug": name,
        "published": True,
        "css": "",
        "position": _position(dashboard, charts),
        "metadata": {
            "native_filter_configuration": list(_filters(name, dashboard)),
            "cross_filters_enabled": False,
            "refresh_frequency": 0,
            "label_colors": dict(colours),
            "filter_bar_orientation": "HORIZONTAL",
        },
        "uuid": _id("dashboard", name),
        "version": _VERSION,
    }


def _position(dashboard: Config, charts: Mapping[str, Config]) -> Config:
    rows = [f"ROW-{number}" for number in range(len(dashboard["rows"]))]
    placed: Config = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"id": "ROOT_ID", "type": "ROOT", "children": ["GRID_ID"]},
        "GRID_ID": {"id": "GRID_ID", "type": "GRID", "children": rows, "parents": ["ROOT_ID"]},
        "HEADER_ID": {"id": "HEADER_ID", "type": "HEADER", "meta": {"text": dashboard["title"]}},
    }
    for row, shown in zip(rows, dashboard["rows"], strict=True):
        places = [f"CHART-{chart}" for chart in shown]
        placed[row] = {
            "id": row,
            "type": "ROW",
            "children": places,
            "parents": ["ROOT_ID", "GRID_ID"],
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
        }
        for place, chart in zip(places, shown, strict=True):
            number = _numbers(dashboard)[chart]
            placed[place] = {
                "id": place,
                "type": "CHART",
                "children": [],
                "parents": ["ROOT_ID", "GRID_ID", row],
                "meta": {
                    "uuid": _id("chart", chart),
                    "chartId": number,
                    "sliceName": charts[chart]["title"],
                    "width": charts[chart].get("width", _COLUMNS_WIDE // len(shown)),
                    "height": charts[chart].get("height", _UNITS_HIGH),
                },
            }
    return placed


def _numbers(dashboard: Config) -> dict[str, int]:
    """Numbers of charts within the bundle; Superset puts its own in their place."""
    shown = [chart for row in dashboard["rows"] for chart in row]
    return {chart: number for number, chart in enumerate(shown, start=1)}


def _filters(name: str, dashboard: Config) -> Iterator[Config]:
    shown = _numbers(dashboard)
    for label, said in dashboard["filters"].items():
        if missing := set(said["applies"]) - set(shown):
            raise KeyError(
                f"spec.yaml: dashboard {name}: filter {label} applies to {min(missing)}, which is not on it"
            )
        chosen = {}
        if default := said.get("default"):
            only = [{"col": said["column"], "op": "IN", "val": [default]}]
            chosen = {
                "extraFormData": {"filters": only},
                "filterState": {"value": [default], "label": default},
            }
        where = said.get("where")
        is_first = not said.get("optional") and not default
        yield {
            "id": _filter_id(name, label),
            "type": "NATIVE_FILTER",
            "name": label,
            "filterType": "filter_select",
            "targets": [{"column": {"name": said["column"]}, "datasetUuid": _id("dataset", said["dataset"])}],
            "adhoc_filters": [{"clause": "WHERE", "expressionType": "SQL", "sqlExpression": where}]
            if where
            else [],
            "sortMetric": said.get("newest"),
            # the newest quarter, or the first region, is chosen until somebody chooses
            "controlValues": {
                "multiSelect": False,
                "defaultToFirstItem": is_first,
                "enableEmptyFilter": not said.get("optional"),
                "sortAscending": "newest" not in said,
                "inverseSelection": False,
                "searchAllOptions": True,
            },
            "defaultDataMask": chosen or {"extraFormData": {}, "filterState": {}, "ownState": {}},
            "requiredFirst": is_first,
            "cascadeParentIds": [_filter_id(name, said["within"])] if "within" in said else [],
            "scope": {
                "rootPath": ["ROOT_ID"],
                "excluded": [number for chart, number in shown.items() if chart not in said["applies"]],
            },
        }


def _filter_id(dashboard: str, label: str) -> str:
    return f"NATIVE_FILTER-{_id('filter', dashboard + label)}"
