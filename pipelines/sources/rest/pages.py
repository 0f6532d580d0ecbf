"""From one page of an API to the next: by number, offset, cursor or link, until there is none.

Stopping too early loses rows without an error, so each way of paging must see its end, and what
contradicts that is ``Unsettled``.

Put here: which address to ask next. Keep out: asking (``client``), rows (``connector``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx

from pipelines.messages import message
from pipelines.sources.rest.answer import Answer, Misshapen, json_path
from pipelines.sources.rest.spec import Pages, RestSource
from pipelines.submissions.extract import Number, Row

MOST_PAGES = 20_000


@dataclass(frozen=True, slots=True)
class Page:
    """An answer and the rows in it."""

    answer: Answer
    rows: list[Row]


Ask = Callable[[httpx.URL], Page]
"""Gives the page at an address."""

_LINK = re.compile(r"<([^>]*)>((?:\s*;\s*[^\s=;,]+(?:\s*=\s*(?:\"(?:[^\"\\]|\\.)*\"|[^\s\";,]*))?)*)")
_PARAMETER = re.compile(r";\s*([^\s=;,]+)\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s\";,]*))")


class Unsettled(Exception):
    """A pass cannot be believed: the source contradicts itself; the message says how."""


def walk(spec: RestSource, address: httpx.URL, ask: Ask) -> Iterator[Page]:
    """Each page of the source, from its first address on.

    Raises:
        Misshapen: what leads to the next page is of another shape.
        Unsettled: an empty page with rows after it, a page that leads back, pages without end.
    """
    pages = spec.pages
    if pages.size is not None:
        address = address.copy_set_param(pages.size_param, pages.size)
    if pages.by == "none":
        yield ask(address)
        return
    in_order = _counted if pages.by in ("number", "offset") else _chained
    for number, page in enumerate(in_order(spec.pages, address, ask), start=1):
        if number > MOST_PAGES:
            raise Unsettled(message("rest.too_many_pages", most=MOST_PAGES))
        yield page


def _counted(pages: Pages, address: httpx.URL, ask: Ask) -> Iterator[Page]:
    position, was_empty = pages.start, False
    while True:
        page = ask(address.copy_set_param(pages.param, position))
        if was_empty and page.rows:
            raise Unsettled(message("rest.empty_page"))
        yield page
        # one empty answer may be a fault: the end is where the next page is empty too
        if was_empty:
            return
        was_empty = not page.rows
        # an API may give fewer rows than it was asked for: an offset moves by what came
        position += 1 if pages.by == "number" else len(page.rows) or pages.size or 1


def _chained(pages: Pages, address: httpx.URL, ask: Ask) -> Iterator[Page]:
    following: httpx.URL | None = address
    asked: set[httpx.URL] = set()
    is_named = False
    while following is not None:
        if following in asked:
            raise Unsettled(message("rest.page_leads_back"))
        asked.add(following)
        page = ask(following)
        yield page
        is_named = is_named or not pages.next or page.answer.names(pages.next)
        following = _following(pages, address, page.answer)
    # a last page may leave the field out; where no page has it, it was renamed and rows would be lost
    if not is_named and not pages.total and page.rows:
        raise Misshapen(json_path(pages.next), message("rest.next_nowhere"), page.answer.content)


def _following(pages: Pages, address: httpx.URL, answer: Answer) -> httpx.URL | None:
    """The address of the page after ``answer``, if there is one."""
    found = answer.at(pages.next) if pages.next else _next_link(answer.link)
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
