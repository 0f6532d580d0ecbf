"""The report site shows a release to anybody with a browser: offline, on a phone, on paper, by ear.

Seen by a real Chromium, as a person would open it: from disk.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urldefrag

import duckdb
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from typer.testing import CliRunner

from pipelines.build import steps
from pipelines.cli.app import app
from pipelines.publish.releases import Releases
from pipelines.registry.catalogue import services_owed
from pipelines.registry.codes import codes_of
from pipelines.registry.periods import Period
from pipelines.reports.site import charts, national, notation
from pipelines.reports.site.leagues import sector_league
from pipelines.reports.site.pages import site_files
from pipelines.reports.site.rendering import Site
from pipelines.reports.site.spine import Spines
from pipelines.reports.site.timeline import timeline
from pipelines.settings import Settings
from pipelines.warehouse.parquet import quoted
from pipelines.warehouse.release_tables import ReleaseTables
from tests.integration.candidates import release, rewrite
from tests.integration.home import Row, build_periods, document, published, put, settings_of, take_in

PERIODS = ("2023-Q4", "2024-Q3", "2024-Q4")
PROVINCE, CITY, OTHER, SILENT = "64", "64.71", "64.72", "64.74"
NARROW = {"peringkat.html", "provinsi/64.html", "layanan/K-KES-01.html", f"daerah/{CITY}.html", "data.html"}
"""Pages whose accessibility is looked at on a phone; of the others on a wide screen."""
ALIKE = ("nasional/2024-Q3.html", "provinsi/64/2024-Q3.html")
"""Pages of another quarter, made like those of the newest one."""
HOSTILE = "<script>document.title='dibajak'</script><img src=x onerror=\"document.title='dibajak'\">"
KINDS = (
    "index.html",
    "peringkat.html",
    "layanan.html",
    "mutu.html",
    "data.html",
    "rilis.html",
    "provinsi/64.html",
    "layanan/K-KES-01.html",
    "layanan/L-PDN-02.html",
    "nasional/2024-Q3.html",
    "peringkat/2024-Q3-kesehatan.html",
    "provinsi/64/2024-Q3.html",
    f"daerah/{CITY}.html",
)
BEFORE = "r0000-before"
RESTATED = f"""
select 'mart_region_score' as table_name, '{{"region_code":"{CITY}"}}' as "key", 'index' as column_name,
    '{CITY}' as region_code, '2024-Q3' as period, '12.500000' as "old", '83.201700' as "new",
    'correction' as reason,
    '{BEFORE}' as release_before
"""
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
in_a_browser = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine to see the pages with"
)


def rows_of(period: str) -> Iterator[Row]:
    """Three reports with all that a card shows, one of it hostile; a fourth region is silent."""
    reports = ((PROVINCE, "province", 9), (CITY, "regency_city", 7), (OTHER, "regency_city", 8))
    for region, tier, served in reports:
        of = {"region": region, "period": period}
        row = {"record": "achievement", "component": "recipients", "unit": "Orang", "target": "2000"}
        for service in services_owed(tier, Period.parse(period)):
            realised = str(served * 200 + int(period[-1]))
            yield {**row, **of, "service": service.service_code, "realised": realised}
        for sector in ("pendidikan", "kesehatan"):
            money = {"target": "1000000", "realised": "812345"}
            yield {**of, **money, "record": "budget", "sector": sector, "unit": "rupiah"}
            done = {"target": "100", "realised": "75", "unit": "persen"}
            yield {**of, **done, "record": "stage", "sector": sector, "item": "planning"}
    of_city = {"region": CITY, "period": period}
    yield {**of_city, "record": "problem", "sector": "kesehatan", "item": "data", "note": HOSTILE}
    quality = {"record": "achievement", "service": "K-KES-01", "component": "goods_services"}
    yield {
        **of_city,
        **quality,
        "item": HOSTILE,
        "unit": HOSTILE,
        "target": "4",
        "realised": "9",
        "note": HOSTILE,
    }


def write_to(folder: Path, of: Path) -> Path:
    for path, content in site_files(of):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with a release of two quarters and one of before 2019."""
    settings = settings_of(tmp_path_factory.mktemp("site"))
    legacy = {"record": "achievement", "region": CITY, "period": "2013-Q4", "service": "L-PDN-02"}
    inbox, every = settings.home.parent / "inbox", ("2013-Q4", *PERIODS)
    put(inbox / "2013-Q4.csv", document([{**legacy, "target": "64", "realised": "13"}]))
    for period in PERIODS:
        put(inbox / f"<b>{period}.csv", document(rows_of(period)))
    take_in(settings, every)
    work_file = build_periods(settings, every)
    candidate = steps.make_candidate(settings, work_file, work_file.parent / "candidate", every)
    release(Releases(settings.published), candidate)
    return settings


