"""What each error means to whoever called ``spm``: 1 the gate closed, 2 usage or configuration, 3 a store.

By class name along the chain of bases, so that asking costs no import.
"""

from __future__ import annotations

import re

EXIT_CODES = {
    "NothingReceivedError": 1,
    "GateClosedError": 1,
    "ApprovalNeededError": 1,
    "ApprovalRefusedError": 1,
    "RunFailedError": 1,
    "ModelsFailedError": 1,
    "SourcesError": 2,
    "SettingsError": 2,
    "RegistryError": 2,
    "RegionNotFoundError": 2,
    "AmbiguousRegionError": 2,
    "UnknownReleaseError": 2,
    "UnknownTableError": 2,
    "NotScoredError": 2,
    "UnknownMethodError": 2,
    "UnknownRuleError": 2,
    "UnknownParameterError": 2,
    "UnscoredPeriodError": 2,
    "SampleError": 2,
    "AsOfError": 2,
    "BadPublisherError": 2,
    "ExportFolderError": 2,
    "NotRebuildableError": 2,
    "SourceUnavailable": 3,
    "StaleBaseError": 3,
    "DamagedReleaseError": 3,
    "StoreFailedError": 3,
    "HomeBusyError": 3,
    "PostgresFailed": 3,
}


_STORE_FAILURES = {
    "penyimpanan penuh / the disk is full": (
        r"No space left on device|disk is full|Disk quota exceeded|File too large"
    ),
    "tidak boleh atau tidak dapat ditulis / may not or cannot be written": (
        r"Read-only file system|Permission denied|Operation not permitted|readonly database"
        r"|Input/output error"
    ),
    "memori habis / out of memory": r"Out of Memory Error|MemoryError|Cannot allocate memory|std::bad_alloc",
    "terlalu banyak berkas terbuka / too many open files": r"Too many open files",
}
"""What the machine can refuse, by the words of the system, of DuckDB and of SQLite."""


class StoreFailedError(RuntimeError):
    """Disk or memory failed a run; what is published is untouched, and the run may be tried again."""


def store_failed(text: str) -> str | None:
    """What the machine refused, going by the text of an error with its class; none if that was not it."""
    return next((said for said, words in _STORE_FAILURES.items() if re.search(words, text)), None)


def clear_line(text: str) -> str:
    """One line for an error of disk or memory: what, where, and what to do."""
    line = next((line for line in text.splitlines() if store_failed(line)), text).strip()
    return (
        f"{store_failed(text)}: {line}; rilis yang terbit tidak berubah, ulangi setelah diperbaiki"
        " / what is published is unchanged, run again once that is mended"
    )


def exit_code_of(error: BaseException) -> int | None:
    """The exit code of an error that a caller can mend; none for a bug."""
    for kind in type(error).__mro__:
        if kind.__name__ in EXIT_CODES:
            return EXIT_CODES[kind.__name__]
    return 3 if _of_the_machine(error) else None


def message_of(error: BaseException) -> str:
    """What is said of an error that a caller can mend, in one line where the machine is to blame."""
    return clear_line(f"{type(error).__name__}: {error}") if _of_the_machine(error) else str(error)


def _of_the_machine(error: BaseException) -> bool:
    return any(kind.__name__ in _MACHINE_ERRORS for kind in type(error).__mro__) and bool(
        store_failed(f"{type(error).__name__}: {error}")
    )


_MACHINE_ERRORS = {"OSError", "MemoryError", "OutOfMemoryException", "IOException", "OperationalError"}
