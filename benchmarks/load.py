"""What much at once costs: ``python -m benchmarks.load pages|inbox|lines|parts|readers --folder DIR``.

``pages``: an API of 2,000 pages. ``inbox``: 20,000 documents of one quarter. ``lines``: a CSV of 3 million
lines, which is refused. ``parts``: the same lines in documents that are taken. ``readers``: 5,000 readings of
the current release while others are published. Each prints one line of JSON: what was counted, seconds,
processor seconds, and the peak memory of the run and all that it started.

Put here: much input, and that nothing of it got lost. Keep out: whole runs (``runs``), the table (``rows``).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import duckdb

from benchmarks.measure import SPM, Measured, measure
from pipelines.landing.landed_rows import waiting
from pipelines.landing.raw_store import RawStore
from pipelines.publish.manifest import Manifest
from pipelines.settings import Settings
from pipelines.warehouse.parquet import read_all
from pipelines.warehouse.work_file import landed_files

PERIOD = "2024-Q4"
PAGES, ROWS_A_PAGE = 2_000, 100
DOCUMENTS = 20_000
LINES, LINES_A_PART = 3_000_000, 150_000
READINGS, AT_ONCE = 5_000, 50
HEADER = "record,region,period,service,component,item,unit,target,realised\n"


class LostError(RuntimeError):
    """Something that was sent is neither landed nor refused."""


def _line(number: int) -> str:
    return f"achievement,64.71,{PERIOD},K-PEND-01,recipients,item {number},orang,{number % 900 + 100},90\n"


def _sources(folder: Path, text: str) -> Path:
    sources = folder / "sources.yaml"
    sources.write_text(f"sources:\n- {text}\n", encoding="utf-8")
    return sources


def _taken_in(folder: Path, sources: Path, code: int = 0) -> Measured:
    """Receive, read and land what a source holds, and plan; nothing is built."""
    command = [
        SPM,
        "run",
        PERIOD,
        "--plan",
        "--sources",
        str(sources),
        "--home",
        str(folder / "home"),
        "--json",
    ]
    return measure(command, code=code)


def _landed(folder: Path) -> dict[str, int]:
    settings = Settings(folder / "home")
    store = RawStore(settings.raw)
    documents, rows = (read_all(landed_files(settings.landing, kind)) for kind in ("documents", "rows"))
    found = duckdb.sql(
        f"select (select count(*) from {documents}), (select count(*) from {rows}),"
        f" (select count(reject_rule) from {documents})"
    ).fetchall()[0]
    receipts = sum(1 for _ in store.receipts())
    waits = waiting(store, settings.landing)
    return dict(zip(("documents", "rows", "refused"), found, strict=True), receipts=receipts, waiting=waits)


def _demand(found: dict[str, int], **wanted: int) -> None:
    if wrong := {name: found[name] for name, value in wanted.items() if found[name] != value}:
        raise LostError(f"{wrong}, not {wanted}")


def _say(what: str, found: dict[str, object] | dict[str, int], took: Measured) -> None:
    figures = {"seconds": took.seconds, "cpu_seconds": took.cpu_seconds, "peak_mib": took.peak_mib}
    print(json.dumps({"what": what, **found, **{name: round(value, 1) for name, value in figures.items()}}))


class _Pages(BaseHTTPRequestHandler):
    """An API that pages by number."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """One page of rows; none after the last."""
        page = int(parse_qs(urlsplit(self.path).query).get("page", ["1"])[0])
        numbers = range((page - 1) * ROWS_A_PAGE, page * ROWS_A_PAGE) if page <= PAGES else range(0)
        names = HEADER.strip().split(",")
        rows = [dict(zip(names, _line(number).strip().split(","), strict=True)) for number in numbers]
        body = json.dumps([{"id": number, **row} for number, row in zip(numbers, rows, strict=True)]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@contextmanager
def _served() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/rows"
    finally:
        server.shutdown()


def pages(folder: Path) -> None:
    """An API of many pages, read until two passes agree."""
    with _served() as address:
        sources = _sources(
            folder,
            f"{{name: api, kind: rest, url: '{address}', key: id, requests_per_second: 5000,"
            " pages: {by: number, param: page}}",
        )
        took = _taken_in(folder, sources)
    found = _landed(folder)
    _demand(found, rows=PAGES * ROWS_A_PAGE, waiting=0)
    _say(f"an API of {PAGES} pages", found, took)


def inbox(folder: Path) -> None:
    """Many documents of one quarter."""
    (folder / "inbox").mkdir()
    for number in range(DOCUMENTS):
        (folder / "inbox" / f"{number:05}.csv").write_text(HEADER + _line(number), encoding="utf-8")
    took = _taken_in(folder, _sources(folder, "{name: inbox, kind: csv, path: 'inbox/*.csv'}"))
    found = _landed(folder)
    _demand(found, documents=DOCUMENTS, receipts=DOCUMENTS, rows=DOCUMENTS, refused=0, waiting=0)
    _say(f"an inbox of {DOCUMENTS} documents", found, took)


def lines(folder: Path) -> None:
    """A CSV of many lines as one document: it is refused, with what to do."""
    took, found = _of_lines(folder, LINES, code=1)
    _demand(found, documents=1, receipts=1, refused=1, rows=0, waiting=0)
    if not any("DOC-011" in line for _, line in took.log):
        raise LostError(f"nobody is told: {took.log}")
    _say(f"a CSV of {LINES} lines", found, took)


def parts(folder: Path) -> None:
    """The same lines in documents that are taken."""
    took, found = _of_lines(folder, LINES_A_PART)
    count = LINES // LINES_A_PART
    _demand(found, documents=count, receipts=count, refused=0, rows=LINES, waiting=0)
    _say(f"{LINES} lines in {count} documents", found, took)


def _of_lines(folder: Path, lines_a_document: int, code: int = 0) -> tuple[Measured, dict[str, int]]:
    (folder / "inbox").mkdir()
    for start in range(0, LINES, lines_a_document):
        with (folder / "inbox" / f"{start:07}.csv").open("w", encoding="utf-8") as file:
            file.write(HEADER)
            file.writelines(map(_line, range(start, start + lines_a_document)))
    took = _taken_in(folder, _sources(folder, "{name: inbox, kind: csv, path: 'inbox/*.csv'}"), code)
    return took, _landed(folder)


def readers(folder: Path) -> None:
    """Readings of the current release, many at a time, while a process of its own publishes others."""
    from pipelines.publish.releases import Releases
    from tests.integration.candidates import PERIODS, release, rewrite, rows_of
    from tests.integration.home import candidate_of, document, put, settings_of

    rows = [row for period in PERIODS for row in rows_of(period)]
    put(folder / "inbox" / "rows.csv", document(rows))
    candidate = replace(candidate_of(settings_of(folder), PERIODS), base_release=None)
    releases = Releases(folder / "home" / "published")
    release(releases, candidate)
    stop = folder / "stop"

    def publish() -> None:
        number = 0
        while not stop.exists():
            number += 1
            score = f"select * replace ({number % 100}::decimal(9, 6) as index) from t"
            rewrite(candidate.file("mart_region_score"), score)
            release(releases, candidate)

    publisher = get_context("fork").Process(target=publish)
    publisher.start()
    started, cpu = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        read = list(pool.map(lambda number: _read_current(releases.root, number), range(READINGS)))
    seconds, used = time.perf_counter() - started, time.process_time() - cpu
    stop.touch()
    publisher.join()
    if publisher.exitcode:
        raise LostError("publishing did not end well")
    said = {
        "readings": len(read),
        "at_once": AT_ONCE,
        "releases": len(releases.ids()),
        "seen": len(set(read)),
    }
    took = {"seconds": round(seconds, 1), "cpu_seconds": round(used, 1)}
    print(json.dumps({"what": "readers", **said, **took}))


def _read_current(published: Path, number: int) -> str:
    """The release that one reading finds: all its files are there, and a tenth of them is proved."""
    place = (published / "current").resolve(strict=True)
    manifest = Manifest.read(place / "manifest.json")
    if {path.name for path in place.iterdir()} != {"manifest.json", *manifest.files()}:
        raise LostError(f"{place.name} is not whole")
    for name, sha256 in sorted(manifest.files().items())[number % 10 :: 10]:
        if hashlib.sha256((place / name).read_bytes()).hexdigest() != sha256:
            raise LostError(f"{place.name}/{name}")
    return manifest.release_id


def main() -> None:
    """Do one of them in ``--folder``, which is made and removed."""
    parser = argparse.ArgumentParser(description=__doc__)
    every = {one.__name__: one for one in (pages, inbox, lines, parts, readers)}
    parser.add_argument("what", choices=every)
    parser.add_argument("--folder", type=Path, required=True)
    asked = parser.parse_args()
    folder = asked.folder.resolve() / f"load-{os.getpid()}"
    folder.mkdir(parents=True)
    try:
        every[asked.what](folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