@pytest.fixture(scope="module")
def site(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of that release, in which a region has a hostile name."""
    folder = tmp_path_factory.mktemp("pages")
    copied = folder / "release"
    shutil.copytree(Releases(settings.published).current_folder(), copied)
    table = copied / "mart_region_score.parquet"
    table.chmod(0o644)
    named = f"case when region_code = '{SILENT}' then {quoted(HOSTILE)} else region_name end"
    rewrite(table, f"select * replace ({named} as region_name) from t")
    changed = copied / "mart_restatement.parquet"
    changed.chmod(0o644)
    rewrite(changed, f"select * from t union all by name {RESTATED}")
    made = copied / "mart_release.parquet"
    made.chmod(0o644)
    rewrite(made, f"select * replace ('{BEFORE}' as release_before) from t")
    return write_to(folder / "site", copied)


@dataclass
class Watched:
    """A browser, and what went wrong in it."""

    browser: Browser
    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def open(self, path: Path, width: int = 1280) -> Page:
        page = self.browser.new_page(viewport={"width": width, "height": 844})
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda message: self.said.append(f"{path.name}: {message.text}"))
        page.on("pageerror", lambda error: self.said.append(f"{path.name}: {error}"))
        page.goto(path.as_uri())
        return page


@pytest.fixture(scope="module")
def watched() -> Iterator[Watched]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield Watched(browser)
        browser.close()


class Found(HTMLParser):
    """The elements of a page as they are written: name and attributes."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def named(self, *tags: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag in tags]


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Found]:
    return {path: Found(path) for path in sorted(site.rglob("*.html"))}


def test_every_link_of_every_page_leads_to_a_file_and_a_place_in_it(pages: dict[Path, Found]) -> None:
    places = {path: {each.get("id") for _, each in found.elements} for path, found in pages.items()}
    lost = []
    for path, found in pages.items():
        for _, each in found.elements:
            for link in filter(None, (each.get("href"), each.get("src"), each.get("action"))):
                address, place = urldefrag(link)
                target = (path.parent / unquote(address)).resolve() if address else path
                if link != "data:," and not (target.is_file() and (not place or place in places[target])):
                    lost.append((path.name, link))
    assert lost == []


def test_every_page_says_what_things_are_to_those_who_do_not_see_them(pages: dict[Path, Found]) -> None:
    wrong = []
    for path, found in pages.items():
        ids = [each["id"] for _, each in found.elements if "id" in each]
        labelled = {each.get("for") for each in found.named("label")}
        laws = {
            "one h1": len(found.named("h1")) == 1,
            "language": found.named("html") == [{"lang": "id"}],
            "landmarks": all(found.named(tag) for tag in ("header", "nav", "main", "footer")),
            "scope": all(each.get("scope") in ("col", "row", "colgroup") for each in found.named("th")),
            "name of a picture": all(each.get("alt") for each in found.named("img"))
            and all(
                each.get("aria-hidden") == "true" or (each.get("aria-label") and each.get("role") == "img")
                for each in found.named("svg")
            ),
            "name of a region": all(
                each.get("aria-label") for _, each in found.elements if each.get("role") == "region"
            ),
            "label": all(each.get("id") in labelled for each in found.named("input", "select")),
            "ids once": len(ids) == len(set(ids)),
        }
        wrong += [(path.name, law) for law, holds in laws.items() if not holds]
    assert wrong == []


