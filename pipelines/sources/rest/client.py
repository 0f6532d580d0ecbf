"""One polite, bounded and safe HTTP client: what every request to an API keeps to.

Polite: a rate, pauses that grow by chance, Retry-After. Bounded: time-outs, attempts, seconds, bytes after
decompression. Safe: the hosts of the source and no other, no redirect away, no secret in any message.

Put here: from an address to a whole answer. Keep out: what is in it (``answer``), which address is
next (``pages``).
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_random_exponential

from pipelines.messages import Message, cause, message, printable, say
from pipelines.settings import MB, Limits
from pipelines.sources.rest.answer import MOST_KEPT_BYTES, Answer, Misshapen, NotJson
from pipelines.sources.rest.body_reader import TooMuch, read_body
from pipelines.sources.rest.credentials import signature
from pipelines.sources.rest.spec import RestSource
from pipelines.sources.source import SourceUnavailable

LONGEST_BACKOFF_SECONDS = 60
MOST_REDIRECTS = 3
_PORTS = {"http": 80, "https": 443}
_INFLATED_PIECE = 2**16
_LONGEST_KIND = 100


class _Passing(Exception):
    """A fault that may be gone at the next attempt, and how long the server wants to be left alone."""

    def __init__(
        self,
        why: Message | str,
        retry_after: float | None = None,
        content: bytes | None = None,
        place: str = "$",
        status: int | None = None,
    ) -> None:
        super().__init__(why)
        self.retry_after = retry_after
        self.content = content
        self.place = place
        self.status = status


class NoPage(SourceUnavailable):
    """The API itself answered that it has no such page, or failed at it; ``status`` is what HTTP calls it."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.status = status


