"""The views for people and BI tools, which stand in schema ``bi`` beside the tables of a release.

Each is a file of SQL, ``dbt_project/views/<name>.sql``, in the words that DuckDB and PostgreSQL have in
common; tables are read as ``marts.<table>``, other views as ``bi.<view>``. What a row is, its key and whether
it shows words of senders stands in ``views.yml`` beside them, the words of columns in ``columns.csv``.

Put here: reading them, in an order in which each finds what it reads. Keep out: making them in a database
(``publish.database``, ``publish.postgres.views``).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache, cached_property

from pipelines.messages import Message
from pipelines.settings import DBT_DIR
from pipelines.storage.yaml_files import read_yaml

FOLDER = DBT_DIR / "views"
SCHEMA = "bi"
_TABLE = re.compile(r"\bmarts\.(\w+)")
_VIEW = re.compile(r"\bbi\.(\w+)")


# no slots: what is found in the SQL is kept
@dataclass(frozen=True)
class View:
    """A view: no two rows share the values of ``key`` (none: it has no key); ``with_texts``: it shows words
    of senders, which not everybody may read."""

    name: str
    sql: str
    description_id: str
    description_en: str
    key: tuple[str, ...] = ()
    with_texts: bool = False

    @property
    def comment(self) -> str:
        """What one row is, in Indonesian and English."""
        return str(Message(self.description_id, self.description_en))

    @cached_property
    def tables(self) -> frozenset[str]:
        """The tables that it reads itself."""
        return frozenset(_TABLE.findall(self.sql))

    @cached_property
    def others(self) -> frozenset[str]:
        """The views that it reads."""
        return frozenset(_VIEW.findall(self.sql))

    def over(self, schema: str) -> str:
        """Its SQL where the tables stand in ``schema``."""
        return _TABLE.sub(rf"{schema}.\1", self.sql)


@cache
def views() -> tuple[View, ...]:
    """Every view, each after those that it reads."""
    said = read_yaml(FOLDER / "views.yml")["views"]
    waiting = [
        View(
            name,
            (FOLDER / f"{name}.sql").read_text(encoding="utf-8").strip(),
            " ".join(one["description_id"].split()),
            " ".join(one["description_en"].split()),
            tuple(one.get("key", ())),
            one.get("with_texts") == "true",
        )
        for name, one in sorted(said.items())
    ]
    ordered: list[View] = []
    while waiting:
        made = {view.name for view in ordered}
        ready = [view for view in waiting if view.others <= made]
        if not ready:
            raise ValueError(f"dbt_project/views: {', '.join(view.name for view in waiting)} read each other")
        ordered += ready
        waiting = [view for view in waiting if view not in ready]
    return tuple(ordered)


def views_over(tables: Collection[str]) -> tuple[View, ...]:
    """The views whose tables are all among ``tables``: a release of an earlier day may lack some."""
    found: list[View] = []
    for view in views():
        if view.tables <= set(tables) and view.others <= {one.name for one in found}:
            found.append(view)
    return tuple(found)


def digest(chosen: Collection[View]) -> str:
    """A hash of what the views are and of their words: another one where any is otherwise."""
    said = [f"{view.name}\0{view.sql}\0{view.comment}\0{view.with_texts}" for view in chosen]
    listed = "\0".join([*said, (DBT_DIR / "seeds" / "columns.csv").read_text(encoding="utf-8")])
    return hashlib.sha256(listed.encode()).hexdigest()[:12]
