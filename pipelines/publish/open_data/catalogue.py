"""The catalogues that portals harvest: DCAT as JSON-LD, and ``data.json`` (POD) for Satu Data Indonesia.

One dataset a table, and one each for the summary and for the index as SDMX. Addresses are relative to the
catalogue unless a base is given; none is made up. The controlled words are those of the EU Publications
Office, IANA and SPDX, which harvesters know.

Source: W3C DCAT 3; DCAT-AP 3 (mandatory properties); Project Open Data metadata schema 1.1.

Put here: both catalogues. Keep out: columns and keys (``data_package``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.messages import Message
from pipelines.publish.open_data import sdmx, workbook
from pipelines.publish.open_data.files import XLSX, OpenFile, Publication
from pipelines.publish.open_data.tables import PublicTable

DCAT_FILE, POD_FILE = "catalogue.jsonld", "data.json"
_EU = "http://publications.europa.eu/resource/authority"
_CONTEXT: dict[str, Any] = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
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
                "Indeks daerah, bidang, dan nasional menurut SDMX, beserta daftar kodenya.",
                "Index of regions, sectors and the nation as SDMX, with its code lists.",
            ),
        ),
        (sdmx.OBSERVATIONS, sdmx.CODES),
    ),
)
"""The datasets that are made of several tables: their words, and their files."""
_FORMATS = {"text/csv": "CSV", sdmx.MEDIA_TYPE: "CSV", XLSX: "XLSX"}


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
        "dct:language": [{"@id": f"{_EU}/language/IND"}, {"@id": f"{_EU}/language/ENG"}],
        "dct:modified": _time(publication),
        "dct:spatial": {"@id": f"{_EU}/country/IDN"},
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
        "dct:accrualPeriodicity": {"@id": f"{_EU}/frequency/QUARTERLY"},
        "dct:language": [{"@id": f"{_EU}/language/IND"}, {"@id": f"{_EU}/language/ENG"}],
        "dct:spatial": {"@id": f"{_EU}/country/IDN"},
        "dct:temporal": {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": {"@type": "xsd:date", "@value": publication.first},
            "dcat:endDate": {"@type": "xsd:date", "@value": publication.last},
        },
        "dcat:theme": {"@id": f"{_EU}/data-theme/GOVE"},
        "dcat:keyword": [{"@language": "id", "@value": word} for word in publication.keywords],
        "dcat:distribution": [_distribution(file, one, publication) for file in one.files],
    }
    if publication.contact:
        said["dcat:contactPoint"] = {
            "@type": "vcard:Organization",
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
        "dcat:accessURL": address,
        "dcat:downloadURL": address,
        "dcat:byteSize": {"@type": "xsd:nonNegativeInteger", "@value": str(file.size)},
        "dcat:mediaType": {
            "@id": "https://www.iana.org/assignments/media-types/" + file.media_type.partition(";")[0]
        },
        "dct:format": {"@id": f"{_EU}/file-type/{_FORMATS[file.media_type]}"},
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
            "spdx:checksumValue": {"@type": "xsd:hexBinary", "@value": file.sha256},
        },
        **_license(publication),
    }


def pod(found: Sequence[Dataset], publication: Publication) -> dict[str, Any]:
    """The catalogue as ``data.json``; its schema allows ``byteSize`` and ``checksum`` beside its fields."""
    return {
        "@type": "dcat:Catalog",
        "conformsTo": "https://project-open-data.cio.gov/v1.1/schema",
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
                "downloadURL": publication.address(file.path),
                "mediaType": file.media_type,
                "format": _FORMATS[file.media_type],
                "byteSize": file.size,
                "checksum": {"algorithm": "sha256", "checksumValue": file.sha256},
            }
            for file in one.files
        ],
    }
    if publication.license:
        said["license"] = publication.license
    return said


def _agent(publication: Publication) -> dict[str, Any]:
    return {"@id": "#publisher", "@type": "foaf:Agent", "foaf:name": publication.publisher}


def _license(publication: Publication) -> dict[str, Any]:
    return {"dct:license": {"@id": publication.license}} if publication.license else {}


def _time(publication: Publication) -> dict[str, str]:
    return {"@type": "xsd:dateTime", "@value": publication.published_at}


def _both(indonesian: str, english: str) -> list[dict[str, str]]:
    return [{"@language": "id", "@value": indonesian}, {"@language": "en", "@value": english}]
