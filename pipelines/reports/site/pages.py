"""From a release to the files of its site: which pages there are, and what each is given.

The same release gives the same bytes.
Put here: writing, and the pages that are no choice. Keep out: those of a choice of quarter, sector or service
(``explorer``), queries (``national``, ``cards``, ``judgement``), looks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipelines import progress
from pipelines.messages import message, say
from pipelines.publish.manifest import Manifest
from pipelines.publish.releases import Releases
from pipelines.reports.site import explorer, judgement
from pipelines.reports.site.public_tables import hide_texts
from pipelines.reports.site.rendering import Site
from pipelines.reports.site.reporting import make_reporting
from pipelines.reports.site.searching import searched
from pipelines.reports.site.spine import Spines
from pipelines.settings import Settings
from pipelines.storage.whole_files import SUFFIX, write_whole
from pipelines.warehouse.release_tables import release_tables

_ASSETS = Path(__file__).parent / "assets"


@dataclass(frozen=True, slots=True)
class SiteWritten:
    """A site: where its first page lies, how many files it has, the heaviest page in bytes of HTML."""

    index: Path
    files: int
    bytes: int
    heaviest_page: str
    heaviest_bytes: int


def write_site(settings: Settings) -> SiteWritten:
    """Write the site of the current release to ``SPM_HOME/reports/<release>/site``; an older one goes.

    Raises:
        UnknownReleaseError: nothing is published yet.
    """
    release = Releases(settings.published).current_folder()
    folder = settings.home / "reports" / release.name / "site"
    progress.step(say("site.step"))
    sizes: dict[str, int] = {}
    for path, content in site_files(release, settings.contact):
        write_whole(folder / path, content, flushed=False)
        sizes[path] = len(content)
        progress.advance(1)
    for found in folder.rglob("*"):
        # what ends in .partial may be of another `spm report` at work
        if found.is_file() and found.suffix != SUFFIX and found.relative_to(folder).as_posix() not in sizes:
            found.unlink(missing_ok=True)
    heaviest = max((path for path in sizes if path.endswith(".html")), key=lambda path: sizes[path])
    return SiteWritten(folder / "index.html", len(sizes), sum(sizes.values()), heaviest, sizes[heaviest])


def site_files(release: Path, contact: str | None = None) -> Iterator[tuple[str, bytes]]:
    """Each file of the site of a release's folder: its path and its bytes; the first page comes last.

    Figures that are made up are called so on every page and chart: they stand beside names of real regions.
    ``contact`` is the address that pages give for questions.
    """
    manifest = Manifest.read(release / "manifest.json")
    with release_tables(release) as tables:
        hide_texts(tables)
        make_reporting(tables)
        site = Site(tables, manifest, contact)
        files: list[str] = []
        for path, content in _most_files(site):
            files.append(path)
            yield path, content
        yield "data.html", site.page("data.html", "data.html", files=explorer.listed(site, files))
        yield from explorer.first_page(site)


def _most_files(site: Site) -> Iterator[tuple[str, bytes]]:
    for name in sorted(path.name for path in _ASSETS.iterdir()):
        yield f"assets/{name}", (_ASSETS / name).read_bytes()
    if site.is_demo:
        yield "assets/made-up.css", _over_each_printed_page()
    yield "assets/regions.js", searched(site)
    yield from explorer.quarters(site)
    yield from explorer.services(site)
    yield from _regions(site)
    yield from _judged(site)


def _regions(site: Site) -> Iterator[tuple[str, bytes]]:
    """The report card of each region."""
    spines = Spines(site.tables)
    for region in site.cards.regions:
        path, card = f"daerah/{region['page']}.html", site.cards.card(region)
        yield path, site.page("region.html", path, region=region, spine=spines.spine(region["page"]), **card)


def _judged(site: Site) -> Iterator[tuple[str, bytes]]:
    """The pages on method and quality, and on the release."""
    judged = judgement.method_and_quality(site.tables, site.manifest, site.period)
    yield "mutu.html", site.page("quality.html", "mutu.html", **judged)
    facts = judgement.release_facts(site.tables, site.manifest)
    yield "rilis.html", site.page("release.html", "rilis.html", pages=site.pages, **facts)


def _over_each_printed_page() -> bytes:
    """The notice at the top of each sheet of paper, where the program can; the banner stands on the first."""
    notice = str(message("demo.short")).replace("\\", "").replace('"', "")
    look = "color: #a10d0d; font: bold 8pt sans-serif"
    return f'@media print {{ @page {{ @top-center {{ content: "{notice}"; {look} }} }} }}\n'.encode()
