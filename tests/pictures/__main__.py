"""Make the pictures of the docs anew, from a home that was run (`make demo` makes one): `make pictures`.

Put here: which picture shows what. Keep out: the pages that are shown.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from pipelines.cli.demo import PUBLISHED_FIGURES
from pipelines.settings import PROJECT_DIR, read_settings
from tests.integration.dagster_ui import webserver

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
LINEAGE = PROJECT_DIR / "docs" / "lineage.png"
SITE = PROJECT_DIR / "docs" / "images" / "report-site.png"


def lineage(browser: Browser, home: Path) -> None:
    """The groups of assets, as the UI draws them."""
    with webserver(read_settings(home=home, sources_file=PUBLISHED_FIGURES)) as address:
        page = browser.new_page(viewport={"width": 1800, "height": 1000})
        page.goto(f"{address}/asset-groups")
        page.get_by_text("marts_core").first.wait_for(timeout=120_000)
        page.wait_for_timeout(3_000)  # the drawing settles
        page.screenshot(path=LINEAGE)


def site(browser: Browser, page_file: Path) -> None:
    """The national page of the report site."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(page_file.as_uri())
    page.screenshot(path=SITE)


def main(home: Path) -> None:
    if CHROMIUM is None:
        sys.exit("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        lineage(browser, home)
        pages = sorted(home.glob("report*/**/index.html"))
        if pages:
            site(browser, pages[-1])
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
