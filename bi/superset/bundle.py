"""The Superset bundle: ``spec.yaml`` and the words of columns as the YAML that Superset imports.

Put here: the form of Superset's import, version 1.0.0. Keep out: what is shown (``spec.yaml``), what columns
are called (``dbt_project/seeds/columns.csv``), trying it out (``__main__``).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from pipelines.messages import say
from pipelines.registry.columns import words_of

HERE = Path(__file__).parent
BUNDLE = HERE / "bundle"
PROMISED = HERE.parents[1] / "tests" / "golden" / "marts_v1.json"
"""Tables, columns and types that BI tools may rely on."""

_VERSION = "1.0.0"
_KINDS = {"line": "echarts_timeseries_line", "bar": "echarts_timeseries_bar", "table": "table"}
_NAMES = uuid.uuid5(uuid.NAMESPACE_DNS, "spm.marts.v1")
_ROW_LIMIT = 10_000
_COLUMNS_WIDE, _UNITS_HIGH = 12, 56

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
        KeyError: the spec names a table, a column or a chart that there is not.
    """
    written = (HERE / "spec.yaml").read_text(encoding="utf-8")
    spec = yaml.safe_load(written.replace("{demo.notice}", say("demo.notice")))
    tables = json.loads(PROMISED.read_text(encoding="utf-8"))
    files = {
        "metadata.yaml": {"version": _VERSION, "type": "assets", "timestamp": "2026-01-01T00:00:00+00:00"}
    }
    files[f"databases/{spec['database']}.yaml"] = _database(spec)
    for name, dataset in spec["datasets"].items():
        files[f"datasets/{spec['database']}/{name}.yaml"] = _dataset(spec, name, dataset, tables)
    for name, chart in spec["charts"].items():
        files[f"charts/{name}.yaml"] = _chart(
            name, chart, files[f"datasets/{spec['database']}/{chart['dataset']}.yaml"]
        )
    for name, dashboard in spec["dashboards"].items():
        files[f"dashboards/{name}.yaml"] = _dashboard(name, dashboard, spec["charts"])
    return {
        name: yaml.safe_dump(said, sort_keys=True, allow_unicode=True, width=100)
        for name, said in files.items()
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


def _dataset(spec: Mapping[str, Any], name: str, dataset: Config, tables: Mapping[str, Any]) -> Config:
    origins = dataset.get("tables", [name])
    columns = dataset.get("columns", list(tables[origins[0]]["columns"]))
    return {
        "table_name": name,
        "schema": spec["schema"],
        "sql": dataset.get("sql"),
        "description": dataset.get("description"),
        "main_dttm_col": None,
        "filter_select_enabled": True,
        "columns": [_column(column, origins, tables) for column in columns],
        "metrics": [
            {
                "metric_name": metric,
                "verbose_name": said["label"],
                "expression": said["sql"],
                "d3format": said["format"],
            }
            for metric, said in dataset["metrics"].items()
        ],
        "database_uuid": _id("database", spec["database"]),
        "uuid": _id("dataset", name),
        "version": _VERSION,
    }


def _column(column: str, origins: list[str], tables: Mapping[str, Any]) -> Config:
    table = next(table for table in origins if column in tables[table]["columns"])
    kind = tables[table]["columns"][column]
    words = words_of(table, column)
    return {
        "column_name": column,
        "verbose_name": f"{words['label_id']} / {words['label_en']}",
        "description": f"{words['description_id']} / {words['description_en']}",
        "type": kind.upper(),
        "is_dttm": kind in ("date", "timestamp with time zone"),
        "is_active": True,
        "groupby": True,
        "filterable": True,
    }


def _chart(name: str, chart: Config, dataset: Config) -> Config:
    known = {column["column_name"] for column in dataset["columns"]}
    metrics = {metric["metric_name"] for metric in dataset["metrics"]}
    columns = [
        column for column in (*chart.get("columns", []), chart.get("axis"), *chart.get("by", [])) if column
    ]
    for asked, there in ((columns, known), (chart.get("metrics", []), metrics)):
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
    if chart["kind"] != "table":
        return said | {
            "x_axis": chart["axis"],
            "x_axis_sort_asc": True,
            "metrics": chart["metrics"],
            "groupby": chart.get("by", []),
            "show_legend": True,
            "rich_tooltip": True,
            "markerEnabled": True,
            "stack": "Stack" if chart["kind"] == "bar" else None,
            "y_axis_format": "SMART_NUMBER",
        }
    said |= {"include_search": True, "page_length": 25, "server_pagination": False}
    if chart.get("metrics"):
        return said | {"query_mode": "aggregate", "groupby": chart["columns"], "metrics": chart["metrics"]}
    order = [json.dumps([chart["order"], True])]
    return said | {"query_mode": "raw", "all_columns": chart["columns"], "order_by_cols": order}


def _query_context(chart: Config, columns: list[str], params: Config) -> Config:
    query: Config = {
        "columns": columns,
        "filters": [],
        "extras": {"having": "", "where": f"({chart['where']})" if chart.get("where") else ""},
        "orderby": [[chart["order"], True]] if chart.get("order") else [],
        "row_limit": _ROW_LIMIT,
    }
    if chart.get("metrics"):
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


def _dashboard(name: str, dashboard: Config, charts: Mapping[str, Config]) -> Config:
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
                    "width": _COLUMNS_WIDE // len(shown),
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
    for label, said in dashboard.get("filters", {}).items():
        if missing := set(said["applies"]) - set(shown):
            raise KeyError(
                f"spec.yaml: dashboard {name}: filter {label} applies to {min(missing)}, which is not on it"
            )
        yield {
            "id": f"NATIVE_FILTER-{_id('filter', name + label)}",
            "type": "NATIVE_FILTER",
            "name": label,
            "filterType": "filter_select",
            "targets": [{"column": {"name": said["column"]}, "datasetUuid": _id("dataset", said["dataset"])}],
            # the newest quarter, or the first region, is chosen until somebody chooses
            "controlValues": {
                "multiSelect": said["several"],
                "defaultToFirstItem": True,
                "enableEmptyFilter": True,
                "sortAscending": said["column"] != "period",
                "inverseSelection": False,
                "searchAllOptions": True,
            },
            "defaultDataMask": {"extraFormData": {}, "filterState": {}, "ownState": {}},
            "requiredFirst": True,
            "cascadeParentIds": [],
            "scope": {
                "rootPath": ["ROOT_ID"],
                "excluded": [number for chart, number in shown.items() if chart not in said["applies"]],
            },
        }
