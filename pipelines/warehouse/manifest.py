"""What the dbt manifest says of the published tables: a card for each, and which of them models read again.

A card is what stands in the YAML of a table: its columns, and the keys of its ``meta`` as named here. What is
not written there has the default given here.

Put here: reading cards. Keep out: what stands in them (``dbt_project/models/marts``), calling dbt (``dbt``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from functools import cache
from pathlib import PurePosixPath
from typing import Any, Literal

from pydantic import ConfigDict, ValidationError
from pydantic.dataclasses import dataclass

from pipelines.messages import Message
from pipelines.settings import DBT_DIR
from pipelines.warehouse import dbt

_KNOWN_KEYS_ONLY = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True, config=_KNOWN_KEYS_ONLY)
class Ledger:
    """How the ledger of restatements compares a table.

    ``natural_key`` is by what a row is the same row in another release, where ``key`` is a place in a
    document, which moves with every document; several rows may share it. ``provenance`` says where a value
    stands, which is no value: not compared. ``descriptive`` says what a row is about: not told of rows that
    come or go.
    """

    natural_key: tuple[str, ...] = ()
    provenance: tuple[str, ...] = ()
    descriptive: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, config=_KNOWN_KEYS_ONLY)
class Public:
    """What the public gets of a table: its title, not the columns ``out``, the rows ``where``.

    ``readable_where`` gives, by column with texts of regions, the SQL condition of texts that are nobody's
    own; the others are made unreadable.
    """

    title_id: str
    title_en: str
    out: tuple[str, ...] = ()
    readable_where: Mapping[str, str] = field(default_factory=dict)
    where: str = "true"


@dataclass(frozen=True, slots=True, config=_KNOWN_KEYS_ONLY)
class MartCard:
    """What is true of a published table.

    ``file`` is the YAML that says it. ``columns`` gives the type of each column; ``key`` names the columns
    that no two rows share. ``relations`` are the dimensions whose key it holds. ``scope`` says what its rows
    are about: ``period`` (a run makes those of its periods, a release keeps the others), ``every_period``
    (each run makes those of all published periods), ``registry``, ``release`` (of one release alone),
    ``every_release`` (a run makes those of its release, which keeps those of the releases before it).
    ``owes_rows`` says of which periods it must have rows. It is ``public`` or ``withheld`` for a reason, and
    in the ``ledger`` of restatements or not. ``texts`` are columns with words of senders, some of them codes
    (``public.readable_where``): nobody reads those words but who may.
    """

    name: str
    file: str
    columns: Mapping[str, str]
    description_id: str
    description_en: str
    key: tuple[str, ...]
    relations: tuple[str, ...]
    key_has_nulls: bool = False
    scope: Literal["period", "every_period", "registry", "release", "every_release"] = "period"
    owes_rows: Literal["every_period", "scored_periods", "never"] = "every_period"
    ledger: Ledger | None = None
    public: Public | None = None
    withheld: str | None = None
    texts: tuple[str, ...] = ()

    @property
    def closed(self) -> frozenset[str]:
        """Columns that the public never sees as they are: words of senders, and places in their documents."""
        return frozenset(self.texts) | {name for name in self.columns if name.endswith("_ref")}

    @property
    def is_whole(self) -> bool:
        """Whether each run makes the table as a whole; the others are carried over by period."""
        return self.scope != "period"

    @property
    def comment(self) -> str:
        """What one row is, in Indonesian and English."""
        return str(Message(self.description_id, self.description_en))


@cache
def marts() -> dict[str, MartCard]:
    """The card of each mart that dbt builds, by name.

    Raises:
        DbtError: a card is not in order; the message names its file.
    """
    nodes = dbt.manifest()["nodes"].values()
    return _cards_of(node for node in nodes if node["resource_type"] == "model" and node["fqn"][1] == "marts")


@cache
def cards() -> dict[str, MartCard]:
    """The card of every table of a release, by name: the marts, and the tables that publishing makes."""
    sources = dbt.manifest()["sources"].values()
    made_by_publishing = _cards_of(source for source in sources if source["source_name"] == "release")
    return dict(sorted((marts() | made_by_publishing).items()))


@cache
def published_inputs() -> dict[str, MartCard]:
    """The marts of the current release that models read (the dbt source ``published``), by name."""
    sources = dbt.manifest()["sources"].values()
    names = {source["name"] for source in sources if source["source_name"] == "published"}
    return {name: card for name, card in marts().items() if name in names}


def _cards_of(nodes: Iterable[Mapping[str, Any]]) -> dict[str, MartCard]:
    found = sorted(map(_card_of, nodes), key=lambda card: card.name)
    return {card.name: card for card in found}


def _card_of(node: Mapping[str, Any]) -> MartCard:
    # of a model the path is that of its SQL, of a source that of its YAML
    path = PurePosixPath(node["original_file_path"]).with_suffix(".yml")
    file = f"{DBT_DIR.name}/{path}"
    said = dict(node["config"]["meta"])
    said["description_id"] = str(said.get("description_id", "")).strip()
    said["columns"] = {name: column["data_type"] for name, column in node["columns"].items()}
    try:
        return MartCard(name=node["name"], file=file, description_en=node["description"].strip(), **said)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise dbt.DbtError(f"{file}: meta of {node['name']}: {wrong}; see MartCard in {__name__}") from None
