"""A name leads to one region or is refused; it is never guessed."""

from __future__ import annotations

import csv
import shutil
from datetime import date

import duckdb
import pytest

from pipelines.registry.regions import all_states, regions_on
from pipelines.registry.seeds import SEEDS
from pipelines.warehouse import compiled, registry_file
from pipelines.warehouse.region_names import AmbiguousRegionError, RegionNotFoundError, find

TODAY = date(2024, 12, 31)
NEEDS_ITS_LEVEL = {"Bengkulu", "Gorontalo", "Jambi"}  # provinces with a city or regency of the same name


@pytest.mark.parametrize("day", [date(2010, 3, 31), date(2022, 9, 30), TODAY])
def test_every_region_is_found_by_its_code_and_its_name_on_any_day(day):
    for region in regions_on(day):
        name = region.region_name
        assert find(region.region_code, day) == region
        assert find(f"Provinsi {name}" if name in NEEDS_ITS_LEVEL else name, day) == region


def test_every_alias_leads_to_its_region_whatever_the_case():
    with (SEEDS / "region_aliases.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for text in (row["alias"], row["alias"].upper(), f"  {row['alias'].lower()} "):
                assert find(text, TODAY).region_code == row["region_code"], text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("Kab. Kutim", "64.08", id="prefix-and-abbreviation"),
        pytest.param("PEMERINTAH KABUPATEN KUTAI TIMUR", "64.08", id="pemerintah"),
        pytest.param("Pemerintah Daerah Istimewa Yogyakarta", "34", id="daerah-is-part-of-the-name"),
        pytest.param("Kotamadya Sorong", "96.71", id="kotamadya"),
        pytest.param("Kab. Kep. Mentawai", "13.09", id="kep"),
        pytest.param("Pangkajene & Kepulauan", "73.10", id="ampersand"),
        pytest.param("Kab. Adm. Kep. Seribu", "31.01", id="administrative"),
        pytest.param(" 64.71 ", "64.71", id="a-code-with-spaces-around"),
        pytest.param("Kota Waringin Barat", "62.01", id="a-name-that-begins-like-a-prefix"),
        pytest.param("Kota Baru", "63.02", id="a-regency-called-kota"),
        pytest.param("Provinsi Yogyakarta", "34", id="the-prefix-settles-a-bare-name"),
        pytest.param("Kepulauan Riau", "21", id="the-regency-of-that-name-is-bintan-since-2006"),
        pytest.param("Kab. Pontianak", "61.02", id="a-former-name"),
        pytest.param("92.71", "96.71", id="an-ended-code"),
    ],
)
def test_names_are_read_as_people_write_them(text, code):
    assert find(text, TODAY).region_code == code


def test_a_name_of_a_later_time_leads_to_the_state_of_the_day():
    assert find("Kabupaten Toba", date(2019, 12, 31)).region_name == "Kabupaten Toba Samosir"
    assert find("Merauke", date(2019, 12, 31)).region_code == "91.01"


@pytest.mark.parametrize(
    ("text", "day", "codes"),
    [
        pytest.param("Bandung", TODAY, ["32.04", "32.73"], id="regency-and-city"),
        pytest.param("jambi", TODAY, ["15", "15.71"], id="province-and-city"),
        pytest.param("Yogyakarta", TODAY, ["34", "34.71"], id="the-province-has-a-longer-name"),
        pytest.param("Jogja", TODAY, ["34", "34.71"], id="short-for-either"),
        pytest.param("Pontianak", TODAY, ["61.02", "61.71"], id="the-regency-has-another-name-since-2014"),
        pytest.param("Kepulauan Riau", date(2005, 3, 31), ["21", "21.01"], id="while-both-had-the-name"),
    ],
)
def test_a_name_of_several_regions_is_refused_with_the_candidates(text, day, codes):
    with pytest.raises(AmbiguousRegionError, match="dapat berarti beberapa daerah") as refused:
        find(text, day)
    assert [region.region_code for region in refused.value.candidates] == codes
    assert all(code in str(refused.value) for code in codes)


def test_a_name_in_a_submission_leads_to_the_same_region(tmp_path):
    with (SEEDS / "ambiguous_bare_names.csv").open(encoding="utf-8", newline="") as file:
        texts = {row["bare_name"] for row in csv.DictReader(file)}
    with (SEEDS / "region_aliases.csv").open(encoding="utf-8", newline="") as file:
        texts.update(row["alias"] for row in csv.DictReader(file))
    for state in all_states():
        bare = state.region_name.split(" ", 1)[-1]
        texts.update((state.region_name, bare))
    asked = [(text, day) for text in sorted(texts) for day in (date(2010, 3, 31), TODAY)]
    assert [_found(text, day) for text, day in asked] == _found_by_the_model(asked, tmp_path / "work.duckdb")


def _found(text, day):
    try:
        return find(text, day).region_code
    except (AmbiguousRegionError, RegionNotFoundError):
        return None


def _found_by_the_model(asked, work_file):
    shutil.copyfile(registry_file.ensure(2, "1GB"), work_file)
    project = compiled.project(2, "1GB")
    model, members = project.model("int_rows__regions"), project.model("int_rosters__members")
    with duckdb.connect(str(work_file)) as connection:
        connection.execute("create schema staging")
        connection.execute(
            "create table asked as select unnest(?) as text, unnest(?) as day", list(zip(*asked, strict=True))
        )
        connection.execute(
            "create table staging.stg_landing__rows as select distinct"
            " text as region_text, 'kemendagri' as region_codes, day::varchar as period, 'd' as document_id"
            " from asked"
        )
        connection.execute(
            "create table staging.stg_landing__documents (document_id varchar, sender_name varchar,"
            " form_number varchar, region_codes varchar, reject_region varchar, period_told varchar)"
        )
        connection.execute(
            "create table staging.stg_run__periods as"
            " select distinct day::varchar as period, day as ends_on, true as is_in_run,"
            " 'autonomous' as roster from asked"
        )
        connection.execute(f"create table intermediate.int_rosters__members as {members.sql}")
        found = connection.execute(f"select region_text, period, region_code from ({model.sql})").fetchall()
    codes = {(text, period): code for text, period, code in found}
    return [codes[text, str(day)] for text, day in asked]


@pytest.mark.parametrize("text", ["6471", "64.7", "99.99", "", "Kota", "Baru", "Kab. Solo", "Atlantis"])
def test_what_fits_nothing_is_refused(text):
    with pytest.raises(RegionNotFoundError):
        find(text, TODAY)


def test_a_near_miss_is_answered_with_the_likely_name():
    with pytest.raises(RegionNotFoundError, match=r"maksud Anda Kota Balikpapan \(64\.71\)"):
        find("Balikpapn", TODAY)