def test_a_card_shows_the_published_numbers_down_to_their_cells(settings: Settings, site: Path) -> None:
    text = (site / "daerah" / f"{CITY}.html").read_text(encoding="utf-8")
    (score,), sectors, services = (
        [
            row
            for row in published(settings, table)
            if (row["region_code"], row["period"]) == (CITY, PERIODS[-1])
        ]
        for table in ("mart_region_score", "mart_sector_score", "mart_service_score")
    )
    first = re.search(r'<p class="big">(.*?)</p>', text)
    assert first is not None
    assert first[1] == notation.points(score["index_display"])
    assert {notation.points(row["index"]) for row in sectors} <= set(re.findall(r"[\d.]+,\d\d", text))
    assert len(services) == 29
    assert len(re.findall(r"<details>", text)) == 29
    assert '<td class="n">1.000.000</td><td class="n">812.345</td><td class="n">81,23</td>' in text
    # every sector has its budget, also on paper, or is said to have reported none
    (budgets,) = re.findall(r"<h2>Anggaran dan hasil.*?</table>", text, re.DOTALL)
    assert (budgets.count('<th scope="row">'), budgets.count("tidak dilaporkan")) == (6, 4)
    assert 'class="screen"' not in budgets
    assert re.search(r"<code>[0-9a-f]{12}:L\d+</code>", text)
    assert "13 / 64 = 20,31" in text
    assert "VAL-001" in text
    assert len(re.findall(r"<details>", (site / "daerah" / f"{PROVINCE}.html").read_text())) == 14


def test_a_card_says_why_its_index_and_rank_moved_and_what_is_lost(settings: Settings, site: Path) -> None:
    text = (site / "daerah" / f"{CITY}.html").read_text(encoding="utf-8")
    why = text.partition('<section class="why">')[2].partition("</section>")[0]
    # one more of 2000 served in each service in December than in September, as many as a year before
    for against in ("TW III 2024", "TW IV 2023"):
        assert f"sejak {against}" in why
    assert why.count('<svg class="causes"') == 1
    assert "Indeks tetap" in why
    assert "lebih banyak yang dilayani +" in why
    assert "more were served +" in why
    assert why.count("Peringkat tetap 2 (dari 2 daerah)") == 2
    lost = text.partition('<section class="lost">')[2].partition("</section>")[0]
    points = [
        Decimal(found.replace(",", ".")) for found in re.findall(r'</th><td class="n">([\d,]+)</td>', lost)
    ]
    (score,) = (
        row
        for row in published(settings, "mart_region_score")
        if (row["region_code"], row["period"]) == (CITY, PERIODS[-1])
    )
    assert sum(points) == 100 - score["index_display"]
    groups = text.partition('<section class="unserved">')[2].partition("</section>")[0]
    assert groups.count("<li><b>596</b> orang") == 5
    assert "Dan 24 kelompok lain." in groups
    assert f"atas yang dilaporkan saja <b>{notation.points(score['index_reported'])}</b>" in text
    silent = (site / "daerah" / f"{SILENT}.html").read_text(encoding="utf-8")
    assert "Tanpa indeks pada triwulan ini: Tidak mengirim." in silent
    assert "style=" not in why + lost + groups


def test_a_figure_that_changed_stands_on_the_card_and_on_the_page_of_the_release(site: Path) -> None:
    change = '<td class="n">12,5</td><td class="n">83,2017</td><td>Koreksi daerah'
    assert change in (site / "daerah" / f"{CITY}.html").read_text(encoding="utf-8")
    release_page = (site / "rilis.html").read_text(encoding="utf-8")
    assert f'<a href="daerah/{CITY}.html">Kota Balikpapan</a></td>{change}' in release_page


