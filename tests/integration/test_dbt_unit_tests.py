"""The SQL decides as its unit tests say, and every mart is unique by the key that its YAML names."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from pipelines.landing.landed_rows import land
from pipelines.landing.raw_store import RawStore
from pipelines.registry.periods import all_periods
from pipelines.settings import PROJECT_DIR, Limits
from pipelines.sources.config import load_sources
from pipelines.sources.extracting import extract
from pipelines.submissions.rows import RawFile
from pipelines.warehouse import dbt
from pipelines.warehouse.work_file import make_work_file, received_periods

THREADS, MEMORY = 2, "1GB"
CASES = PROJECT_DIR / "spm_sample" / "published_figures" / "published_index.csv"
# every record once or more, and rows that are refused
OTHER = """record,region,period,sector,service,component,item,unit,target,realised,note,submitted_at
achievement,64.72,2022-Q4,pendidikan,K-PEND-01,recipients,,orang,10,5,,
achievement,64.72,2022-Q4,pendidikan,K-PEND-01,personnel,guru,orang,10,5,,
achievement,64.72,2022-Q4,pendidikan,K-PEND-01,personnel,penjaga,orang,10,5,,
achievement,64.72,2022-Q4,pendidikan,K-PEND-02,recipients,,orang,10,x,,
achievement,Entah,2022-Q4,pendidikan,K-PEND-01,recipients,,orang,10,5,,
achievement,64.72,2022-X4,pendidikan,K-PEND-01,recipients,,orang,10,5,,
budget,64.72,2022-Q4,pendidikan,,,Program A,rupiah,100,50,,
budget,64.72,2022-Q4,pendidikan,K-PEND-01,,Program A,rupiah,100,50,,
stage,64.72,2022-Q4,pendidikan,,,planning,percent,100,50,,
stage,64.72,2022-Q4,pendidikan,,,implementation,percent,100,50,,
team,64.72,2022-Q4,,,,SK tim,,,1,ada,
problem,64.72,2022-Q4,pendidikan,,,data,,,,kurang,
problem,64.72,2022-Q4,pendidikan,,,data,,,,tidak mutakhir,
achievement,64.72,2013-Q4,,L-PDN-02,,,kejadian,64,13,,
achievement,64.72,2013-Q4,,L-PDN-02,,target_daerah,persen,75,,,
"""
CORRECTION = """
insert into registry.corrections by name
select
    'K-1' as correction_id, '64.72' as region_code, '2022-Q4' as period, 'achievement' as record,
    'K-PEND-01' as service, 'recipients' as component, 'realised' as column_name, '5' as old, 6 as new
"""

WAIVER = """
insert into registry.waivers by name
select
    'W-1' as waiver_id, 'VAL-008' as rule_id, '64.72' as region_code, '2022-Q4' as first_period,
    '2022-Q4' as last_period, date '2030-12-31' as expires_on
"""


@pytest.fixture(scope="module")
def work_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A work file with every model built; unit tests ask it for the types of their inputs' columns."""
    home = tmp_path_factory.mktemp("home")
    inbox = home / "inbox"
    inbox.mkdir()
    (inbox / "cases.csv").write_bytes(CASES.read_bytes())
    (inbox / "other.csv").write_text(OTHER)
    sources = home / "sources.yaml"
    sources.write_text(f"sources:\n- name: inbox\n  kind: csv\n  path: {inbox}/*.csv\n")
    store = RawStore(home / "raw")
    for spec in load_sources(sources):
        documents = [found for found in extract(spec, all_periods()) if isinstance(found, RawFile)]
        store.receive(spec.name, spec.canonical_json(), documents, datetime(2025, 1, 20, tzinfo=UTC))
    land(store, home / "landing", 1, Limits())
    path = home / "work" / dbt.WORK_FILE_NAME
    registry = dbt.registry_file(THREADS, MEMORY)
    periods = sorted(received_periods(home / "landing"))
    make_work_file(path, registry, home / "landing", periods, None, dbt.mart_columns())
    with duckdb.connect(str(path)) as connection:
        connection.execute(CORRECTION)
        connection.execute(WAIVER)
    results = dbt.build(path, THREADS, MEMORY, exclude=dbt.REGISTRY_MODELS)
    assert [result for result in results if result.failed] == []
    return path


def test_every_decision_written_as_a_unit_test_holds(work_file: Path) -> None:
    results = dbt.build(work_file, THREADS, MEMORY, ["test_type:unit"], command="test")
    assert len(results) == len(dbt.manifest()["unit_tests"]) > 0
    assert [f"{result.unique_id}: {result.message}" for result in results if result.status != "pass"] == []


KEYS = {
    node["name"]: node["config"]["meta"]["key"]
    for node in dbt.manifest()["nodes"].values()
    if node["resource_type"] == "model" and node["fqn"][1] == "marts"
}


@pytest.mark.parametrize("mart", KEYS)
def test_a_mart_has_rows_and_no_two_of_one_key(work_file: Path, mart: str) -> None:
    with duckdb.connect(str(work_file), read_only=True) as connection:
        counted = connection.execute(
            f"select sum(row_count), max(row_count) from"
            f" (select count(*) as row_count from marts.{mart} group by {', '.join(KEYS[mart])})"
        ).fetchall()
    rows, most = counted[0]
    # a first release restates nothing: test_restatement has the ledger
    assert rows or mart == "mart_restatement"
    assert most in (1, None)
