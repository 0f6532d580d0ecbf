"""Every fault of a seed is one line with file, line and remedy, whoever reads the registry."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipelines.registry.methods import methods
from pipelines.registry.periods import all_periods
from pipelines.registry.seed_columns import described
from pipelines.registry.seeds import SEEDS, RegistryError, check_registry, read_seed
from tests.registry import appended, seeds_with

METHOD = "permendagri-59-2021"
EXTENSION = "2024-Q4,64.71,extended,,2025-01-31,Banjir,S-1,2025-01-15"
REOPENING = "2024-Q4,64.71,reopened,2025-02-01,2025-02-15,Banjir,S-1,2025-01-15"
WAIVER = "W-1,VAL-001,64.71,2024-Q1,2024-Q2,,,sebab,reason,Biro,S-1,2024-04-01,2024-12-31"
CORRECTION = "K-1,64.71,2024-Q4,achievement,,K-KES-01,,,realised,8,6,Salah ketik,S-1,Biro,2025-02-01"

# seed, what stands there, what stands there instead, what is said of it
ONE_CELL = [
    # what the YAML says of a column
    ("methods", "assumed_window_days", "days", r"methods.csv:1: no column 'assumed_window_days': add it"),
    ("methods", "quality_mean,", "cap,", r"methods.csv:1: column 'cap' occurs twice: remove one"),
    ("methods", METHOD, f"{METHOD},x", r"methods.csv:2: 23 cells under a header of 22: put a text that"),
    ("methods", "method_version", "\ufeffmethod_version", r"methods.csv:1: .* byte order mark: save"),
    ("sectors", "sector_code,name_id,name_en,sort_order", "sector_code;name_id", r"sectors.csv:\d+: 4 cells"),
    ("methods", ",true,", ",yes,", r"methods.csv:2: cap: 'yes' is not true or false"),
    ("methods", "mean_of_items", "mean", r"quality_mean: 'mean' is not one of mean_of_items, pooled: write"),
    ("methods", ",20,,The index", ",20.5,,The index", r"assumed_window_days: '20.5' is not a whole number"),
    ("methods", ",0.5,", ',"0,5",', r"min_completeness_to_rank: '0,5' is not a number with a point"),
    ("bands", ",80,90,", ",80.1234567,90,", r"bands.csv:4: lower_bound: .* at most 6 decimals"),
    ("methods", "exclude,autonomous", "exclude,law", r"methods.csv:2: roster: 'law' is not in rosters.csv"),
    ("award_weights", ",60,", ",6000,", r"award_weights.csv:2: weight_percent: '6000' is not a number"),
    ("reporting_windows", "2024-10-20", "20/10/2024", r"csv:9: closes_on: .* a day, written like 2024-10-20"),
    ("reporting_windows", "2024-10-20", "", r"windows.csv:9: closes_on is empty: write a day"),
    (
        "reporting_windows",
        "2024-Q3,",
        "2024-Q2,",
        r"csv:9: period: '2024-Q2' occurs in line 8 already: remove",
    ),
    ("reporting_windows", "2024-Q3,", "2130-Q3,", r"csv:9: period: '2130-Q3' is not in periods.csv .period"),
    (
        "quality_items",
        ",goods_services,",
        ",goods,",
        r"items.csv:\d+: component: 'goods' is not one of goods_s",
    ),
    (
        "services",
        "P-PEND-01,province,pendidikan,1,",
        "P-PEND-01,province,pendidikan,2,",
        r"services.csv:3: tier",
    ),
    ("code_collisions", "1101,11.01", "1101,19.99", r"csv:2: kemendagri_code: '19.99' is not in regions.csv"),
    (
        "regions",
        "true,2001-08-09,2009-04-07",
        "true,2001-08-09,2001-08-09",
        r"regions.csv:2: 11 ends on .* not after",
    ),
    # what only a law can say
    (
        "periods",
        "2024-03-31",
        "2024-03-30",
        r"periods.csv:58: 2024-Q1 is not quarter 1 .* write 2024-Q1,2024,1",
    ),
    (
        "reporting_windows",
        "2024-10-20",
        "2024-08-01",
        r"csv:9: the window of 2024-Q3 closes on 2024-08-01, be",
    ),
    (
        "reporting_windows",
        "2024-10-20,,",
        "2024-10-20,2024-10-01,",
        r"csv:9: .* extended to 2024-10-01, before",
    ),
    (
        "methods",
        ",80,20,",
        ",80,30,",
        r"methods.csv:2: .*: the weights 80 and 30 do not add up to 100: correct",
    ),
    ("methods", ",80,20,", ",79.5,20.5,", r"methods.csv:2: .*: the weight 79.5 is not whole"),
    ("methods", "2019-Q1,,", "2019-Q1,2018-Q4,", r"methods.csv:2: valid_to_period 2018-Q4 lies before"),
    (
        "bands",
        "80,90,lower",
        "80,85,lower",
        r"bands.csv:4: .* gap or overlap: madya ends at 85 and utama begins",
    ),
    ("bands", ",0,60,", ",10,60,", r"bands.csv:7: the lowest band of .* does not begin at 0"),
    ("bands", "100,,exactly 100", "100,110,exactly 100", r"bands.csv:2: paripurna of .* the top band"),
    (
        "award_weights",
        "pencapaian SPM,60",
        "pencapaian SPM,50",
        r"award_weights.csv:7: the weights .* to 90, not",
    ),
    ("award_formulas", ",index,", ",budget,", r"award_formulas.csv:3: edition .* occur together in line 2"),
    ("benchmark_parameters", ",10,regions", ",0,regions", r"parameters.csv:2: peer_count is not above 0"),
    (
        "island_groups",
        "11,sumatra,Sumatra,Sumatra\n",
        "",
        r"regions.csv:2: province 11 is not in island_groups",
    ),
    (
        "regions",
        "64.71,Kota Balikpapan,city,64",
        "64.71,Kota Balikpapan,city,60",
        r"province_code: '60' is not",
    ),
    (
        "regions",
        "64.71,Kota Balikpapan,city,64",
        "64.71,Kota Balikpapan,city,96",
        r"its province 96 is not valid on",
    ),
    (
        "region_changes",
        "64.04,65.01,2012-11-17",
        "64.04,65.01,2012-11-16",
        r"csv:177: no state of 64.04 in regions",
    ),
    ("region_changes", "64.06,65.02", "64.04,65.02", r"csv:178: 64.04 is recoded in line 177 already"),
    (
        "region_changes",
        "36,2000-10-17,split",
        ",2000-10-17,split",
        r"csv:2: region_code_new is empty: write the code",
    ),
    ("region_changes", "36,2000-10-17,split", "36,,split", r"csv:2: effective_date is empty: write the day"),
    (
        "counts_by_province",
        "11,Aceh,18,5",
        "11,Aceh,18,6",
        r"counts_by_province.csv:2: regions.csv has Aceh, 18, 5",
    ),
    ("forms", ",ended,", ",current,", r"forms.csv:\d: one version of the form is current, not spm-1, spm-"),
    ("form_columns", "spm-1,budget,", "spm-1,problem,", r"occur together|has no column"),
    (
        "rules",
        ",row,Angka tidak terbaca",
        ",cell,Angka tidak terbaca",
        r"rules.csv:\d+: scope: 'cell' is not one of",
    ),
    (
        "rules",
        "Contract 2,team:quality,false,,\n",
        "Contract 2,team:quality,true,,\n",
        r"rules.csv:\d+: .* cannot be waived",
    ),
    (
        "rules",
        "Realisasi pada {place}",
        "Realisasi pada {cell}",
        r"rules.csv:\d+: message_id: {cell} cannot be filled in",
    ),
    (
        "rule_parameters",
        "VAL-007,max_fraction",
        "VAL-999,max_fraction",
        r"rule_id: 'VAL-999' is not in rules.csv",
    ),
    (
        "gate_limits",
        "sekian,At most this part of the rows is held back,,",
        "a,b,2024-Q1,",
        r"no value in 2010-Q1",
    ),
    ("gate_limits", "DC-007,max_share", "DC-999,max_share", r"check_id: 'DC-999' is not in gate_checks.csv"),
]

# a row at the end of a seed, and what is said of it
ONE_ROW = [
    (
        "window_extensions",
        EXTENSION.replace("2025-01-31", "2025-01-20"),
        r"extends_to 2025-01-20 is not after the",
    ),
    (
        "window_extensions",
        EXTENSION.replace("2025-01-15", "2025-02-15"),
        r"lies before decided_on 2025-02-15",
    ),
    ("window_extensions", EXTENSION.replace("extended", "longer"), r"extensions.csv:2: kind: 'longer'"),
    ("window_extensions", EXTENSION.replace("2025-01-31", ""), r"extends_to is empty: write a day"),
    (
        "window_extensions",
        EXTENSION.replace("64.71", "64.73"),
        r"no region has the code 64.73 on the last day of 2024",
    ),
    (
        "window_extensions",
        REOPENING.replace("2025-02-01", ""),
        r"opens_on is empty: write the first day of the",
    ),
    (
        "window_extensions",
        REOPENING.replace("2025-02-01", "2025-03-01"),
        r"opens_on 2025-03-01 is not between",
    ),
    ("waivers", WAIVER.replace("VAL-001", "NUM-001"), r"NUM-001 cannot be waived .* remove the row"),
    ("waivers", WAIVER.replace("64.71", "92.71"), r"no region has the code 92.71 on the last day of 2024-Q1"),
    (
        "waivers",
        WAIVER.replace("2024-Q1,2024-Q2", "2024-Q2,2024-Q1"),
        r"last_period 2024-Q1 lies before first_pe",
    ),
    ("waivers", WAIVER.replace("2024-12-31", "2024-01-01"), r"expires_on 2024-01-01 lies before granted_on"),
    ("corrections", CORRECTION.replace("64.71", "6471"), r"region_code: '6471' is not in regions.csv"),
    ("corrections", CORRECTION.replace(",8,6,", ",8,enam,"), r"new: 'enam' is not a number"),
    (
        "methods",
        "later,b,c,draft,d,2025-Q1,,70,30,true,pooled,zero,zero,reported,0.5,sum,exclude,autonomous,0.5,20,,",
        r"later has no bands: add its",
    ),
    (
        "rosters",
        "espm,region,96.71,2022-Q3,,Dirjen,",
        r"no region has the code 96.71 on the last day of 2022-Q3",
    ),
    ("rosters", "espm,region,,2024-Q3,,Dirjen,", r"rosters.csv:5: region_code is empty: write the code"),
    (
        "rosters",
        "espm,autonomous,31.71,2025-Q1,,Dirjen,",
        r"autonomous counts all of them, not 31.71: empty",
    ),
    (
        "rosters",
        "short,autonomous,,2019-Q1,,Dirjen,",
        r"rosters.csv:5: short counts nobody in 2010-Q1: add a",
    ),
    (
        "reporting_windows",
        "2025-Q1,2025-04-20,,anounced,",
        r"windows.csv:\d+: status: 'anounced' .* one of announced",
    ),
    (
        "award_editions",
        "other,a,b,2020,,,",
        r"other judges 2020, as spm-awards-2024 does: end that one .* line 2",
    ),
    (
        "award_editions",
        "other,a,b,2020,,,",
        r"csv:3: other has no criterion team in award_formulas.csv: add its",
    ),
    (
        "form_sheets",
        "spm-9,Lembar,achievement,,4",
        r"form_sheets.csv:\d+: form_version: 'spm-9' is not in forms.csv",
    ),
    ("code_labels", "stage,x,y,z,first", r"code_labels.csv:\d+: sort_order: 'first' is not a whole number"),
    (
        "region_aliases",
        "99.99,Negeri,spelling",
        r"region_aliases.csv:\d+: region_code: '99.99' is not in regions",
    ),
    (
        "legacy_indicators",
        "L-X,a,village,b,,,80,2015,c,2008-Q4,2015-Q4",
        r"tier: 'village' .* one of province, re",
    ),
    ("sensitivity_scenarios", "x,sector_weight,200,a,b,1", r"sort_order: '1' occurs in line 2 already"),
    (
        "ambiguous_bare_names",
        "Bandung,32.04,Kabupaten Bandung,,",
        r"bare_name Bandung, region_code 32.04 occur",
    ),
    (
        "columns",
        "period,,a,b,c,d,quarter,none",
        r"column_name period, table_name \(empty\) occur together in line",
    ),
    (
        "gate_checks",
        "XX-001,mart_x,grave,a,b,c",
        r"gate_checks.csv:\d+: severity: 'grave' .* one of fatal, warning",
    ),
]


def faults_of(seeds: Path) -> list[str]:
    """The lines that tell what is wrong with the seeds in a folder."""
    with pytest.raises(RegistryError) as refused:
        check_registry(seeds)
    return str(refused.value).splitlines()


def test_the_registry_is_in_order() -> None:
    check_registry()


@pytest.mark.parametrize(
    ("seed", "old", "new", "said"), ONE_CELL, ids=[f"{a}-{d[-30:]}" for a, _, _, d in ONE_CELL]
)
def test_a_wrong_cell_is_one_line_with_file_line_and_remedy(
    tmp_path: Path, seed: str, old: str, new: str, said: str
) -> None:
    faults = faults_of(seeds_with(tmp_path, seed, old, new))
    found = next((fault for fault in faults if re.search(said, fault)), None)
    assert found is not None, faults
    assert re.match(r"\S+/seeds/\w+\.csv:\d+: .+: ", found), "no place, or no remedy"


@pytest.mark.parametrize(("seed", "row", "said"), ONE_ROW, ids=[f"{a}-{c[-30:]}" for a, _, c in ONE_ROW])
def test_a_wrong_row_is_one_line_with_file_line_and_remedy(
    tmp_path: Path, seed: str, row: str, said: str
) -> None:
    faults = faults_of(appended(tmp_path, seed, row))
    assert [fault for fault in faults if re.search(said, fault)], faults


@pytest.mark.parametrize("row", [EXTENSION, REOPENING], ids=["extension", "reopening"])
def test_a_decision_on_a_window_that_can_be_is_taken(tmp_path: Path, row: str) -> None:
    check_registry(appended(tmp_path, "window_extensions", row))


def test_a_quarter_left_out_is_named_with_the_line_that_misses_it(tmp_path: Path) -> None:
    seeds = seeds_with(tmp_path, "periods", "2024-Q2,2024,2,2024-04-01,2024-06-30\n", "")
    with pytest.raises(
        RegistryError, match=r"periods.csv:59: 2024-Q3 does not follow 2024-Q1 of the line before"
    ):
        all_periods(seeds)


def test_recodes_in_a_circle_are_named_and_not_followed_for_ever(tmp_path: Path) -> None:
    seeds = seeds_with(tmp_path, "region_changes", "64.04,65.01,2012", "65.02,64.06,2012")
    assert any("run in a circle" in fault for fault in faults_of(seeds))


def test_a_seed_that_is_gone_or_is_no_utf8_is_named(tmp_path: Path) -> None:
    seeds = seeds_with(tmp_path, "sectors", "Pendidikan", "Pendidikan")
    (seeds / "sectors.csv").write_bytes("sector_code\nkésehatan\n".encode("latin-1"))
    assert faults_of(seeds)[0].endswith(
        "sectors.csv: not in UTF-8 (invalid continuation byte): save it as CSV UTF-8"
    )
    with pytest.raises(RegistryError, match=r"periods.csv: no such seed: restore the file"):
        all_periods(tmp_path)


def test_a_reader_of_one_seed_is_stopped_by_a_fault_of_another_that_it_rests_on(tmp_path: Path) -> None:
    seeds = seeds_with(tmp_path, "bands", METHOD, "another")
    with pytest.raises(RegistryError, match=r"bands.csv:2: method_version: 'another' is not in methods.csv"):
        methods(seeds)
    assert next(read_seed("sectors", seeds))["sector_code"] == "pendidikan"


def test_every_seed_is_described_and_described_alike_for_dbt_and_python() -> None:
    files = {path.stem for path in SEEDS.glob("*.csv")}
    assert {path.stem.removeprefix("_") for path in SEEDS.glob("_*.yml")} == files
    for name in files:
        header = (SEEDS / f"{name}.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
        assert list(described(name).columns) == header, (
            f"dbt_project/seeds/_{name}.yml: columns in another order"
        )