def test_a_band_has_one_colour_in_charts_and_on_pages(site: Path) -> None:
    style = (site / "assets" / "style.css").read_text(encoding="utf-8")
    assert tuple(re.findall(r"--b\d: (#\w{6})", style)) == charts.BAND_COLOURS


def test_the_colour_of_a_band_is_what_it_means_and_not_its_place_among_others() -> None:
    known = codes_of("band_code")
    assert [charts.BAND_COLOURS[national.place_of(code) - 1] for code in known] == [
        code.colour for code in known.values()
    ]
    # a method of two bands: the lowest is no better for being the second
    assert national.place_of("belum_tuntas") == len(known)
    assert len({national.place_of(code) for code in (None, "of_another_method", *known)}) == len(known) + 2


@pytest.mark.attack("output")
def test_what_a_region_wrote_is_on_no_page(site: Path, pages: dict[Path, Found]) -> None:
    assert all(each.get("src") for found in pages.values() for each in found.named("script"))
    assert not [each for found in pages.values() for _, each in found.elements if "onerror" in each]
    card = (site / "daerah" / f"{CITY}.html").read_text(encoding="utf-8")
    assert "blockquote" not in card
    assert "&lt;script&gt;" not in card
    assert "Kesehatan</b>: 1</li>" in card.partition("Permasalahan yang dilaporkan")[2]
    # what comes from elsewhere is shown as text
    assert "&lt;script&gt;" in (site / "daerah" / f"{SILENT}.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;" in (site / "provinsi" / "64.html").read_text(encoding="utf-8")


def test_the_command_writes_the_same_bytes_again_and_removes_what_is_of_another_build(
    settings: Settings,
) -> None:
    command = ["report", "--home", str(settings.home), "--json"]
    first = CliRunner().invoke(app, command)
    assert first.exit_code == 0, first.output
    index = Path(json.loads(first.stdout)["site"]["index"])
    current = Releases(settings.published).current_folder()
    assert index == settings.home / "reports" / current.name / "site" / "index.html"
    written = {path: path.read_bytes() for path in _files(index.parent)}
    (index.parent / "daerah" / "00.html").write_text("of another build")
    assert CliRunner().invoke(app, command).exit_code == 0
    assert {path: path.read_bytes() for path in _files(index.parent)} == written


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@in_a_browser
@pytest.mark.parametrize("kind", KINDS)
def test_a_page_fits_a_phone_and_its_text_stands_out(site: Path, watched: Watched, kind: str) -> None:
    page = watched.open(site / kind, width=390)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.evaluate(_TOO_FAINT) == []
    assert page.title().endswith("SPM layanan dasar")
    page.close()


@in_a_browser
def test_search_and_filters_find_a_region(site: Path, watched: Watched) -> None:
    page = watched.open(site / "peringkat.html")
    every = page.locator(".league tbody tr:visible").count()
    page.fill("#teks", "balik")
    assert page.locator(".league tbody tr:visible").count() == 1
    assert f"1 dari {every} daerah" in page.inner_text(".count")
    page.fill("#teks", "")
    page.select_option("#provinsi", "64")
    page.select_option("#tingkat", "city")
    assert page.locator(".league tbody tr:visible").count() == 3
    page.select_option("#predikat", "-")
    assert page.locator(".league tbody tr:visible").count() == 1
    page.fill("#cari", "samarinda")
    page.press("#cari", "Enter")
    page.wait_for_url("**/daerah/64.72.html")
    assert page.inner_text("h1") == "Kota Samarinda"
    page.close()


@in_a_browser
def test_pages_read_without_their_script(site: Path, watched: Watched) -> None:
    context = watched.browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "peringkat.html").as_uri())
    assert page.get_by_role("link", name="Kota Balikpapan").is_visible()
    assert not page.locator("#teks").is_visible()
    context.close()


