"""``spm serve`` as clients meet it: what is published, the check of a form, and everybody who means no good.

A real server in a process of its own, asked by httpx, by bare sockets and by Chromium.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import httpx
import psutil
import pytest
from axe_playwright_python.sync_playwright import Axe
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, sync_playwright
from typer.testing import CliRunner

from pipelines.cli.app import app
from pipelines.publish.open_data.export import export
from pipelines.publish.releases import Releases
from pipelines.registry.catalogue import services_owed
from pipelines.registry.periods import Period
from pipelines.reports.site.pages import write_site
from pipelines.serve.app import application
from pipelines.serve.limits import Limits, TooManyError
from pipelines.settings import MB, Settings
from pipelines.storage.lock import one_writer
from tests.hostile.corpus import HOSTILE
from tests.hostile.forms import good_form
from tests.integration.home import Row, document, publish_periods, published, put, settings_of
from tests.integration.serving import HOST, Server, serving

CITY = "64.71"
Q3, Q4 = "2024-Q3", "2024-Q4"
CLOSED_PAGE = "2024-Q4-0123456789ab"
MOST_MB = 1
HOSTILE_TEXT = "<script>alert(1)</script><img src=x onerror=alert(1)>"
SOME_HOSTILE = ("bomb",)
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
in_a_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
attacked = pytest.mark.attack("server")


def reported(period: str, served: int, sectors: tuple[str, ...] = ()) -> list[Row]:
    """What the city sends: every service, or those of some sectors, served alike."""
    return [
        {
            "record": "achievement",
            "region": CITY,
            "period": period,
            "service": service.service_code,
            "component": "recipients",
            "unit": "Orang",
            "target": "2000",
            "realised": str(served * 20),
        }
        for service in services_owed("regency_city", Period.parse(period))
        if not sectors or service.sector_code in sectors
    ]


class Harmless(HTMLParser):
    """A page without script, picture, frame, or anything that begins by itself."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in {"script", "img", "iframe", "object", "embed", "style", "svg", "base"}, tag
        assert not [name for name, _ in attrs if name.startswith("on") or name == "style"], attrs
        assert not [value for _, value in attrs if (value or "").lower().startswith("javascript:")], attrs


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with two releases; site and open data are of the second one, and a gate once closed."""
    settings = settings_of(tmp_path_factory.mktemp("serve"))
    for period, served in ((Q3, 50), (Q4, 70)):
        put(settings.home.parent / "inbox" / f"{CITY}_{period}.csv", document(reported(period, served)))
        publish_periods(settings, [period])
        write_site(settings)
    export(settings)
    settings.closed.mkdir()
    for ending in ("html", "csv", "json"):
        (settings.closed / f"{CLOSED_PAGE}.{ending}").write_text(f"<style>b{{}}</style>{ending}")
    (settings.reports / "feedback").mkdir()
    (settings.reports / "feedback" / "rahasia.xlsx").write_text("rahasia")
    return settings


@pytest.fixture(scope="module")
def server(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server behind a proxy of this machine, which takes many small forms."""
    said = {
        "SPM_MAX_FILE_MB": str(MOST_MB),
        "SPM_SERVE_RATE": "1000",
        "SPM_TRUSTED_PROXIES": HOST,
        "SPM_PUBLIC_URL": "https://spm.example.go.id/laporan/",
    }
    with serving(settings.home, tmp_path_factory.mktemp("server"), said) as found:
        yield found


