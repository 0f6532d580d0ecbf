"""What a source hands over in one intake: the documents to receive, and a tally of everything else.

Put here: separating documents from what is known or failed. Keep out: asking (``sources``), keeping
(``raw_store``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipelines.landing.raw_store import RawStore
from pipelines.readers.dispatch import document_kind
from pipelines.registry.periods import Period
from pipelines.sources.extracting import extract
from pipelines.sources.source import Failure, Known, Silence, Source, Terms
from pipelines.submissions.extract import as_resubmission
from pipelines.submissions.file_facts import clean_name
from pipelines.submissions.rows import RawFile


class Arrivals:
    """The documents of ``spec``.

    ``known`` counts those that were not fetched again; ``failures`` are the parts that could not be fetched,
    ``silent`` the periods (none: any) that the source was asked for and gave no document for.
    """

    def __init__(self, spec: Source, store: RawStore, terms: Terms) -> None:
        self.known = 0
        self.failures: list[Failure] = []
        self.silent: set[str | None] = set()
        self._spec, self._store, self._terms = spec, store, terms
        # only an extract can repeat or return to an earlier one: a system is asked anew each time
        self._earlier = store.history(spec.name) if document_kind(spec.kind).is_extract else {}

    def documents(self, periods: Sequence[Period]) -> Iterator[RawFile]:
        """Each document that the source holds for ``periods`` and that may be new."""
        for found in extract(self._spec, periods, self._terms):
            if isinstance(found, Failure):
                self.failures.append(found)
            elif isinstance(found, Silence):
                self.silent.add(found.period)
            elif isinstance(found, Known):
                self.known += 1
            else:
                yield as_resubmission(
                    found, self._earlier.get(clean_name(found.name), ()), self._store.content
                )