@in_a_browser
@pytest.mark.parametrize("region", [CITY, PROVINCE, SILENT])
def test_a_card_is_one_page_of_paper_and_nothing_of_it_is_cut(
    site: Path, watched: Watched, region: str
) -> None:
    page = watched.open(site / "daerah" / f"{region}.html")
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 710, "height": 1040})
    assert (
        page.evaluate(
            "(() => { const e = document.querySelector('.card'); return e.scrollHeight - e.clientHeight })()"
        )
        == 0
    )
    page.close()


@in_a_browser
def test_no_page_asked_the_network_for_anything_or_complained(site: Path, watched: Watched) -> None:
    for kind in (*KINDS, f"daerah/{SILENT}.html"):  # the policy in each page says of what it has blocked
        watched.open(site / kind).close()
    assert {url.partition(":")[0] for url in watched.asked} == {"file"}
    assert watched.said == []


def test_no_page_holds_a_style_or_script_that_a_strict_policy_would_block(pages: dict[Path, Found]) -> None:
    inline = [
        (path.name, tag, each)
        for path, found in pages.items()
        for tag, each in found.elements
        if tag == "style" or "style" in each or any(name.startswith("on") for name in each)
    ]
    assert inline == []
    policies = {
        each.get("content")
        for found in pages.values()
        for each in found.named("meta")
        if each.get("http-equiv") == "Content-Security-Policy"
    }
    assert len(policies) == 1
    assert "unsafe" not in str(policies)


@in_a_browser
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ALIKE] + [f"daerah/{SILENT}.html"])
def test_no_rule_of_accessibility_is_broken(site: Path, watched: Watched, kind: str) -> None:
    page = watched.open(site / kind, 390 if kind in NARROW else 1280)
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    page.evaluate(_FEWER_ROWS)
    broken = Axe().run(page).response["violations"]
    assert [(each["id"], [node["target"] for node in each["nodes"]][:3]) for each in broken] == []
    page.close()


SEARCHED = {
    "balikpapan": "Kota Balikpapan",
    "64.71": "Kota Balikpapan",
    "6471": "Kota Balikpapan",
    "64 71": "Kota Balikpapan",
    "kode 64-71": "Kota Balikpapan",
    "64.71.01.1001": "Kota Balikpapan",
    "BPS 1101": "Kabupaten Simeulue",
    "1101": "Kabupaten Aceh Selatan",
    "DIY": "Daerah Istimewa Yogyakarta",
    "d.i.y.": "Daerah Istimewa Yogyakarta",
    "dki": "Daerah Khusus Ibukota Jakarta",
    "Kab.Bandung": "Kabupaten Bandung",
    "kota bandung": "Kota Bandung",
    "kab kutim": "Kabupaten Kutai Timur",
    "kobar": "Kabupaten Kotawaringin Barat",
    "NAD": "Aceh",
    "K-KES-01": "Pelayanan kesehatan ibu hamil",
    "kkes1": "Pelayanan kesehatan ibu hamil",
    "ibu hamil": "Pelayanan kesehatan ibu hamil",
}


@in_a_browser
def test_search_finds_what_people_write(site: Path, watched: Watched) -> None:
    page = watched.open(site / "rilis.html")
    page.set_default_timeout(2_000)
    found = {}
    for typed in SEARCHED:
        page.fill("#cari", typed)
        found[typed] = page.locator("#hasil li").first.inner_text().partition(" (")[0]
    assert found == SEARCHED
    page.fill("#cari", "wakanda")
    assert page.inner_text("#hasil") == "Tidak ditemukan / not found"
    page.close()


@in_a_browser
def test_a_league_is_sorted_by_the_head_of_a_column_and_empty_cells_stay_last(
    site: Path, watched: Watched
) -> None:
    page = watched.open(site / "peringkat/2024-Q3-kesehatan.html")
    table = page.locator("[data-level=city] table")
    names = table.locator("tbody th a")
    by_rank = names.all_inner_texts()
    table.get_by_role("button", name="Indeks bidang").click()
    assert names.all_inner_texts()[:2] == ["Kota Samarinda", "Kota Balikpapan"]
    table.get_by_role("button", name="Indeks bidang").click()
    assert names.all_inner_texts()[:2] == ["Kota Balikpapan", "Kota Samarinda"]
    assert table.locator("[aria-sort=ascending]").count() == 1
    table.get_by_role("button", name="Daerah region").click()
    assert names.all_inner_texts() == sorted(by_rank)
    page.close()


