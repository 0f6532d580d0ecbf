"""The raw store: the bytes of every document received, kept for ever, and when each became known.

``raw/blobs/ab/<sha256>`` holds bytes; ``raw/receipts/<batch>.ndjson`` holds one receipt a line, with the
way to read the document. Both are only ever added to, and a name appears when its content is whole.

Put here: receiving. Keep out: reading documents (``sources``), their rows (``landed_rows``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipelines.errors import UnavailableError
from pipelines.messages import say
from pipelines.storage.private_files import FILE, KEPT_FILE, private_files
from pipelines.storage.whole_files import flush_all, remove, write_whole
from pipelines.submissions.file_facts import clean_name, clean_place, sane_time
from pipelines.submissions.reading_spec import FROM_FOLDER, ReceiptTime, regions_of
from pipelines.submissions.rows import RawFile

_HASH_DIGITS = 16
"""So much of the hash of a receipt batch is in its name."""
Sending = tuple[str, str, str, str | None]
"""What tells one sending from another (``Receipt.event``), and the sender's folder where that counts."""
BATCH_SIZE = 500
"""Documents a receipt batch: a batch is read, landed and held in memory as one."""


class DamagedRawError(UnavailableError):
    """The raw store does not hold what was received: a document or a receipt changed, or is gone."""


class MissingRawError(DamagedRawError):
    """The bytes of a received document are gone."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """One received document. Times are ISO 8601, UTC; ``reading`` is the source spec as JSON.

    ``received_at`` is its receipt as it counts: ``stored_at`` (when its store says that it came; empty where
    none says so) or ``seen_at`` (when we first saw it), as ``receipt_time`` names. ``taken_in_at`` is when
    this way of reading it was. ``intake`` numbers the intakes: what a later one received comes after all that
    earlier ones knew; ``read_in`` is the one that asked to read it so. ``is_again``: these bytes were here
    before, and came once more under another name or with a newer time of the store. ``origin`` is its address
    or its path in the source's folder, ``version`` that of the ``RawFile``. Receipts of before all this was
    kept count by their store's time, in intake 0. ``refuses_demo``: it came to a home of real reports, where
    no made-up document is taken. ``folder`` is the sender's folder (``RawFile``).
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
    receipt_time: ReceiptTime = "store"
    stored_at: str = ""
    seen_at: str = ""
    intake: int = 0
    read_in: int = 0
    is_again: bool = False
    folder: str | None = None

    @property
    def event(self) -> tuple[str, str, str]:
        """What tells one sending from another: the bytes, their name, when the store says that they came."""
        return self.sha256, self.name, self.stored_at or ("" if self.seen_at else self.received_at)