@pytest.fixture(scope="module")
def narrow(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that trusts nobody, with a second for each form, and few of them."""
    said = {
        "SPM_SERVE_CHECKS": "1",
        "SPM_SERVE_SECONDS": "1",
        "SPM_SERVE_UPLOAD_SECONDS": "1",
        "SPM_SERVE_RATE": "4",
        "SPM_SERVE_GATES": "no",
    }
    with serving(settings.home, tmp_path_factory.mktemp("narrow"), said) as found:
        yield found


class TestPublished:
    def test_site_and_open_data_are_answered_as_they_were_written(
        self, settings: Settings, server: Server
    ) -> None:
        release = Releases(settings.published).current_id()
        site, data = settings.reports / release / "site", settings.open_data / release
        names = {path.relative_to(site).as_posix(): path for path in site.rglob("*.*")}
        of_data = {path.relative_to(data).as_posix(): path for path in data.rglob("*.*")}
        assert names.keys() & of_data.keys() == set(), "a file of the site hides one of the open data"
        asked = ["index.html", f"daerah/{CITY}.html", "assets/style.css", "grafik/tren.svg"]
        asked += ["data.json", "catalogue.jsonld", "csv/mart_region_score.csv", "spm-ringkasan.xlsx"]
        for name in asked:
            found = server.get(f"/{name}")
            assert (found.status_code, found.content) == (200, (names | of_data)[name].read_bytes()), name
            assert server.get(f"/{name}", headers={"If-None-Match": found.headers["etag"]}).status_code == 304
        assert server.get("/").content == names["index.html"].read_bytes()
        assert server.get("/catalog.jsonld").content == of_data["catalogue.jsonld"].read_bytes()
        assert server.get("/data.json").headers["access-control-allow-origin"] == "*"
        assert json.loads(server.get("/healthz").content) == {"ok": True, "release": release}

    def test_crawlers_are_told_the_public_address_of_each_page(self, server: Server) -> None:
        listed = re.findall("<loc>(.*?)</loc>", server.get("/sitemap.xml").text)
        assert f"https://spm.example.go.id/laporan/daerah/{CITY}.html" in listed
        robots = server.get("/robots.txt").text.splitlines()
        assert robots[-1] == "Sitemap: https://spm.example.go.id/laporan/sitemap.xml"

    def test_a_proxy_may_leave_the_prefix_of_the_public_address_on(self, server: Server) -> None:
        assert server.get("/laporan/cek").content == server.get("/cek").content
        assert server.get("/laporan/").content == server.get("/").content

    def test_quality_pages_and_closed_gates_are_linked(
        self, settings: Settings, server: Server, narrow: Server
    ) -> None:
        links = re.findall(r'<li><a href="([^"]+)"', server.get("/gerbang/").text)
        assert links == [
            *(f"{release}.html" for release in sorted(Releases(settings.published).ids())[::-1]),
            f"{CLOSED_PAGE}.html",
        ]
        for link in links:
            found = server.get(f"/gerbang/{link}")
            assert found.status_code == 200
            assert "unsafe" not in found.headers["content-security-policy"]
        assert server.get(f"/gerbang/{CLOSED_PAGE}.csv").status_code == 200
        assert server.get(f"/gerbang/{CLOSED_PAGE}.json").status_code == 404
        assert {narrow.get(f"/gerbang/{link}").status_code for link in ["", *links]} == {404}

    def test_every_answer_says_what_a_browser_may_not_do(self, server: Server) -> None:
        for path in ("/", "/cek", "/cek/gaya.css", "/nihil", "/data.json", "/grafik/tren.svg", "/gerbang/"):
            headers = server.get(path).headers
            assert headers["x-content-type-options"] == "nosniff", path
            assert headers["x-frame-options"] == "DENY", path
            policy = headers["content-security-policy"]
            assert policy.startswith("default-src 'none'"), path
            assert "frame-ancestors 'none'" in policy, path
            assert "script-src" not in policy or "script-src 'self';" in policy, path
            assert "server" not in headers
        strict = server.get("/cek").headers["content-security-policy"]
        assert "script" not in strict
        assert "unsafe" not in strict

    def test_a_proxy_alone_says_whether_it_was_asked_by_tls(self, server: Server, narrow: Server) -> None:
        said = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
        assert "strict-transport-security" in server.get("/cek", headers=said).headers
        assert "strict-transport-security" not in narrow.get("/cek", headers=said).headers

    def test_another_release_is_seen_at_once_and_what_is_not_written_is_said(
        self, settings: Settings, tmp_path: Path
    ) -> None:
        """One home, as its current release moves; its paths alone decide, so no server need be started."""
        home = tmp_path / "home"
        shutil.copytree(settings.home, home, symlinks=True)
        own = Settings(home)
        releases = Releases(own.published)
        first, second = releases.ids()

        def asked(path: str, tag: str = "") -> httpx.Response:
            async def ask() -> httpx.Response:
                transport = httpx.ASGITransport(application(own))
                async with httpx.AsyncClient(transport=transport, base_url="http://spm") as client:
                    return await client.get(path, headers={"If-None-Match": tag})

            return asyncio.run(ask())

        assert second in asked("/").text
        tag = asked("/").headers["etag"]
        releases.point_to(first)
        shown = asked("/", tag)
        assert (shown.status_code, first in shown.text) == (200, True)
        assert "spm export" in asked("/data.json").text
        # the site of a release that was rolled back stands in for none
        shutil.rmtree(own.reports / first)
        assert (asked("/").status_code, "spm report" in asked("/").text) == (503, True)
        # that of the release before does, and says so on each page
        shutil.copytree(settings.reports / first, own.reports / first)
        shutil.rmtree(own.reports / second)
        releases.point_to(second)
        page = asked(f"/daerah/{CITY}.html")
        assert page.status_code == 200
        assert f"Halaman ini dari rilis {first}; situs rilis terkini {second} belum ditulis" in page.text
        assert asked("/assets/style.css").status_code == 200
        shutil.rmtree(own.published)
        assert "spm run" in asked("/").text
        assert asked("/healthz").json() == {"ok": True, "release": None}


PLANTED = ("tautan.html", "tautan/manifest.json", ".rahasia.html", "pipa.html", "setengah.html.123.partial")


@pytest.fixture(scope="module")
def planted(settings: Settings) -> Path:
    """The folder of the site, with what must not be answered in it."""
    site = settings.reports / Releases(settings.published).current_id() / "site"
    (site / "tautan.html").symlink_to(settings.published / "current" / "manifest.json")
    (site / "tautan").symlink_to(settings.published / "current")
    (site / ".rahasia.html").write_text("rahasia")
    (site / "setengah.html.123.partial").write_text("rahasia")
    os.mkfifo(site / "pipa.html")
    return site


@attacked
@pytest.mark.parametrize(
    "path",
    [
        "/../feedback/rahasia.xlsx",
        "/daerah/../../../feedback/rahasia.xlsx",
        "/..%2f..%2ffeedback%2frahasia.xlsx",
        "/%2e%2e/%2e%2e/feedback/rahasia.xlsx",
        "/%252e%252e/feedback/rahasia.xlsx",
        "/..\\..\\feedback\\rahasia.xlsx",
        "/..%5c..%5cfeedback%5crahasia.xlsx",
        "//etc/passwd",
        "/%2fetc%2fpasswd",
        "/index.html%00.css",
        "/index.html/",
        "/./index.html",
        "/manifest.json",
        "/current/manifest.json",
        "/spm.duckdb",
        "/mart_region_score.parquet",
        "/gerbang/../feedback/rahasia.xlsx",
        "/gerbang/..%2freports%2ffeedback%2frahasia.xlsx",
        "/gerbang/manifest.json",
        "/gerbang/r0001-000000000000.html",
        "/gerbang/.html",
        "/laporan/../../feedback/rahasia.xlsx",
        f"/{'a/' * 300}index.html",
        f"/{'a' * 5000}.html",
        *(f"/{name}" for name in PLANTED),
    ],
)
def test_nothing_but_what_is_published_is_answered(server: Server, planted: Path, path: str) -> None:
    said = server.raw(f"GET {path} HTTP/1.1\nHost: {HOST}\nConnection: close\n\n")
    head, _, body = said.partition(b"\r\n\r\n")
    assert head.split()[1] in {b"404", b"400"}, head
    assert b"rahasia" not in body
    assert b"root:" not in body


class TestCheck:
    def test_a_good_form_is_well_and_leaves_nothing(self, settings: Settings, server: Server) -> None:
        before = {path: path.lstat().st_mtime_ns for path in settings.home.rglob("*")}
        # whoever writes in the home stops no reader
        with one_writer(settings.home, "test"):
            found = server.check("kota.csv", document(reported(Q4, 70)))
        assert found.status_code == 200, found.text
        # achievements alone, all of them round; recipients weigh 80 where no quality is reported
        assert "2 perlu diperiksa" in found.text
        assert (found.text.count("<strong>56,00</strong>"), found.headers["cache-control"]) == (2, "no-store")
        assert server.settled() == []
        after = {path: path.lstat().st_mtime_ns for path in settings.home.rglob("*")}
        assert {path for path in after if before.get(path) != after[path]} <= {
            settings.home / ".writer",
            settings.home,
        }

    def test_what_a_file_does_not_hold_stays_as_published(self, settings: Settings, server: Server) -> None:
        found = server.check("kesehatan.csv", document(reported(Q4, 100, ("kesehatan",))), lang="en")
        (row,) = [
            one
            for one in published(settings, "mart_region_score")
            if (one["region_code"], one["period"]) == (CITY, Q4)
        ]
        sectors = [
            one
            for one in published(settings, "mart_sector_score")
            if (one["region_code"], one["period"]) == (CITY, Q4)
        ]
        (own,) = [one for one in sectors if one["sector_code"] == "kesehatan"]
        others = sum((one["index"] for one in sectors if one is not own), Decimal(0))
        after = (others + Decimal(80)) / 6
        assert found.text.count("<small>of this file</small>") == 1
        assert found.text.count("<small>as published</small>") == 5
        shown = re.findall(r"<strong>([\d,]+)</strong>", found.text)
        assert shown == [f"{row['index_display']}".replace(".", ","), f"{after:.2f}".replace(".", ",")]

    def test_each_finding_stands_at_its_cell_in_both_languages(self, server: Server) -> None:
        rows = reported(Q4, 70)
        rows[0]["realised"] = "sembilan"
        rows[1]["service"] = HOSTILE_TEXT
        rows[2]["note"] = '=HYPERLINK("http://evil.example")'
        name = f"{HOSTILE_TEXT.replace('/', '')}.csv"
        found = server.check(name, document(rows))
        assert "<h3>Baris 2</h3>" in found.text
        assert "Angka pada L2 tidak terbaca: sembilan" in found.text
        assert "&lt;script&gt;" in found.text
        Harmless().feed(found.text)
        # a form of one row and no budget
        form = server.check("form.xlsx", good_form(), lang="en").text
        assert "<h3>Kesehatan!A6</h3>" in form
        assert 'lang="en"' in form
        assert not re.search("Hanya capaian|perlu diperiksa|Baris", form)

    def test_the_feedback_workbook_is_taken_away(self, server: Server) -> None:
        rows = reported(Q4, 70)
        rows[0]["realised"] = "sembilan"
        found = server.check('kota"; filename="jahat.csv', document(rows), wanted="buku")
        assert found.headers["content-disposition"].startswith('attachment; filename="umpan-balik-')
        assert found.headers["content-disposition"].count('"') == 2
        book = load_workbook(io.BytesIO(found.content))
        assert book.sheetnames[0] == "Ringkasan"
        assert "sembilan" in {cell.value for row in book.worksheets[1].iter_rows() for cell in row}
        assert server.settled() == []

    def test_two_at_once_are_each_answered_with_their_own(self, server: Server) -> None:
        def check(served: int) -> str:
            return server.check(f"{served}.csv", document(reported(Q4, served))).text

        with ThreadPoolExecutor(2) as pool:
            found = list(pool.map(check, (10, 90)))
        for served, page in zip((10, 90), found, strict=True):
            assert f'<span class="name">{served}.csv</span>' in page
        assert [re.findall(r"<strong>([\d,]+)</strong>", page)[0] for page in found] == ["56,00"] * 2
        assert len({re.findall(r"<strong>([\d,]+)</strong>", page)[1] for page in found}) == 2
        assert server.settled() == []


def _hostile(name: str) -> object:
    marks = [attacked] if name in SOME_HOSTILE else [attacked, pytest.mark.slow]
    return pytest.param(name, marks=marks)


@pytest.mark.parametrize("name", [_hostile(name) for name, one in HOSTILE.items() if one.kind != "extract"])
def test_a_hostile_file_is_refused_by_its_rule_and_leaves_nothing(server: Server, name: str) -> None:
    hostile = HOSTILE[name]
    content = hostile.make()
    found = server.check(f"berkas.{'xlsx' if hostile.kind == 'workbook' else 'csv'}", content)
    if len(content) > MOST_MB * MB:
        assert found.status_code == 413
    else:
        assert found.status_code == 200, found.text
        assert hostile.rule_id in found.text
        assert "Berkas ditolak" in found.text
    assert server.settled() == []


class TestRefused:
    @attacked
    def test_a_file_that_is_too_large_is_refused_while_it_comes(self, server: Server) -> None:
        sent = 0

        def pieces() -> Iterator[bytes]:
            nonlocal sent
            yield b'--x\r\nContent-Disposition: form-data; name="berkas"; filename="a.csv"\r\n\r\n'
            for _ in range(200):
                sent += MB
                yield b"a" * MB

        try:
            found = httpx.post(
                f"{server.url}/cek",
                content=pieces(),
                headers={"Content-Type": "multipart/form-data; boundary=x"},
                timeout=60,
            )
            assert found.status_code == 413
        except (httpx.WriteError, httpx.ReadError):
            pass  # closed while it was sending
        assert sent < 150 * MB
        assert server.settled() == []
        # one that says how large it is is answered before it is sent
        head = f"POST /cek HTTP/1.1\nHost: {HOST}\nContent-Type: multipart/form-data; boundary=x\n"
        said = server.raw(f"{head}Content-Length: {10**12}\n\n")
        assert said.startswith(b"HTTP/1.1 413")
        assert f"lebih besar dari {MOST_MB} MB".encode() in said

    @attacked
    def test_who_goes_away_leaves_nothing(self, server: Server) -> None:
        body = document(reported(Q4, 70))
        part = b'--x\r\nContent-Disposition: form-data; name="berkas"; filename="a.csv"\r\n\r\n' + body
        whole = part + b"\r\n--x--\r\n"
        head = f"POST /cek HTTP/1.1\nHost: {HOST}\nContent-Type: multipart/form-data; boundary=x\n"
        for sent in (part[:-100], whole):
            with server.sending(f"{head}Content-Length: {len(whole)}\n\n", sent):
                assert server.arrived()
            assert server.settled() == []
        cut = server.raw(f"{head}Content-Length: {len(part)}\n\n", part)
        assert cut.startswith(b"HTTP/1.1 400")
        assert b"tidak sampai utuh" in cut
        assert server.settled() == []

    def test_what_is_no_form_is_one_line(self, server: Server) -> None:
        address = f"{server.url}/cek"
        two = [("berkas", ("a.csv", b"x")), ("berkas", ("b.csv", b"y"))]
        for status, said, found in (
            (415, "melalui formulir", httpx.post(address, content=b"x")),
            (400, "satu berkas saja", httpx.post(address, files=two)),
            (400, "satu berkas saja", httpx.post(address, files={"lain": ("a.csv", b"x")})),
            (400, "Pilih berkas dahulu", httpx.post(address, files={"berkas": ("", b"")})),
            (400, "Pilih berkas dahulu", httpx.post(address, files={"jawaban": (None, "halaman")})),
            (400, "melalui formulir", httpx.post(address, files={"jawaban": (None, "x" * 5000)})),
            (403, "situs lain", server.check("a.csv", b"x", headers={"Sec-Fetch-Site": "cross-site"})),
            (405, "tidak dilayani", httpx.put(address, content=b"x")),
        ):
            assert (found.status_code, said in found.text) == (status, True), found.text
        assert server.settled() == []

    @attacked
    def test_a_form_that_takes_too_long_is_stopped_with_all_that_it_left(self, narrow: Server) -> None:
        processes = psutil.Process(narrow.process.pid).children(recursive=True)
        assert processes
        found = narrow.check("besar.csv", document(reported(Q4, 70) * 2000))
        assert (found.status_code, "lebih lama dari 1 detik" in found.text) == (422, True), found.text
        assert narrow.settled() == []
        # the one that checked, and its reader: another one waits by now
        _, alive = psutil.wait_procs(processes, 10)
        assert alive == []
        head = f"POST /cek HTTP/1.1\nHost: {HOST}\nContent-Type: multipart/form-data; boundary=x\n"
        said = narrow.raw(f"{head}Content-Length: 500\n\n", b"--x\r\n")
        assert said.startswith(b"HTTP/1.1 408")
        assert narrow.settled() == []

    @attacked
    def test_an_address_that_sends_too_many_waits_whomever_it_claims_to_be(self, narrow: Server) -> None:
        for number in range(5):
            # no file was chosen: it counts, and costs nothing
            found = narrow.check("", b"", headers={"X-Forwarded-For": f"203.0.113.{number}"})
            if found.status_code == 429:
                break
        assert found.status_code == 429
        assert 0 < int(found.headers["retry-after"]) <= 60
        assert narrow.get("/cek").status_code == 200

    def test_a_port_in_use_and_a_home_that_is_not_there_are_one_line_and_exit_2(
        self, settings: Settings, server: Server, tmp_path: Path
    ) -> None:
        home = str(settings.home)
        for arguments in (
            ["--home", home, "--port", str(server.port)],
            ["--home", home, "--host", "203.0.113.1"],
            ["--home", str(tmp_path / "nihil")],
        ):
            done = CliRunner().invoke(app, ["serve", *arguments])
            assert (done.exit_code, len(done.output.strip().splitlines())) == (2, 1), done.output


class TestLimits:
    def test_an_address_has_its_forms_of_a_minute_and_half_of_the_places(self) -> None:
        limits = Limits(rate=3, at_once=4)
        with limits.admitted("2001:db8::1"), limits.admitted("2001:db8::2"):
            with pytest.raises(TooManyError) as refused, limits.admitted("2001:db8::3"):
                pass
            assert refused.value.is_own
            with limits.admitted("10.0.0.1"), limits.admitted("10.0.0.2"):
                with pytest.raises(TooManyError) as refused, limits.admitted("10.0.0.3"):
                    pass
                assert not refused.value.is_own
        with pytest.raises(TooManyError) as refused, limits.admitted("2001:db8::4"):
            pass
        assert 0 < refused.value.seconds <= 20


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@in_a_browser
class TestInABrowser:
    def test_a_form_is_checked_on_a_phone_without_script(
        self, browser: Browser, server: Server, tmp_path: Path
    ) -> None:
        rows = reported(Q4, 70)
        rows[0]["realised"] = HOSTILE_TEXT
        form = tmp_path / "<img src=x onerror=alert(1)>.csv"
        form.write_bytes(document(rows))
        context = browser.new_context(
            viewport={"width": 390, "height": 844}, java_script_enabled=False, accept_downloads=True
        )
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("dialog", lambda dialog: said.append(dialog.message))
        page.goto(f"{server.url}/cek")
        page.set_input_files("#berkas", form)
        page.click("button[value=halaman]")
        assert page.locator("h1").inner_text().endswith(form.name)
        assert "Baris 2" in page.locator("li.fatal h3").all_inner_texts()
        assert page.locator("li.fatal code").first.inner_text() == HOSTILE_TEXT
        with page.expect_download() as download:
            page.click("a.button")
        assert load_workbook(io.BytesIO(download.value.path().read_bytes())).sheetnames[0] == "Ringkasan"
        assert said == []
        context.close()

    def test_a_person_reads_why_a_file_is_too_large(
        self, browser: Browser, server: Server, tmp_path: Path
    ) -> None:
        page = browser.new_page()
        for size in (MOST_MB * MB + 1, 20 * MB):
            form = tmp_path / f"{size}.csv"
            form.write_bytes(b"a" * size)
            page.goto(f"{server.url}/cek")
            page.set_input_files("#berkas", form)
            page.click("button[value=halaman]")
            said = page.locator("[role=alert]").inner_text()
            assert said == f"Berkas lebih besar dari {MOST_MB} MB; kirim per daerah atau per triwulan"
        page.close()

    def test_no_rule_of_accessibility_is_broken(
        self, browser: Browser, server: Server, tmp_path: Path
    ) -> None:
        rows = reported(Q4, 70)
        rows[0]["realised"] = "sembilan"
        form = tmp_path / "kota.csv"
        form.write_bytes(document(rows))
        # axe is put into the page, which no policy of ours lets a page do
        context = browser.new_context(bypass_csp=True)
        page = context.new_page()
        for path in ("/cek?lang=en", "/gerbang/", "/nihil", "/cek"):
            page.goto(f"{server.url}{path}")
            self.demand_accessible(page, path)
        page.set_input_files("#berkas", form)
        page.click("button[value=halaman]")
        assert page.locator("li.fatal").count() == 1
        self.demand_accessible(page, "result")
        context.close()

    @staticmethod
    def demand_accessible(page: Page, path: str) -> None:
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 844})
            found = Axe().run(page).response["violations"]
            broken = [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found]
            assert broken == [], (path, width)
            overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert page.evaluate(overflow) == 0, (path, width)

    def test_a_page_of_the_site_breaks_no_policy(self, browser: Browser, server: Server) -> None:
        page = browser.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        for path in ("/", f"/daerah/{CITY}.html", "/peringkat.html", "/gerbang/"):
            page.goto(f"{server.url}{path}")
        page.goto(f"{server.url}/")
        drawn = page.evaluate("[...document.images].map(image => image.naturalWidth > 0)")
        assert all(drawn)
        assert said == []
        assert unquote(page.url) == f"{server.url}/"
        page.close()