@in_a_browser
def test_a_quarter_and_a_sector_are_chosen_by_links(site: Path, watched: Watched) -> None:
    context = watched.browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "index.html").as_uri())
    page.get_by_role("link", name="TW III 2024").first.click()
    assert page.url.endswith("nasional/2024-Q3.html")
    page.get_by_role("link", name="Kesehatan", exact=True).click()
    assert page.url.endswith("peringkat/2024-Q3-kesehatan.html")
    page.get_by_role("link", name="TW IV 2024").click()
    assert page.url.endswith("peringkat/2024-Q4-kesehatan.html")
    assert page.locator("[data-level=city] tbody th").first.inner_text().startswith("Kota Samarinda")
    context.close()


@in_a_browser
def test_a_table_without_a_file_is_saved_as_csv_for_programs(site: Path, watched: Watched) -> None:
    page = watched.open(site / "daerah" / f"{CITY}.html")
    with page.expect_download() as waited:
        page.get_by_role("button", name="CSV: Anggaran dan hasil").click()
    saved = Path(waited.value.path()).read_text(encoding="utf-8").splitlines()
    assert next(line for line in saved if line.startswith("Kesehatan")).startswith(
        "Kesehatan,1000000,812345,81.23,"
    )
    page.close()


def test_the_file_beside_a_table_holds_the_published_figures(settings: Settings, site: Path) -> None:
    scores = {
        row["region_code"]: row
        for row in published(settings, "mart_region_score")
        if row["period"] == "2024-Q4"
    }
    with (site / "data" / "peringkat" / "2024-Q4.csv").open(encoding="utf-8") as file:
        rows = {row["region_code"]: row for row in csv.DictReader(file)}
    assert rows.keys() == scores.keys()
    assert Decimal(rows[CITY]["index"]) == scores[CITY]["index"]
    assert rows[CITY]["reporting_status"] == "with_index"
    assert rows[SILENT]["reporting_status"] == "not_sent"
    assert rows[SILENT]["region_name"] == HOSTILE
    services = {
        (row["service_code"], row["region_code"]): row
        for row in published(settings, "mart_service_score")
        if row["period"] == "2024-Q4"
    }
    with (site / "data" / "layanan" / "K-KES-01.csv").open(encoding="utf-8") as file:
        of_service = [row for row in csv.DictReader(file) if row["period"] == "2024-Q4"]
    assert len(of_service) == len([key for key in services if key[0] == "K-KES-01"])
    own = next(row for row in of_service if row["region_code"] == CITY)
    assert Decimal(own["value"]) == services["K-KES-01", CITY]["index"]
    assert (own["target"], own["realised"]) == ("2000", "1404")


def test_the_page_of_a_service_counts_who_reported_it_and_names_who_did_not(site: Path) -> None:
    text = (site / "layanan" / "K-KES-01.html").read_text(encoding="utf-8")
    assert '<p class="big">2</p>' in text  # two reported, of all that owe it
    assert 'href="../daerah/11.01.html"' in text.partition("<h2>Tidak dilaporkan pada")[2]
    assert f'href="../daerah/{CITY}.html"' not in text.partition("<h2>Tidak dilaporkan pada")[2]
    assert "3.008" in text  # 1404 and 1604 people were served
    assert "PP 2/2018" in text
    legacy = (site / "layanan" / "L-PDN-02.html").read_text(encoding="utf-8")
    assert "13 / 64" in legacy
    assert "20,31" in legacy