class RestClient:
    """Asks one source for one extract; a context manager, because it keeps connections open.

    Raises:
        SourceUnavailable: a variable that the source names is not in the environment.
    """

    def __init__(self, spec: RestSource, address: httpx.URL, limits: Limits) -> None:
        self.limits = limits
        self._spec = spec
        self._where = f"{spec.name}: {address}"
        self._scheme = address.scheme
        self._hosts = _hosts(spec, address)
        self._ends_at = time.monotonic() + spec.max_seconds
        self._next_turn_at = 0.0
        self._backoff = wait_random_exponential(spec.backoff_seconds, LONGEST_BACKOFF_SECONDS)
        signed = signature(spec)
        self._secrets = [text.split()[-1] for text in signed.values()]
        self._http = httpx.Client(
            headers={
                "User-Agent": "spm-pipelines",
                "Accept": "application/json",
                "Accept-Encoding": "gzip",
                **signed,
            },
            timeout=spec.timeout_seconds,
            follow_redirects=False,
        )

    def __enter__(self) -> RestClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def get(self, address: httpx.URL, most_bytes: int, once: bool = False) -> Answer:
        """The whole answer of an address, of at most ``most_bytes`` after decompression.

        ``once``: nothing is missing, so an error is not asked about again.

        Raises:
            Misshapen: each attempt gave something else than JSON, or an error though HTTP calls it well.
            NoPage: the API answered, with an HTTP status of an error.
            SourceUnavailable: no whole answer came, it is not allowed, or it is too large.
        """
        retrying = Retrying(
            retry=retry_if_exception_type(_Passing),
            wait=self._pause,
            stop=self._gives_up_after_an_answer if once else self._gives_up,
            reraise=True,
        )
        try:
            return retrying(self._attempt, address, most_bytes)
        except _Passing as fault:
            if fault.content is not None:
                raise Misshapen(fault.place, cause(fault), fault.content) from None
            attempts = retrying.statistics["attempt_number"]
            failed = self._unavailable(message("rest.failed", attempts=attempts, why=cause(fault)))
            raise (NoPage(str(failed), fault.status) if fault.status else failed) from fault

    def _attempt(self, address: httpx.URL, most_bytes: int) -> Answer:
        for _ in range(MOST_REDIRECTS + 1):
            self._check(address)
            self._await_turn()
            try:
                with self._http.stream("GET", address) as response:
                    if not response.has_redirect_location:
                        self._check_status(response)
                        return self._answer(response, self._whole(response, most_bytes))
                    address = self._redirected(response)
            except httpx.TransportError as error:
                # the text of this one quotes the header that it refuses to send, and so a secret
                said = "" if isinstance(error, httpx.LocalProtocolError) else str(error)
                raise _Passing(" ".join(f"{type(error).__name__} {said}".split())) from error
        raise self._unavailable(message("rest.too_many_redirects", most=MOST_REDIRECTS))

    def _check(self, address: httpx.URL) -> None:
        """Stop before an address is asked that the source did not name."""
        if address.scheme != self._scheme or _host(address) not in self._hosts or address.userinfo:
            raise self._unavailable(message("rest.address_not_allowed", address=_origin(address)))

    def _redirected(self, response: httpx.Response) -> httpx.URL:
        here = response.url
        try:
            target = here.join(response.headers["location"])
        except httpx.InvalidURL:
            target = httpx.URL("")
        if (target.scheme, _host(target)) != (here.scheme, _host(here)):
            raise self._unavailable(message("rest.redirected", address=_origin(target)))
        return target

    def _check_status(self, response: httpx.Response) -> None:
        status = response.status_code
        if 200 <= status < 300 and status != httpx.codes.NO_CONTENT:
            return
        if status == 429 or status >= 500:
            retry_after = _retry_after(response.headers.get("retry-after"))
            waits = "" if retry_after is None else f", Retry-After: {retry_after:.0f} s"
            # 429 says nothing of the page
            raise _Passing(f"HTTP {status}{waits}", retry_after, status=status if status >= 500 else None)
        raise NoPage(f"{self._where}: HTTP {status}: {self._advice(status)}", status)

    def _advice(self, status: int) -> Message:
        spec = self._spec
        names = " + ".join(filter(None, (spec.token_env, spec.user_env, spec.password_env)))
        if status in (401, 403) and names:
            return message("rest.check_variables", variables=names)
        if status in (401, 403):
            return message("rest.needs_credentials")
        return message("rest.check_address")

    def _whole(self, response: httpx.Response, most_bytes: int) -> bytearray:
        """The body, decompressed here in small pieces: an answer of 1 MB can unpack to 1 GB."""
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("identity", "gzip"):
            raise self._unavailable(say("rest.not_asked_for", at=f"Content-Encoding {encoding!r}"))
        pieces = response.iter_raw()
        content = bytearray()
        for piece in _inflated(pieces) if encoding == "gzip" else pieces:
            content += piece
            if len(content) > most_bytes:
                raise self._unavailable(message("rest.too_large", most=f"{self._spec.max_mb:g}"))
            if len(content) > self.limits.inflated_bytes:
                most = self.limits.inflated_bytes // MB
                raise self._unavailable(message("rest.answer_too_large", most=most))
            self._seconds_left()
        return content

    def _answer(self, response: httpx.Response, content: bytearray) -> Answer:
        try:
            body = read_body(content, self._spec.records, self.limits)
        except NotJson as error:
            kind = printable(response.headers.get("content-type", "?"))[:_LONGEST_KIND]
            said = message("rest.no_json", kind=kind, why=error)
            raise _Passing(said, content=bytes(content[:MOST_KEPT_BYTES])) from None
        except TooMuch as error:
            raise self._unavailable(cause(error)) from None
        if found := body.error:
            why = message("rest.says_error", said=self._without_secrets(found.value))
            raise _Passing(why, content=bytes(content[:MOST_KEPT_BYTES]), place=found.place)
        is_partial = response.status_code == httpx.codes.PARTIAL_CONTENT
        return Answer(
            str(response.url),
            response.headers,
            bytes(content[:MOST_KEPT_BYTES]),
            len(content),
            body.around,
            body.rows,
            body.misshapen,
            is_partial,
        )

    def _without_secrets(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text

    def _await_turn(self) -> None:
        self._seconds_left()
        time.sleep(max(0.0, self._next_turn_at - time.monotonic()))
        self._next_turn_at = time.monotonic() + 1 / self._spec.requests_per_second

    def _pause(self, state: RetryCallState) -> float:
        fault = state.outcome and state.outcome.exception()
        asked = fault.retry_after if isinstance(fault, _Passing) else None
        return (asked or 0) + self._backoff(state)

    def _gives_up(self, state: RetryCallState) -> bool:
        # a pause longer than what is left is not cut short: who asks for rest is not asked again
        return state.attempt_number >= self._spec.attempts or state.upcoming_sleep > self._seconds_left()

    def _gives_up_after_an_answer(self, state: RetryCallState) -> bool:
        fault = state.outcome and state.outcome.exception()
        is_answer = isinstance(fault, _Passing) and (fault.status or fault.content is not None)
        return bool(is_answer) or self._gives_up(state)

    def _seconds_left(self) -> float:
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise self._unavailable(message("rest.too_slow", seconds=f"{self._spec.max_seconds:g}"))
        return left

    def _unavailable(self, sentence: Message | str) -> SourceUnavailable:
        return SourceUnavailable(f"{self._where}: {sentence}")


def _inflated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        for chunk in chunks:
            rest = chunk
            while rest:
                if inflate.eof:  # a gzip body may have several members
                    inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
                yield inflate.decompress(rest, _INFLATED_PIECE)
                rest = inflate.unused_data if inflate.eof else inflate.unconsumed_tail
        # what zlib has read and not yet given is less than one piece more
        yield inflate.flush()
    except zlib.error as error:
        raise _Passing(message("rest.damaged_gzip", why=error)) from None


def _hosts(spec: RestSource, address: httpx.URL) -> frozenset[tuple[str, int | None]]:
    """Host and port of every server that may be asked; a host without a port is at the port of ``url``."""
    if not spec.hosts:
        return frozenset({_host(address)})
    named = [httpx.URL(f"{address.scheme}://{host}") for host in spec.hosts]
    return frozenset((host.host, host.port or _host(address)[1]) for host in named)


def _host(address: httpx.URL) -> tuple[str, int | None]:
    return address.host, address.port or _PORTS.get(address.scheme)


def _origin(address: httpx.URL) -> str:
    """An address without its path and query, which may hold what is not for a log."""
    return f"{address.scheme}://{address.host}" + (f":{address.port}" if address.port else "")


def _retry_after(header: str | None) -> float | None:
    """Seconds of a Retry-After header, which is a number or a date; none if it is neither."""
    if header is None:
        return None
    if header.strip().isdecimal():
        return float(header)
    try:
        until = parsedate_to_datetime(header)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())
