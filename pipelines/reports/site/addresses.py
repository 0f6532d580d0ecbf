"""Where the pages of a choice stand: the newest quarter under the short address, others in folders.

Put here: addresses, from the folder of the site. Keep out: what stands there (``pages``, ``explorer``).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of one site, whose newest quarter is ``latest``."""

    latest: str

    def national(self, period: str) -> str:
        """The national page of a quarter."""
        return "index.html" if period == self.latest else f"nasional/{period}.html"

    def league(self, period: str, sector: str | None = None) -> str:
        """The league tables of a quarter, over the whole index or a sector."""
        if sector is not None:
            return f"peringkat/{period}-{sector}.html"
        return "peringkat.html" if period == self.latest else f"peringkat/{period}.html"

    def province(self, code: str, period: str | None = None) -> str:
        """The page of a province in a quarter."""
        return f"provinsi/{code}.html" if period in (None, self.latest) else f"provinsi/{code}/{period}.html"

    def service(self, subject: str) -> str:
        """The page of a service or an indicator."""
        return f"layanan/{subject}.html"

    def file(self, page: str, part: str = "") -> str:
        """The CSV beside a table of a page."""
        return f"data/{page.removesuffix('.html')}{part}.csv"


def root_of(page: str) -> str:
    """What leads from a page to the folder of the site."""
    return "../" * page.count("/")
