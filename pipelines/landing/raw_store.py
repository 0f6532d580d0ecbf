"""The raw store: the bytes of every document received, kept for ever, and when each became known.

``raw/blobs/ab/<sha256>`` holds bytes; ``raw/receipts/<batch>.ndjson`` holds one receipt a line, with the
way to read the document. Both are only ever added to, and a name appears when its content is whole.

Put here: receiving. Keep out: reading documents (``sources``), their rows (``landed_rows``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipelines.storage.whole_files import flush_all, write_whole
from pipelines.submissions.rows import RawFile

BATCH_SIZE = 500
"""Documents a receipt batch: a batch is read, landed and held in memory as one."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """One received document. Times are ISO 8601, UTC; ``reading`` is the source spec as JSON.

    ``received_at`` is when the document became known; ``taken_in_at`` when this way of reading it was.
    ``origin`` and ``version`` are those of the ``RawFile``: of remote documents only, of none before they
    were kept. ``refuses_demo``: it came to a home of real reports, where no made-up document is taken.
    """

    sha256: str
    source: str
    name: str
    sender: str
    received_at: str
    taken_in_at: str
    size_bytes: int
    reading: str
    origin: str = ""
    version: str = ""
    refuses_demo: bool = False


@dataclass(frozen=True, slots=True)
class RawStore:
    """The store below ``root``."""

    root: Path

    def receive(
        self,
        source: str,
        reading: str,
        files: Iterable[RawFile],
        clock: datetime,
        most: int | None = None,
        *,
        refuses_demo: bool = False,
    ) -> tuple[int, int]:
        """Keep each document that is new for ``source``; returns how many were seen and how many were new.

        After ``most`` new ones the rest is left for the next time.

        The receipt time is when the document arrived at the source, where the source tells it (the time
        of a file in an inbox), else ``clock``: so the same inbox gives the same receipts on any machine.
        """
        known = {(receipt.source, receipt.sha256, receipt.reading) for receipt in self.receipts()}
        seen = 0
        new: dict[str, Receipt] = {}
        for file in files:
            if most is not None and len(new) >= most:
                break
            seen += 1
            sha256 = hashlib.sha256(file.content).hexdigest()
            # the same bytes read another way (a corrected sources file) are taken in once more
            if (source, sha256, reading) in known:
                continue
            self._keep(sha256, file.content)
            instant = (file.modified_at or clock).astimezone(UTC)
            receipt = Receipt(
                sha256=sha256,
                source=source,
                name=Path(file.name).name,
                sender=source,
                received_at=instant.isoformat(timespec="microseconds"),
                taken_in_at=clock.astimezone(UTC).isoformat(timespec="microseconds"),
                size_bytes=len(file.content),
                reading=reading,
                origin=file.origin,
                version=file.version,
                refuses_demo=refuses_demo,
            )
            # of two copies in one inbox the earlier one is the receipt, whatever their names
            if sha256 not in new or receipt.received_at < new[sha256].received_at:
                new[sha256] = receipt
        receipts = list(new.values())
        for start in range(0, len(receipts), BATCH_SIZE):
            self._write(receipts[start : start + BATCH_SIZE])
        return seen, len(receipts)

    def history(self, source: str) -> dict[str, list[str]]:
        """For each name of a document of ``source``, its hashes in the order in which they were taken in."""
        found: dict[str, list[str]] = {}
        for receipt in sorted(self.receipts(), key=lambda receipt: receipt.taken_in_at):
            if receipt.source == source:
                found.setdefault(receipt.name, []).append(receipt.sha256)
        return found

    def known_versions(self, source: str, reading: str) -> set[tuple[str, str]]:
        """The (origin, version) of each remote document of ``source`` that was received to be read so."""
        return {
            (receipt.origin, receipt.version)
            for receipt in self.receipts()
            if (receipt.source, receipt.reading) == (source, reading) and receipt.version
        }

    def batches(self) -> list[Path]:
        """The receipt batches, in order of name."""
        return sorted((self.root / "receipts").glob("*.ndjson"))

    def receipts(self, batch: Path | None = None) -> Iterator[Receipt]:
        """The receipts of one batch, or of all."""
        for path in [batch] if batch else self.batches():
            for line in path.read_text(encoding="utf-8").splitlines():
                yield Receipt(**json.loads(line))

    def content(self, sha256: str) -> bytes:
        """The bytes of a received document."""
        return self._blob(sha256).read_bytes()

    def _blob(self, sha256: str) -> Path:
        return self.root / "blobs" / sha256[:2] / sha256

    def _keep(self, sha256: str, content: bytes) -> None:
        blob = self._blob(sha256)
        # what a run that died left under this name may be less than all, if the disk lost its power too
        if not blob.exists() or blob.read_bytes() != content:
            write_whole(blob, content, mode=0o444, flushed=False)

    def _write(self, batch: list[Receipt]) -> None:
        lines = "".join(json.dumps(asdict(receipt), sort_keys=True) + "\n" for receipt in batch)
        content = lines.encode()
        # a receipt says that its document is there: the disk has the document first
        flush_all([self._blob(receipt.sha256) for receipt in batch])
        name = f"{batch[0].source}-{hashlib.sha256(content).hexdigest()[:16]}.ndjson"
        write_whole(self.root / "receipts" / name, content)
