"""What a source hands over in one intake: the documents to receive, and a tally of everything else.

Put here: telling documents from what is known or failed. Keep out: asking (``sources``), keeping
(``raw_store``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256

from pipelines.landing.raw_store import RawStore
from pipelines.registry.periods import Period
from pipelines.sources.config import Source
from pipelines.sources.extracting import Failure, extract
from pipelines.sources.files.fetching import Known, Terms
from pipelines.sources.files.spec import FileSource
from pipelines.submissions.extract import renewed
from pipelines.submissions.rows import RawFile


class Arrivals:
    """The documents of ``spec``.

    ``known`` counts those that were not fetched again; ``failures`` are the parts that could not be had.
    """

    def __init__(self, spec: Source, store: RawStore, terms: Terms) -> None:
        self.known = 0
        self.failures: list[Failure] = []
        self._spec, self._store, self._terms = spec, store, terms
        self._history = {} if isinstance(spec, FileSource) else store.history(spec.name)

    def documents(self, periods: Sequence[Period]) -> Iterator[RawFile]:
        """Each document that the source holds for ``periods`` and that may be new."""
        for found in extract(self._spec, periods, self._terms):
            if isinstance(found, Failure):
                self.failures.append(found)
            elif isinstance(found, Known):
                self.known += 1
            else:
                yield self._after_its_forerunner(found)

    def _after_its_forerunner(self, file: RawFile) -> RawFile:
        hashes = self._history.get(file.name)
        if not hashes:
            return file
        is_known = sha256(file.content).hexdigest() in hashes
        return renewed(file, self._store.content(hashes[-1]), is_known)
