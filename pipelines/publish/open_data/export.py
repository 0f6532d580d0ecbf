"""The folder of open data of one release, whole or not at all.

Put here: the steps, the place. Keep out: what each file is (its own module).
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import psutil

from pipelines import progress
from pipelines.errors import ConfigurationError
from pipelines.messages import say
from pipelines.publish.manifest import DATABASE, Manifest
from pipelines.publish.open_data import catalogue, data_package, sdmx, workbook
from pipelines.publish.open_data.csv_files import DIALECTS, write_csv
from pipelines.publish.open_data.files import PARQUET, XLSX, OpenFile, Publication, Publisher, described
from pipelines.publish.open_data.tables import DEMO_COLUMN, PublicTable, public_tables
from pipelines.publish.releases import Releases
from pipelines.registry.columns import COLUMN_WORDS, WORDS
from pipelines.settings import Settings
from pipelines.storage.whole_files import SUFFIX, flush, flush_all, writer_of
from pipelines.submissions.demo_mark import marked_notice
from pipelines.warehouse.parquet import connect, read, write_table


class ExportFolderError(ConfigurationError):
    """The folder holds something else: nothing that is not an export is replaced."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: tables, rows in them, files and their bytes; ``lacking`` are the options that a
    portal would want."""

    release_id: str
    folder: str
    tables: int
    rows: int
    files: int
    bytes: int
    lacking: list[str] = field(default_factory=list)
    is_demo: bool = False


def export(
    settings: Settings, release_id: str = "latest", to: Path | None = None, by: Publisher | None = None
) -> Exported:
    """Write the open data of a release (an id, its beginning, ``latest``), replacing an earlier export.

    It goes to ``to``, else to ``open-data/<release>`` of the home.

    Raises:
        UnknownReleaseError: there is no such release.
        ExportFolderError: the folder holds something else.
    """
    releases = Releases(settings.published)
    if release_id == "latest":
        release_id = releases.current_id()
    manifest = releases.manifest(releases.find(release_id))
    folder = (to or settings.home / "open-data" / manifest.release_id).resolve()
    _demand_replaceable(folder)
    source = releases.folder(manifest.release_id, DATABASE)
    with _replacing(folder) as partial:
        spill = partial.with_suffix(".spill")
        with connect(settings.threads, settings.memory_limit, spill) as connection:
            exported = _write(connection, source, manifest, partial, by or Publisher())
    return Exported(folder=str(folder), **exported)


def _demand_replaceable(folder: Path) -> None:
    is_ours = (folder / data_package.FILE).is_file()
    if folder.exists() and not is_ours and (folder.is_file() or any(folder.iterdir())):
        raise ExportFolderError(say("export.folder_in_use", at=folder))


@contextmanager
def _replacing(folder: Path) -> Iterator[Path]:
    """A folder to fill; it takes the place of ``folder`` when the block ends well, else all is as before."""
    for left in folder.parent.glob(f".{folder.name}.*{SUFFIX}"):
        if not psutil.pid_exists(writer_of(left) or os.getpid()):
            shutil.rmtree(left, ignore_errors=True)
    partial = folder.with_name(f".{folder.name}.{os.getpid()}{SUFFIX}")
    before = partial.with_suffix(".before")
    partial.mkdir(parents=True)
    try:
        yield partial
        # what is given out is whole, be it after a power cut
        flush_all([path for path in partial.rglob("*") if path.is_file()], partial)
        if folder.exists():
            folder.rename(before)
        partial.rename(folder)
        flush(folder.parent)
        shutil.rmtree(before, ignore_errors=True)
    finally:
        for left in (partial, partial.with_suffix(".spill")):
            shutil.rmtree(left, ignore_errors=True)


def _write(
    connection: duckdb.DuckDBPyConnection, source: Path, manifest: Manifest, folder: Path, by: Publisher
) -> dict[str, Any]:
    progress.step(say("export.step", release=manifest.release_id))
    tables = public_tables(connection, source, manifest.content.is_demo)
    publication = _publication(connection, source, manifest, by)
    files: list[OpenFile] = []
    for table in tables.values():
        for dialect in DIALECTS:
            write_csv(connection, table, dialect, folder / dialect.file(table.name))
            files.append(described(folder, dialect.file(table.name), "text/csv", table.name, dialect))
        files.append(described(folder, _write_parquet(connection, table, folder), PARQUET, table.name))
    opening = _opening(publication, manifest)
    is_demo = manifest.content.is_demo
    workbook.write_workbook(
        connection, tables, manifest.content.periods, opening, folder / workbook.FILE, is_demo
    )
    sdmx.write_sdmx(connection, tables, folder, manifest.published_at, is_demo)
    files.append(described(folder, workbook.FILE, XLSX))
    files.append(described(folder, sdmx.OBSERVATIONS, sdmx.MEDIA_TYPE))
    files.append(described(folder, sdmx.MESSAGE, sdmx.MESSAGE_TYPE))
    files.append(described(folder, sdmx.CODES, "text/csv"))
    _describe(folder, tables, files, publication)
    written = [path for path in folder.rglob("*") if path.is_file()]
    return {
        "release_id": manifest.release_id,
        "tables": len(tables),
        "rows": sum(table.rows for table in tables.values()),
        "files": len(written),
        "bytes": sum(path.stat().st_size for path in written),
        "lacking": by.lacking(),
        "is_demo": is_demo,
    }


def _write_parquet(connection: duckdb.DuckDBPyConnection, table: PublicTable, folder: Path) -> str:
    """Write a table with its types, its words and those of its columns; its path in the folder."""
    path = folder / "parquet" / f"{table.name}.parquet"
    path.parent.mkdir(exist_ok=True)
    names = [column.name for column in table.columns]
    words = {column.name: {word: column.words.get(word, "") for word in WORDS} for column in table.columns}
    said = {"spm.table": table.comment, COLUMN_WORDS: json.dumps(words, ensure_ascii=False)}
    if DEMO_COLUMN in names:
        said["spm.demo"] = say("demo.notice")
    write_table(connection, table.query, names, path, said)
    return path.relative_to(folder).as_posix()


def _describe(
    folder: Path, tables: Mapping[str, PublicTable], files: list[OpenFile], publication: Publication
) -> None:
    found = catalogue.datasets(tables, files, publication)
    for name, content in {
        data_package.FILE: data_package.data_package(tables, files, publication),
        catalogue.DCAT_FILE: catalogue.dcat(found, publication),
        catalogue.POD_FILE: catalogue.pod(found, publication),
    }.items():
        (folder / name).write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _publication(
    connection: duckdb.DuckDBPyConnection, source: Path, manifest: Manifest, by: Publisher
) -> Publication:
    first, last = connection.execute(
        f"select min(starts_on), max(ends_on) from {read(source / 'dim_period.parquet')}"
        " where list_contains(?, period)",
        [manifest.content.periods],
    ).fetchall()[0]
    is_demo = manifest.content.is_demo
    return Publication(manifest.release_id, manifest.published_at, str(first), str(last), by, is_demo)


def _opening(publication: Publication, manifest: Manifest) -> list[tuple[str, str]]:
    periods = manifest.content.periods
    warning = [("PERHATIAN", marked_notice())] if publication.is_demo else []
    return [
        *warning,
        ("Judul", publication.title.indonesian),
        ("Isi", publication.about.indonesian),
        ("Rilis", manifest.release_id),
        ("Terbit (UTC)", manifest.published_at),
        ("Triwulan", f"{periods[0]} sampai {periods[-1]} ({len(periods)})"),
        ("Penerbit", publication.publisher),
        ("Lisensi", publication.license or "belum ditetapkan"),
        (
            "Tidak termuat",
            "Baris tiap layanan dan mutu, seluruh triwulan daerah dan bidang: ada dalam berkas CSV."
            " Teks bebas daerah dan data pribadi tidak dipublikasikan.",
        ),
        ("Sel kosong", "Tidak ada nilai, dan tidak pernah berarti 0: lihat lembar Kolom."),
        ("English", f"{publication.about.english} Meaning of the columns in English: sheet Kolom."),
    ]
