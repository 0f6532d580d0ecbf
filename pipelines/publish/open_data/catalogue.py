"""The catalogues that portals harvest: DCAT as JSON-LD, and ``data.json`` (POD) for Satu Data Indonesia.

One dataset a table, and one each for the summary and for the index as SDMX. Addresses are relative to the
catalogue unless a base is given; none is made up. The controlled words are those of the EU Publications
Office, IANA and SPDX, which harvesters know.

What an address points at is typed beside it: a harvester checks that without fetching the vocabularies.

Source: W3C DCAT 3; DCAT-AP 3.0.0 (its shapes; from 3.0.1 on a size is a whole number instead of a decimal);
Project Open Data metadata schema 1.1.

Put here: both catalogues. Keep out: columns and keys (``data_package``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.messages import Message
from pipelines.publish.open_data import data_package, sdmx, workbook
from pipelines.publish.open_data.csv_files import FOR_SPREADSHEETS
from pipelines.publish.open_data.files import PARQUET, XLSX, OpenFile, Publication
from pipelines.publish.open_data.tables import PublicTable

DCAT_FILE, POD_FILE = "catalogue.jsonld", "data.json"
_EU = "http://publications.europa.eu/resource/authority"
_IANA = "https://www.iana.org/assignments/media-types"
_POD = "https://project-open-data.cio.gov/v1.1/schema"
_CONTEXT: dict[str, Any] = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_MADE = (
    (
        (
            "ringkasan",
            ("Ringkasan SPM", "SPM summary"),
            ("Lembar kerja ringkasan.", "Summary workbook."),
        ),
        (workbook.FILE,),
    ),
    (
        (
            "indeks-sdmx",
            ("Indeks SPM dalam SDMX", "SPM index as SDMX"),
            (
                "Indeks daerah, bidang, dan nasional menurut SDMX, beserta struktur dan daftar kodenya.",
                "Index of regions, sectors and the nation as SDMX, with its structure and code lists.",
            ),
        ),
        (sdmx.OBSERVATIONS, sdmx.MESSAGE, sdmx.CODES),
    ),
)
"""The datasets that are made of several tables: their words, and their files."""
_FORMATS = {
    "text/csv": "CSV",
    sdmx.MEDIA_TYPE: "CSV",
    sdmx.MESSAGE_TYPE: "XML",
    XLSX: "XLSX",
    PARQUET: "PARQUET",
}
_OF_FILES = {
    workbook.FILE: Message(
        "Buku kerja Excel dengan judul kolom Indonesia, penyaring, dan nama rentang.",
        "Excel workbook with Indonesian headings, filters and named ranges.",
    ),
    sdmx.OBSERVATIONS: Message("Pengamatan sebagai SDMX-CSV 2.0.", "Observations as SDMX-CSV 2.0."),
    sdmx.MESSAGE: Message(
        "Struktur data: daftar kode, konsep, DSD, dan dataflow sebagai SDMX-ML 2.1.",
        "Structure of the data: code lists, concepts, DSD and dataflow as SDMX-ML 2.1.",
    ),
    sdmx.CODES: Message("Daftar kode sebagai CSV.", "Code lists as CSV."),
}
_FOR_PROGRAMS = Message(
    "CSV untuk program: pemisah koma, titik desimal, waktu UTC.",
    "CSV for programs: comma between cells, decimal point, times in UTC.",
)
_FOR_SPREADSHEETS = Message(
    "CSV untuk Excel dan LibreOffice berbahasa Indonesia: pemisah titik koma, koma desimal.",
    "CSV for Excel and LibreOffice in an Indonesian setting: semicolon between cells, decimal comma.",
)
_FOR_ANALYSIS = Message(
    "Parquet dengan tipe tiap kolom; nama, arti, dan satuannya ada pada kolom itu.",
    "Parquet with the type of each column; its label, meaning and unit stand at the column.",
)


@dataclass(frozen=True, slots=True)
class Dataset:
    """One dataset of the catalogue, with its files."""

    identifier: str
    title: Message
    about: Message
    files: tuple[OpenFile, ...]


def datasets(
    tables: Mapping[str, PublicTable], files: Sequence[OpenFile], publication: Publication
) -> list[Dataset]:
    """The datasets of an export: of each table, then what is made of several."""
    others = {file.path: file for file in files if file.table is None}
    found = [
        (
            table.name,
            Message(table.title_id, table.title_en),
            table.sentences,
            tuple(file for file in files if file.table == table.name),
        )
        for table in tables.values()
    ]
    found += [
        (name, Message(*titles), Message(*about), tuple(others[path] for path in paths))
        for (name, titles, about), paths in _MADE
    ]
    return [
        Dataset(name, publication.named(title), publication.described(about), own)
        for name, title, about, own in found
    ]


def _about_file(file: OpenFile) -> Message:
    """What a file is, and for whom."""
    if file.media_type == PARQUET:
        return _FOR_ANALYSIS
    if file.dialect is not None:
        return _FOR_SPREADSHEETS if file.dialect is FOR_SPREADSHEETS else _FOR_PROGRAMS
    return _OF_FILES[file.path]


def dcat(found: Sequence[Dataset], publication: Publication) -> dict[str, Any]:
    """The catalogue as JSON-LD."""
    base = {"@base": publication.address("")} if publication.base_url else {}
    return {
        "@context": _CONTEXT | base,
        "@id": "#catalogue",
        "@type": "dcat:Catalog",
        "dct:title": _both(*publication.named(Message("Data terbuka SPM", "SPM open data"))),
        "dct:description": _both(*publication.about),
        "dct:publisher": _agent(publication),
        "dct:language": _languages(),
        "dct:modified": _time(publication),
        "dct:spatial": _typed(f"{_EU}/country/IDN", "dct:Location"),
        **_license(publication),
        "dcat:dataset": [_dataset(one, publication) for one in found],
    }


def _dataset(one: Dataset, publication: Publication) -> dict[str, Any]:
    said = {
        "@id": f"#{one.identifier}",
        "@type": "dcat:Dataset",
        "dct:identifier": one.identifier,
        "dct:title": _both(*one.title),
        "dct:description": _both(*one.about),
        "dct:publisher": _agent(publication),
        "dct:issued": _time(publication),
        "dct:modified": _time(publication),
        "dcat:version": publication.release_id,
        "dct:accrualPeriodicity": _typed(f"{_EU}/frequency/QUARTERLY", "dct:Frequency"),
        "dct:language": _languages(),
        "dct:spatial": _typed(f"{_EU}/country/IDN", "dct:Location"),
        "dct:temporal": {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": {"@type": "xsd:date", "@value": publication.first},
            "dcat:endDate": {"@type": "xsd:date", "@value": publication.last},
        },
        "dcat:theme": {
            **_typed(f"{_EU}/data-theme/GOVE", "skos:Concept"),
            "skos:prefLabel": _both("Pemerintahan dan sektor publik", "Government and public sector"),
        },
        "dcat:keyword": [{"@language": "id", "@value": word} for word in publication.keywords],
        "dcat:distribution": [_distribution(file, one, publication) for file in one.files],
    }
    if publication.contact:
        said["dcat:contactPoint"] = {
            "@type": ["vcard:Kind", "vcard:Organization"],
            "vcard:fn": publication.publisher,
            "vcard:hasEmail": {"@id": f"mailto:{publication.contact}"},
        }
    return said


def _distribution(file: OpenFile, one: Dataset, publication: Publication) -> dict[str, Any]:
    address = {"@id": publication.address(file.path)}
    return {
        "@id": f"#{file.path}",
        "@type": "dcat:Distribution",
        "dct:title": _both(*(f"{title}: {file.path}" for title in one.title)),
        "dct:description": _both(*publication.described(_about_file(file))),
        "dct:language": _languages(),
        "dct:issued": _time(publication),
        "dct:modified": _time(publication),
        "dcat:accessURL": address,
        "dcat:downloadURL": address,
        "dcat:byteSize": {"@type": "xsd:decimal", "@value": str(file.size)},
        "dcat:mediaType": _typed(f"{_IANA}/{file.plain_type}", "dct:MediaType"),
        "dct:format": _typed(f"{_EU}/file-type/{_FORMATS[file.media_type]}", "dct:MediaTypeOrExtent"),
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": _typed("spdx:checksumAlgorithm_sha256", "spdx:ChecksumAlgorithm"),
            "spdx:checksumValue": {"@type": "xsd:hexBinary", "@value": file.sha256},
        },
        **_license(publication),
    }


def pod(found: Sequence[Dataset], publication: Publication) -> dict[str, Any]:
    """The catalogue as ``data.json``; its schema allows ``byteSize`` and ``checksum`` beside its fields."""
    # an address that is not whole would not be one
    own = {"@id": publication.address(POD_FILE)} if publication.base_url else {}
    return {
        "@context": f"{_POD}/catalog.jsonld",
        **own,
        "@type": "dcat:Catalog",
        "conformsTo": _POD,
        "describedBy": f"{_POD}/catalog.json",
        "dataset": [_pod_dataset(one, publication) for one in found],
    }


def _pod_dataset(one: Dataset, publication: Publication) -> dict[str, Any]:
    contact = {"hasEmail": f"mailto:{publication.contact}"} if publication.contact else {}
    said: dict[str, Any] = {
        "@type": "dcat:Dataset",
        "identifier": one.identifier,
        "title": one.title.indonesian,
        "description": str(one.about),
        "keyword": list(publication.keywords),
        "modified": publication.published_at,
        "issued": publication.published_at,
        "publisher": {"@type": "org:Organization", "name": publication.publisher},
        "contactPoint": {"@type": "vcard:Contact", "fn": publication.publisher, **contact},
        "accessLevel": "public",
        "accrualPeriodicity": "R/P3M",
        "language": ["id", "en"],
        "spatial": "Indonesia",
        "temporal": f"{publication.first}/{publication.last}",
        "theme": ["Pemerintahan"],
        "distribution": [
            {
                "@type": "dcat:Distribution",
                "title": file.path,
                "description": str(publication.described(_about_file(file))),
                "downloadURL": publication.address(file.path),
                "mediaType": file.plain_type,
                "format": _FORMATS[file.media_type],
                **_described_by(file, publication),
                "byteSize": file.size,
                "checksum": {"algorithm": "sha256", "checksumValue": file.sha256},
            }
            for file in one.files
        ],
    }
    if publication.license:
        said["license"] = publication.license
    return said


def _described_by(file: OpenFile, publication: Publication) -> dict[str, Any]:
    """Where the columns of a file are described, for programs."""
    path, kind = data_package.FILE, "application/json"
    if file.path in (sdmx.OBSERVATIONS, sdmx.CODES):
        path, kind = sdmx.MESSAGE, sdmx.MESSAGE_TYPE.partition(";")[0]
    elif file.table is None:
        return {}
    return {"describedBy": publication.address(path), "describedByType": kind}


def _agent(publication: Publication) -> dict[str, Any]:
    return {"@id": "#publisher", "@type": "foaf:Agent", "foaf:name": publication.publisher}


def _license(publication: Publication) -> dict[str, Any]:
    return {"dct:license": _typed(publication.license, "dct:LicenseDocument")} if publication.license else {}


def _languages() -> list[dict[str, Any]]:
    return [_typed(f"{_EU}/language/{code}", "dct:LinguisticSystem") for code in ("IND", "ENG")]


def _typed(address: str, kind: str) -> dict[str, Any]:
    """What an address means, and what it is."""
    return {"@id": address, "@type": kind}


def _time(publication: Publication) -> dict[str, str]:
    return {"@type": "xsd:dateTime", "@value": publication.published_at}


def _both(indonesian: str, english: str) -> list[dict[str, str]]:
    return [{"@language": "id", "@value": indonesian}, {"@language": "en", "@value": english}]
