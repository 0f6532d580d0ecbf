"""What is imported into Superset is what the spec and the dictionary say."""

from __future__ import annotations

import json
import re

import pytest
import yaml

from bi.superset.bundle import BUNDLE, HERE, band_names, made, specified
from pipelines.registry.seeds import read_seed

SPEC = specified()
FILES = {name: yaml.safe_load(text) for name, text in made().items()}
CHARTS = {name: FILES[f"charts/{name}.yaml"] for name in SPEC["charts"]}


def test_the_bundle_is_up_to_date() -> None:
    there = {
        path.relative_to(BUNDLE).as_posix(): path.read_text(encoding="utf-8")
        for path in BUNDLE.rglob("*.yaml")
    }
    assert there == made(), "run: python -m bi.superset --write"


def test_every_chart_is_on_a_dashboard() -> None:
    files = made()
    shown = "".join(text for name, text in files.items() if name.startswith("dashboards/"))
    uuids = {
        name: next(line.removeprefix("uuid: ") for line in text.splitlines() if line.startswith("uuid: "))
        for name, text in files.items()
        if name.startswith("charts/")
    }
    assert [name for name, uuid in uuids.items() if uuid not in shown] == []


def test_every_chart_has_an_answer_worked_out_from_tables() -> None:
    answers = yaml.safe_load((HERE / "answers.yaml").read_text(encoding="utf-8"))
    assert set(answers) == set(CHARTS)
    assert [name for name, one in answers.items() if re.search(r"\bbi\.", one["answer"])] == []


@pytest.mark.parametrize("name", [name for name, one in SPEC["charts"].items() if one["kind"] == "line"])
def test_a_line_is_a_year_of_reports_with_gaps_where_there_are_none(name: str) -> None:
    said = CHARTS[name]["params"]
    sql = SPEC["datasets"][SPEC["charts"][name]["dataset"]]["sql"]
    assert (said["x_axis"], said["groupby"], said["connectNulls"]) == ("quarter_name", ["year_name"], False)
    # every quarter of the year has a row, and what is of the press no figure
    assert re.search(r"from bi\.period as periods\n(cross|left) join", sql)
    assert re.search(r"case when [^\n]*(with_index > 0|'with_index') then [a-z]+\.index end as index", sql)


def test_bands_stand_in_their_order_and_colours() -> None:
    order = [row.text("name_id") for row in read_seed("bands")]
    assert list(band_names()) == order
    series = CHARTS["bands"]["params"]["metrics"]
    assert series[: len(order)] == [f"{place} {band}" for place, band in enumerate(order, start=1)]
    # Superset orders series by name
    assert series == sorted(series)
    colours = FILES["dashboards/spm-nasional.yaml"]["metadata"]["label_colors"]
    assert [colours[one] for one in series[: len(order)]] == list(band_names().values())
    assert set(CHARTS["reporting"]["params"]["metrics"]) <= set(colours)


@pytest.mark.parametrize("name", CHARTS)
def test_no_chart_shows_codes(name: str) -> None:
    shown = {*SPEC["charts"][name].get("columns", []), *SPEC["charts"][name].get("by", [])}
    assert not {
        column for column in shown if re.search(r"_code$|^(level|status|basis|scope|severity)$", column)
    }


def test_the_league_is_of_one_level_and_follows_a_choice_of_it() -> None:
    (level,) = [
        one
        for one in FILES["dashboards/spm-nasional.yaml"]["metadata"]["native_filter_configuration"]
        if one["targets"][0]["column"]["name"] == "level_name_id"
    ]
    assert level["defaultDataMask"]["filterState"]["value"] == ["Provinsi"]
    assert level["controlValues"]["multiSelect"] is False
    where = json.loads(CHARTS["league"]["query_context"])["queries"][0]["extras"]["where"]
    assert "is_ranked" in where
    assert "with_index" in where
