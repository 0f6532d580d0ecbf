"""What is said when a source cannot be read, and how often it is asked again before that is said.

Put here: the errors that every kind of source shares. Keep out: connecting (``files``, ``rest``, ``sql``).
"""

from __future__ import annotations

from pipelines.errors import UnavailableError
from pipelines.submissions.rows import RawFile


class SourceUnavailable(UnavailableError):
    """A source could not be listed or fetched after its retries; the message says what, where, what to do."""

    @classmethod
    def because(cls, where: str, error: BaseException) -> SourceUnavailable:
        """The sentence for a cause that the source's library gave."""
        cause = " ".join(str(error).split()) or type(error).__name__
        return cls(
            f"{where}: sumber tidak dapat dibuka ({cause}); periksa alamat, jaringan, dan izin "
            "/ the source cannot be opened; check address, network and permission"
        )


class UnknownShape(SourceUnavailable):
    """A source answered in a shape that we do not know; ``document`` keeps that answer, to be rejected."""

    def __init__(self, message: str, document: RawFile) -> None:
        super().__init__(message)
        self.document = document