class Texts(HTMLParser):
    """The texts of the cells of a page's tables of one class: a list for each row."""

    def __init__(self, path: Path, of_class: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._class, self._within, self._in_cell = of_class, False, False
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._within = self._class in (dict(attrs).get("class") or "").split()
        elif self._within and tag == "tr":
            self.rows.append([])
        elif self._within and tag in ("td", "th"):
            self.rows[-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._in_cell = False
        elif tag == "table":
            self._within = False

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.rows[-1][-1] += data.strip()


def test_the_rug_has_the_published_index_of_each_service_of_each_region(
    settings: Settings, site: Path
) -> None:
    services = {
        row["service_code"]: row
        for row in published(settings, "mart_service_score")
        if (row["region_code"], row["period"]) == (CITY, PERIODS[-1])
    }
    sectors = {
        row["sector_code"]: row["index"]
        for row in published(settings, "mart_sector_score")
        if (row["region_code"], row["period"]) == (CITY, PERIODS[-1])
    }
    of = {row[0]: row[1:] for row in Texts(site / "provinsi" / "64.html", "rug").rows if row}
    expected: list[str] = []
    for sector in (
        "pendidikan",
        "kesehatan",
        "pekerjaan_umum",
        "perumahan_rakyat",
        "trantibumlinmas",
        "sosial",
    ):
        own = sorted(code for code, row in services.items() if row["sector_code"] == sector)
        expected += [str(int(sectors[sector])), *(str(int(services[code]["index"])) for code in own)]
    assert of["Kota Balikpapan"] == expected
    assert len(expected) == 35
    assert set(of["Kab. Paser"]) == {"–"}
    assert len(of["Kalimantan Timur"]) == 20


@pytest.mark.parametrize(("basis", "place"), [("submitted", (2, 4)), ("published", (None, None))])
def test_the_spine_shows_the_range_and_quartiles_of_peers_and_places_no_figure_of_the_press(
    tmp_path: Path, basis: str, place: tuple[int | None, int | None]
) -> None:
    """Six peers with known figures; the one in the middle of a quartile is itself a figure of a peer."""
    figures = {"11.71": 10, "11.72": 20, "11.73": 30, "11.74": 40, "11.75": 50, "12.71": 90}
    values = ", ".join(f"('{code}', {value})" for code, value in figures.items())
    with duckdb.connect() as connection:
        connection.execute(f"""
            create table cards as
                select '64.71' as page, '64.71' as region_code, '2024-Q4' as period, '{basis}' as basis;
            create table dim_sector as
                select 's' as sector_code, 1 as sort_order, 'S' as name_id, 'S' as name_en;
            create table mart_sector_score as
                select '' as region_code, '' as period, '' as sector_code, 0.0 as index, '' as basis
                where false;
            create table mart_region_score as
                select code as region_code, code as current_region_code, 'Kota ' || code as region_name,
                    '2024-Q4' as period, value::decimal(18, 6) as index, 'submitted' as basis
                from (values {values}, ('64.71', 45), ('99.99', 99)) as own(code, value);
            create table mart_peer as
                select '64.71' as region_code, '2024-Q4' as period, null::varchar as sector_code,
                    45::decimal(18, 6) as index, 35::decimal(18, 6) as peer_median, 6 as n_peers,
                    'size' as peer_basis, 10::decimal(18, 6) as difference_from_median,
                    '{", ".join(figures)}' as peers
        """)
        spine = Spines(ReleaseTables(connection, tmp_path)).spine("64.71")
    (row,) = spine.rows
    shown = [row[name] for name in ("lowest", "lower", "peer_median", "upper", "highest", "index")]
    assert shown == [10, 20, 35, 50, 90, 45]
    assert ((row["above"], row["below"]), row["compared_with"]) == (place, 6)
    assert (row["drawn"]["lower"], row["drawn"]["index"]) == ("20.0", "45.0")
    assert [one["peer_page"] for one in spine.peers] == sorted(figures)


def test_figures_of_the_press_have_no_place_in_the_order_of_a_sector(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute("""
            create table dim_region as
                select '' as region_code, '' as province_code, true as is_current where false;
            create table mart_region_score as
                select code as region_code, code as current_region_code, code as region_name, 'city' as level,
                    '64' as province_code, '2024-Q4' as period, 50::decimal(18, 6) as index_display,
                    basis = 'submitted' as is_ranked, null::int as rank_national, null::int as n_national,
                    basis
                from (values ('a', 'submitted'), ('b', 'published'), ('c', 'submitted'), ('d', 'submitted'))
                    as own(code, basis);
            create table mart_sector_score as
                select code as region_code, '2024-Q4' as period, 'kesehatan' as sector_code,
                    value::decimal(18, 6) as index, 1 as services_reported, 1 as services_owed,
                    0 as services_not_applicable, basis, 'm' as method_version
                from (values ('a', 70, 'submitted'), ('b', 99, 'published'), ('c', 80, 'submitted'),
                    ('d', 70, 'submitted')) as own(code, value, basis);
            create table mart_peer as
                select '' as region_code, '' as period, '' as sector_code, 0.0 as peer_median where false;
            create table reporting as
                select region_code, period, if(is_ranked, 'with_index', 'press') as reporting_status
                from mart_region_score
        """)
        found = sector_league(ReleaseTables(connection, tmp_path), "2024-Q4", "kesehatan")
    assert [(row["page"], row["rank_sector"]) for row in found["city"]] == [
        ("c", 1),
        ("a", 2),
        ("d", 2),
        ("b", None),
    ]
    assert {row["n_sector"] for row in found["city"]} == {3}


def test_a_figure_in_a_square_is_rounded_down_so_that_it_reaches_no_bound() -> None:
    site = object.__new__(Site)
    site._bounds = {"m": [(Decimal(0), 2), (Decimal(100), 1)]}
    almost = Decimal("99.999999")
    assert (str(int(almost)), site.place_of_value("m", almost)) == ("99", 2)
    assert site.place_of_value("m", Decimal(100)) == 1
    assert site.place_of_value("m", None) == 7


def test_time_is_drawn_as_long_as_it_was_and_no_line_leads_over_a_gap_a_year_or_the_press() -> None:
    rows = [
        {"period": "2021-Q4", "index": Decimal(90), "basis": "published"},
        {"period": "2023-Q1", "index": Decimal(10), "basis": "submitted"},
        {"period": "2023-Q2", "index": None, "basis": None},
        {"period": "2023-Q3", "index": Decimal(30), "basis": "submitted"},
        {"period": "2023-Q4", "index": Decimal(40), "basis": "submitted"},
        {"period": "2024-Q1", "index": Decimal(12), "basis": "submitted"},
    ]
    drawn = timeline(rows, "index")
    places = [point.x for point in drawn.points]
    steps = [round((after - before) / (places[-1] - places[0]) * 9, 6) for before, after in pairwise(places)]
    assert steps == [5, 2, 1, 1]
    assert len(drawn.lines) == 1
    third, fourth = (point for point in drawn.points if point.row["period"] in ("2023-Q3", "2023-Q4"))
    assert drawn.lines[0] == f"{third.x:.1f},{third.y:.1f} {fourth.x:.1f},{fourth.y:.1f}"
    assert [point.is_press for point in drawn.points] == [True, False, False, False, False]


# a table of hundreds of rows that are alike costs seconds and shows nothing more
_FEWER_ROWS = """
document.querySelectorAll("tbody").forEach((body) => {
  [...body.rows].slice(8, -8).forEach((row) => row.remove());
})
"""

# texts whose contrast with what lies behind them is below 4.5 (WCAG 2.2, 1.4.3)
_TOO_FAINT = """
(() => {
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b]
    .map((each) => each / 255)
    .map((each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4))
    .reduce((sum, each, at) => sum + each * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parts(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const faint = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.getClientRects().length) continue;
    const style = getComputedStyle(element);
    const of = element instanceof SVGElement ? style.fill : style.color;
    const [text, ground] = [light(parts(of)), light(behind(element))];
    const contrast = (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
    if (contrast < 4.5) faint.push(`${element.className || element.tagName}: ${contrast.toFixed(2)}`);
  }
  return [...new Set(faint)];
})()
"""
