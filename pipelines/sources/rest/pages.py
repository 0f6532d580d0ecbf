"""From one page of an API to the next: by number, offset, cursor or link, until there is none.

Stopping too early loses rows without an error, so each way of paging must see its end, and what
contradicts that is ``Unsettled``.

Put here: which address to ask next. Keep out: asking (``client``), rows (``connector``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import httpx

from pipelines.messages import message
from pipelines.sources.rest.answer import Answer, Misshapen, json_path
from pipelines.sources.rest.client import NoPage
from pipelines.sources.rest.signs import Sign, count_in, count_in_headers, is_last, more_in
from pipelines.sources.rest.spec import Pages, RestSource
from pipelines.sources.rest.stored_rows import StoredRows
from pipelines.submissions.extract import Number

MOST_PAGES = 20_000


@dataclass(frozen=True, slots=True)
class Page:
    """An answer and its rows; ``is_repeat``: there are some, and the pass has read each of them before."""

    answer: Answer
    rows: StoredRows
    is_repeat: bool = False


class Reader(Protocol):
    """What reads the pages that are walked."""

    def ask(self, address: httpx.URL) -> Page:
        """The page at an address."""

    def has_all(self) -> bool:
        """Whether the rows read so far are as many as the source says that there are (``pages.total``)."""


NO_SUCH_PAGE = frozenset({204, 404, 410, 416})
"""What HTTP calls a page that is not there: beyond the first one it is the end, as an empty page is."""

SAYS_NOTHING_OF_A_PAGE = frozenset({401, 403, 407, 408, 429})

_LINK = re.compile(r"<([^<>]*)>((?:\s*;\s*[^\s=;,]+(?:\s*=\s*(?:\"(?:[^\"\\]|\\.)*\"|[^\s\";,]*))?)*)")
_PARAMETER = re.compile(r";\s*([^\s=;,]+)\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s\";,]*))")


class Unsettled(Exception):
    """A pass cannot be believed: the source contradicts itself; the message says how."""


def walk(spec: RestSource, address: httpx.URL, reader: Reader) -> Iterator[Page]:
    """Each page of the source, from its first address on.

    Raises:
        Misshapen: what leads to the next page is of another shape, or leads on after the last page.
        Unsettled: an empty page with rows after it, a page that leads back, pages without end.
    """
    pages = spec.pages
    if pages.size is not None:
        address = address.copy_set_param(pages.size_param, pages.size)
    if pages.by == "none":
        yield from _alone(spec, address, reader)
        return
    in_order = _counted if pages.by in ("number", "offset") else _chained
    for number, page in enumerate(in_order(spec, address, reader), start=1):
        if number > MOST_PAGES:
            raise Unsettled(message("rest.too_many_pages", most=MOST_PAGES))
        yield page


def _alone(spec: RestSource, address: httpx.URL, reader: Reader) -> Iterator[Page]:
    page = _page_or_none(reader, address)
    if page is None:
        return
    yield page
    # `by: none` in so many words: the answer is whole, whatever stands in it
    if "by" not in spec.pages.model_fields_set:
        _demand_end(spec, page, 1)


def _counted(spec: RestSource, address: httpx.URL, reader: Reader) -> Iterator[Page]:
    pages, position, was_empty = spec.pages, spec.pages.start, False
    first: Page | None = None
    last: Page | None = None
    count = 0
    while True:
        page = _page_or_none(reader, address.copy_set_param(pages.param, position), may_end=count > 0)
        if first and last and page and _comes_again(spec, page, first, last, count, reader):
            return
        if page is not None and page.rows:
            if was_empty:
                raise Unsettled(message("rest.empty_page"))
            yield page
            first, last, count = first or page, page, count + 1
        elif page is not None and first is None and not was_empty:
            yield page
        if page is None and last is not None and not reader.has_all():
            _demand_end(spec, last, count)
        # one empty answer may be a fault: the end is where the next page is empty too
        is_empty = page is None or not page.rows
        if is_empty and (was_empty or reader.has_all()):
            return
        was_empty = is_empty
        # an API may give fewer rows than it was asked for: an offset moves by what came
        given = len(page.rows) if page else 0
        position += 1 if pages.by == "number" else given or pages.size or 1


def _comes_again(spec: RestSource, page: Page, first: Page, last: Page, count: int, reader: Reader) -> bool:
    """Whether ``page`` is what an API gives for a page after its last one: the last one again.

    Where nothing says that all rows are there it may as well be an API that does not know ``pages.param``.
    """
    if not page.is_repeat:
        return False
    if reader.has_all():
        return True
    if page.rows != last.rows or more_in(page.answer.body, spec.records, count):
        return False
    is_short = count > 1 and len(last.rows) < len(first.rows)
    return is_short or is_last(last.answer.body, spec.records, count)


def _chained(spec: RestSource, address: httpx.URL, reader: Reader) -> Iterator[Page]:
    pages = spec.pages
    following: httpx.URL | None = address
    asked: set[httpx.URL] = set()
    is_named = False
    last: Page | None = None
    while following is not None:
        if following in asked:
            if reader.has_all():
                return
            raise Unsettled(message("rest.page_leads_back"))
        asked.add(following)
        page = _page_or_none(reader, following)
        if page is None or (page.is_repeat and reader.has_all()):
            return
        yield page
        last = page
        is_named = is_named or not pages.next or page.answer.names(pages.next)
        following = _following(pages, address, page.answer)
    # a last page may leave the field out; where no page has it, it was renamed and rows would be lost
    if not is_named and not pages.total and last and last.rows:
        raise Misshapen(json_path(pages.next), message("rest.next_nowhere"), last.answer.content)
    if last and last.rows:
        _demand_end(spec, last, len(asked))


def _page_or_none(reader: Reader, address: httpx.URL, may_end: bool = False) -> Page | None:
    """The page at an address; none where there is no such page: after the end, as far as anybody can know.

    ``may_end``: pages are counted, and the address need not be one that the API gave.
    """
    try:
        return reader.ask(address)
    except NoPage as refused:
        is_no_page = refused.status == httpx.codes.NO_CONTENT or (may_end and refused.status in NO_SUCH_PAGE)
        if is_no_page or (reader.has_all() and refused.status not in SAYS_NOTHING_OF_A_PAGE):
            return None
        raise
    except Misshapen:
        if reader.has_all():
            return None
        raise


def _demand_end(spec: RestSource, last: Page, count: int) -> None:
    """Go on only where ``last``, the last of ``count`` pages, does not say itself that there are more rows.

    Raises:
        Misshapen: it does.
    """
    answer = last.answer
    found = more_in(answer.body, spec.records, count)
    if link := _next_link(answer.headers.get("link", "")):
        found = found or Sign("Link", link.partition("?")[0])
    if spec.pages.by == "none":
        announced = count_in_headers(answer.headers) or count_in(answer.body, spec.records)
        if announced and announced[1] > len(last.rows) and "total" not in spec.pages.model_fields_set:
            found = found or Sign(announced[0], f"{announced[1]} > {len(last.rows)}")
        if answer.is_partial:
            found = found or Sign("HTTP", "206")
    if found:
        why = message("rest.more_than_read", value=found.value)
        raise Misshapen(found.place, why, answer.content)


def _following(pages: Pages, address: httpx.URL, answer: Answer) -> httpx.URL | None:
    """The address of the page after ``answer``, if there is one."""
    found = answer.at(pages.next) if pages.next else _next_link(answer.headers.get("link", ""))
    if found is None or found is False or found == "":
        return None
    place = json_path(pages.next) if pages.next else "Link"
    if not isinstance(found, str) or (pages.by == "link" and isinstance(found, Number)):
        raise Misshapen(place, message("rest.no_page"), answer.content)
    if pages.by == "cursor":
        return address.copy_set_param(pages.param, str(found))
    try:
        return httpx.URL(answer.address).join(found)
    except httpx.InvalidURL:
        raise Misshapen(place, message("rest.no_web_address"), answer.content) from None


def _next_link(header: str) -> str | None:
    """The target of relation ``next`` in a Link header (RFC 8288).

    Not httpx's ``Response.links``: it cuts a target at its semicolon, and loses a ``rel`` after a parameter
    with an equals sign in its text, so the pages after it would be lost without an error.
    """
    for target, parameters in _LINK.findall(header):
        # of a parameter that comes twice the first counts
        found = {
            name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(parameters)[::-1]
        }
        if "next" in found.get("rel", "").lower().split():
            return str(target)
    return None
