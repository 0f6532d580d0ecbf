"""One hostile document, and a collection that they are put into by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Maker = Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Hostile:
    """A document for a source of ``kind``, the rule that refuses it, a word of its place or value."""

    kind: str
    rule_id: str
    says: str
    make: Maker


class Collection(dict[str, Hostile]):
    """Hostile documents by name; none takes the place of another."""

    def add(self, kind: str, rule_id: str, files: Mapping[str, tuple[str, Maker]]) -> None:
        """Add documents that one rule refuses: by name, the word of the reason and the maker."""
        for name, (says, make) in files.items():
            assert name not in self, name
            self[name] = Hostile(kind, rule_id, says, make)

    def one(self, rule_id: str, says: str) -> Callable[[Maker], Maker]:
        """Add a workbook by its maker, whose name is the document's."""

        def add(make: Maker) -> Maker:
            self.add("workbook", rule_id, {make.__name__: (says, make)})
            return make

        return add
