"""What each error means to whoever called ``spm``: 1 the gate closed, 2 usage or configuration, 3 a store.

By class name along the chain of bases, so that asking costs no import.
"""

from __future__ import annotations

EXIT_CODES = {
    "NothingReceivedError": 1,
    "GateClosedError": 1,
    "RunFailedError": 1,
    "ModelsFailedError": 1,
    "SourcesError": 2,
    "SettingsError": 2,
    "RegistryError": 2,
    "RegionNotFoundError": 2,
    "AmbiguousRegionError": 2,
    "UnknownReleaseError": 2,
    "NotScoredError": 2,
    "SampleError": 2,
    "SourceUnavailable": 3,
    "StaleBaseError": 3,
    "DamagedReleaseError": 3,
    "PermissionError": 3,
}


def exit_code_of(error: BaseException) -> int | None:
    """The exit code of an error that a caller can mend; none for a bug."""
    for kind in type(error).__mro__:
        if kind.__name__ in EXIT_CODES:
            return EXIT_CODES[kind.__name__]
    return None