@dataclass(frozen=True, slots=True)
class RawStore:
    """The store below ``root``."""

    root: Path

    @private_files()
    def receive(
        self,
        source: str,
        reading: str,
        files: Iterable[RawFile],
        clock: datetime,
        most: int | None = None,
        *,
        receipt_time: ReceiptTime = "store",
        refuses_demo: bool = False,
    ) -> tuple[int, int]:
        """Keep each document that is new for ``source``; returns how many were seen and how many were new.

        After ``most`` new ones the rest is left for the next time, which goes on with this intake.

        The same bytes under another name, with a newer time of the store, or in the place of others that
        stood there last, are sent again: they are received once more.
        """
        earlier = sorted(self.receipts(), key=_order_of_intake)
        own = [receipt for receipt in earlier if (receipt.source, receipt.reading) == (source, reading)]
        known = {receipt.sha256 for receipt in own}
        regions = regions_of(reading)
        # what lies in the folder of another region is another's sending
        is_by_folder = regions == FROM_FOLDER
        sent_so = {_sending(receipt, is_by_folder) for receipt in own}
        # and so is what another source sent, where one of the two speaks for certain regions only
        alike = [
            receipt
            for receipt in earlier
            if receipt.source == source or (regions is None and regions_of(receipt.reading) is None)
        ]
        sent = {_sending(receipt, is_by_folder): receipt.intake for receipt in alike}
        seen_first = {
            _sending(receipt, is_by_folder): receipt.seen_at or receipt.taken_in_at
            for receipt in reversed(alike)
        }
        there = {(receipt.sha256, receipt.folder if is_by_folder else None) for receipt in own}
        last_at = _last_at_each_place(earlier, source)
        intake = self._intake(source, clock, earlier)
        seen = 0
        new: dict[Sending, Receipt] = {}
        is_cut = False
        for file in files:
            if most is not None and len(new) >= most:
                is_cut = True
                break
            seen += 1
            sha256 = hashlib.sha256(file.content).hexdigest()
            name, origin = clean_name(Path(file.name).name), clean_place(file.origin)
            told_at = sane_time(file.modified_at)
            stored_at = _text(told_at) if told_at else ""
            folder = file.folder if is_by_folder else None
            event = (sha256, name, stored_at, folder)
            # a receipt of before folders were kept may be of any
            before = next((one for one in (event, (*event[:3], None)) if one in sent), None)
            is_known = sha256 in known
            is_here = bool({(sha256, folder), (sha256, None)} & there)
            # what stood at a place and stands there again was put back, with an older time of its own even
            is_back = bool(origin) and last_at.get(origin, sha256) != sha256
            is_sent = bool({event, (*event[:3], None)} & sent_so) or (is_here and not stored_at)
            # the same bytes read another way (a corrected sources file) are taken in once more
            if event in new or (is_known and is_sent and not is_back):
                continue
            self._keep(sha256, file.content)
            is_now = before is None or (is_known and is_back)
            seen_at = _text(clock) if before is None or is_now else seen_first[before]
            # a store that says it came after we saw it is wrong
            is_by_store = receipt_time == "store" and "" < stored_at <= seen_at
            receipt = Receipt(
                sha256=sha256,
                source=source,
                name=name,
                sender=source,
                received_at=stored_at if is_by_store else seen_at,
                taken_in_at=_text(clock),
                size_bytes=len(file.content),
                reading=reading,
                origin=origin,
                version=file.version,
                refuses_demo=refuses_demo,
                receipt_time="store" if is_by_store else "seen",
                stored_at=stored_at,
                seen_at=seen_at,
                intake=intake if before is None or is_now else sent[before],
                read_in=intake,
                is_again=is_known,
                folder=file.folder,
            )
            known.add(sha256)
            there.add((sha256, folder))
            new[event] = receipt
        self._note_cut(source, intake if is_cut else None)
        receipts = list(new.values())
        for start in range(0, len(receipts), BATCH_SIZE):
            self._write(receipts[start : start + BATCH_SIZE])
        return seen, len(receipts)

    def _intake(self, source: str, clock: datetime, earlier: Sequence[Receipt]) -> int:
        """The number of this intake: that of the other sources of its run, or of one that was cut short."""
        cut = self._cut_file(source)
        if cut.exists():
            return int(cut.read_text(encoding="utf-8"))
        last = max((receipt.read_in for receipt in earlier), default=0)
        of_last = [receipt for receipt in earlier if last and receipt.read_in == last]
        is_same_run = any(receipt.taken_in_at == _text(clock) for receipt in of_last)
        if is_same_run and source not in {receipt.source for receipt in of_last}:
            return last
        return last + 1

    def _note_cut(self, source: str, intake: int | None) -> None:
        if intake is not None:
            write_whole(self._cut_file(source), str(intake).encode(), mode=FILE)
        else:
            remove(self._cut_file(source))

    def _cut_file(self, source: str) -> Path:
        return self.root / "cut" / source

    def history(self, source: str) -> dict[str, list[str]]:
        """For each name of a document of ``source``, its hashes in the order in which they were taken in."""
        found: dict[str, list[str]] = {}
        for receipt in sorted(self.receipts(), key=_order_of_intake):
            if receipt.source == source:
                found.setdefault(receipt.name, []).append(receipt.sha256)
        return found

    def known_versions(self, source: str, reading: str) -> set[tuple[str, str]]:
        """The (origin, version) of each remote document of ``source`` that was received to be read so.

        The last one of each place: a store may call bytes that are put back by their old version.
        """
        last = {
            receipt.origin: receipt
            for receipt in sorted(self.receipts(), key=_order_of_intake)
            if receipt.source == source
        }
        return {
            (receipt.origin, receipt.version)
            for receipt in last.values()
            if receipt.reading == reading and receipt.version
        }

    def batches(self) -> list[Path]:
        """The receipt batches, in order of name."""
        return sorted((self.root / "receipts").glob("*.ndjson"))

    def receipts(self, batch: Path | None = None) -> Iterator[Receipt]:
        """The receipts of one batch, or of all.

        Raises:
            DamagedRawError: a batch is not what its name says.
        """
        for path in [batch] if batch else self.batches():
            content = path.read_bytes()
            if not path.stem.endswith(f"-{hashlib.sha256(content).hexdigest()[:_HASH_DIGITS]}"):
                raise DamagedRawError(say("raw.damaged_receipts", at=path))
            for line in content.decode().splitlines():
                yield _receipt(json.loads(line))

    def content(self, sha256: str) -> bytes:
        """The bytes of a received document.

        Raises:
            MissingRawError: they are gone.
            DamagedRawError: they changed.
        """
        try:
            content = self.place(sha256).read_bytes()
        except FileNotFoundError as error:
            raise MissingRawError(say("raw.missing_document", at=self.place(sha256))) from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise DamagedRawError(say("raw.damaged_document", at=self.place(sha256)))
        return content

    def place(self, sha256: str) -> Path:
        """Where the bytes of a document lie; who reads them asks for ``content``."""
        return self.root / "blobs" / sha256[:2] / sha256

    def _keep(self, sha256: str, content: bytes) -> None:
        blob = self.place(sha256)
        # what a run that died left under this name may be less than all, if the disk lost its power too
        if not blob.exists() or blob.read_bytes() != content:
            write_whole(blob, content, mode=KEPT_FILE, flushed=False)

    def _write(self, batch: list[Receipt]) -> None:
        lines = "".join(json.dumps(asdict(receipt), sort_keys=True) + "\n" for receipt in batch)
        content = lines.encode()
        # a receipt says that its document is there: the disk has the document first
        flush_all([self.place(receipt.sha256) for receipt in batch], self.root.parent)
        name = f"{batch[0].source}-{hashlib.sha256(content).hexdigest()[:_HASH_DIGITS]}.ndjson"
        write_whole(self.root / "receipts" / name, content, mode=FILE)


def _sending(receipt: Receipt, is_by_folder: bool) -> Sending:
    return (*receipt.event, receipt.folder if is_by_folder else None)


def _receipt(kept: dict[str, Any]) -> Receipt:
    """A receipt as it was kept; early ones hold names as senders gave them."""
    named = {"name": clean_name(kept["name"]), "origin": clean_place(kept.get("origin", ""))}
    return Receipt(**{**kept, **named})


def _last_at_each_place(receipts: Iterable[Receipt], source: str) -> dict[str, str]:
    """The hash of what stood last at each place of ``source``."""
    own = (receipt for receipt in receipts if receipt.source == source and receipt.origin)
    return {receipt.origin: receipt.sha256 for receipt in sorted(own, key=_order_of_intake)}


def _order_of_intake(receipt: Receipt) -> tuple[int, int, str]:
    return receipt.intake, receipt.read_in, receipt.taken_in_at


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds")
