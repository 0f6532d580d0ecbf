"""``datapackage.json``: every CSV file with its types, keys, relations, labels and hash (Frictionless).

Source: Frictionless Data Package and Table Schema, version 1.

Put here: the description of the files. Keep out: the portal's catalogues (``catalogue``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.messages import Message
from pipelines.publish.open_data.csv_files import FOR_PROGRAMS, FOR_SPREADSHEETS, Dialect
from pipelines.publish.open_data.files import OpenFile, Publication
from pipelines.publish.open_data.tables import Column, PublicTable

FILE = "datapackage.json"
_TYPES = {
    "VARCHAR": "string",
    "BOOLEAN": "boolean",
    "INTEGER": "integer",
    "BIGINT": "integer",
    "DATE": "date",
    "TIMESTAMP WITH TIME ZONE": "datetime",
}


def data_package(
    tables: Mapping[str, PublicTable], files: Sequence[OpenFile], publication: Publication
) -> dict[str, Any]:
    """The package of the CSV files among ``files``."""
    csv = [file for file in files if file.dialect is not None and file.table is not None]
    package: dict[str, Any] = {
        "profile": "data-package",
        "name": "spm",
        "id": publication.release_id,
        "version": publication.release_id,
        "title": publication.title.indonesian,
        "description": str(publication.about),
        "created": publication.published_at,
        "keywords": list(publication.keywords),
        # beyond the words: a program that takes the package in can ask
        **({"isDemo": True} if publication.is_demo else {}),
        "contributors": [{"title": publication.publisher, "role": "publisher"}],
        "resources": [_resource(tables[file.table or ""], file, tables, publication) for file in csv],
    }
    if publication.base_url:
        package["homepage"] = publication.base_url
    if publication.license:
        package["licenses"] = [{"name": "license", "path": publication.license}]
    return package


def _resource(
    table: PublicTable, file: OpenFile, tables: Mapping[str, PublicTable], publication: Publication
) -> dict[str, Any]:
    dialect = file.dialect or FOR_PROGRAMS
    suffix = "" if dialect is FOR_PROGRAMS else "-titik-koma"
    title = publication.named(Message(table.title_id, table.title_en))
    return {
        "name": table.name.replace("_", "-") + suffix,
        "profile": "tabular-data-resource",
        "path": file.path,
        "title": title.indonesian,
        "title:en": title.english,
        "description": table.comment,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8-sig" if dialect.for_spreadsheets else "utf-8",
        "bytes": file.size,
        "hash": f"sha256:{file.sha256}",
        "dialect": {"delimiter": dialect.delimiter, "lineTerminator": "\n", "quoteChar": '"'},
        "schema": _schema(table, dialect, suffix, tables),
    }


def _schema(
    table: PublicTable, dialect: Dialect, suffix: str, tables: Mapping[str, PublicTable]
) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "fields": [_field(column, dialect) for column in table.columns],
        "missingValues": [""],
    }
    if table.key:
        schema["primaryKey"] = list(table.key)
    relations = {column: other for column, other in table.relations.items() if other in tables}
    if relations and dialect is not FOR_SPREADSHEETS:
        schema["foreignKeys"] = [
            {
                "fields": [column],
                "reference": {"resource": other.replace("_", "-") + suffix, "fields": [column]},
            }
            for column, other in relations.items()
        ]
    return schema


def _field(column: Column, dialect: Dialect) -> dict[str, Any]:
    words = column.words
    said: dict[str, Any] = {
        "name": column.name,
        "type": "number" if column.is_decimal else _TYPES[column.kind],
        "title": words["label_id"],
        "title:en": words["label_en"],
        "description": str(Message(words["description_id"], words["description_en"])),
        "unit": words["unit"],
        "aggregation": words["aggregation"],
    }
    if said["type"] == "number" and dialect.decimal != ".":
        said["decimalChar"] = dialect.decimal
    if said["type"] == "datetime":
        said["format"] = dialect.time
    return said
