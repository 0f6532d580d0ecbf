"""Sending one message to one receiver through Apprise: plain text, short waits, no secret in any error.

Apprise reads here neither configuration nor attachments, follows no redirect and keeps nothing on the disk.

Put here: the one door to Apprise. Keep out: what is said, and to whom (``telling``, ``channels``).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote, unquote

from pipelines.alerts.channels import Channel
from pipelines.messages import Message, cause, message, printable
from pipelines.settings import secret

CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS = 5, 10, 20
MAIL = ("mailto", "mailtos")
_SCHEMA = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)


class NotSentError(Exception):
    """A message did not go out; raised with a ``Message`` that holds no secret."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """One that a message goes to: a channel, or one of its addresses."""

    channel: Channel
    to: str | None = None

    @property
    def name(self) -> str:
        """What it is called, in the record of what was told too."""
        return f"{self.channel.name} {self.to}" if self.to else self.channel.name


def receivers_of(channels: Sequence[Channel]) -> list[Receiver]:
    """The receivers of channels, in their order."""
    return [Receiver(channel, to) for channel in channels for to in (channel.to or (None,))]


def send(receiver: Receiver, title: str, body: str, *, is_bad: bool = True) -> None:
    """Send a message; ``is_bad`` colours it where a service has colours.

    Raises:
        NotSentError: it did not go out; why.
    """
    # late: most runs have nothing to tell
    from apprise import Apprise, AppriseAsset, NotifyFormat, NotifyType

    url = _url(receiver)
    asset = AppriseAsset(
        storage_mode="memory",
        service_timeout=WHOLE_SECONDS,
        allow_templates=False,
        secure_logging=True,
        app_id="SPM",
        app_desc="SPM",
        app_url="",
        async_mode=False,
        http_redirects=False,
        pgp_autogen=False,
        interpret_escapes=False,
    )
    with _heard() as said:
        service = Apprise.instantiate(url, asset=asset)
        if service is None:
            raise NotSentError(
                message("alert.no_service", variable=receiver.channel.url_env, why=_why(said, url))
            )
        if len(getattr(service, "targets", None) or ()) > 1:
            raise NotSentError(message("alert.many_receivers", variable=receiver.channel.url_env))
        service.notify_format = NotifyFormat.TEXT
        service.socket_connect_timeout, service.socket_read_timeout = CONNECT_SECONDS, READ_SECONDS
        services = Apprise(asset=asset)
        services.add(service)
        try:
            is_sent = services.notify(
                body=body,
                title=title,
                notify_type=NotifyType.FAILURE if is_bad else NotifyType.SUCCESS,
                body_format=NotifyFormat.TEXT,
                interpret_escapes=False,
                timeout=WHOLE_SECONDS,
            )
        except Exception as error:  # a plugin may raise whatever its service makes it
            raise NotSentError(message("alert.not_sent", why=_masked(str(cause(error)), url))) from None
    if not is_sent:
        raise NotSentError(message("alert.not_sent", why=_why(said, url)))


def _url(receiver: Receiver) -> str:
    channel = receiver.channel
    url = secret(channel.url_env)
    if url is None:
        raise NotSentError(message("source.no_variable", variable=channel.url_env))
    schema = _SCHEMA.match(url)
    if schema is None or not url.isprintable():
        raise NotSentError(message("alert.no_url", variable=channel.url_env))
    if receiver.to is None:
        return url
    if schema[1].lower() not in MAIL:
        raise NotSentError(message("alert.no_mail", variable=channel.url_env))
    return f"{url}{'&' if '?' in url else '?'}to={quote(receiver.to)}"


@contextmanager
def _heard() -> Iterator[list[str]]:
    """What Apprise and its libraries log, kept from every output: an address may be in it."""
    said: list[str] = []

    class _Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    handler = _Kept(logging.WARNING)
    # urllib3 logs the path of a request, which is the secret of many webhooks
    loggers = [logging.getLogger(name) for name in ("apprise", "urllib3.connectionpool")]
    before = [(logger, logger.propagate, logger.level) for logger in loggers]
    for logger in loggers:
        logger.propagate = False
        logger.setLevel(logging.WARNING)
        logger.addHandler(handler)
    try:
        yield said
    finally:
        for logger, propagate, level in before:
            logger.removeHandler(handler)
            logger.propagate = propagate
            logger.setLevel(level)


def _why(said: Sequence[str], url: str) -> str:
    return _masked("; ".join(dict.fromkeys(said)), url) or str(Message("-", "-"))


def _masked(text: str, url: str) -> str:
    """The text without any part of an address."""
    parts = {part for part in re.split(r"[/?&=@:,]+", url.partition("://")[2]) if len(part) > 2}
    for part in sorted({*parts, *map(unquote, parts)}, key=len, reverse=True):
        text = text.replace(part, "***")
    return printable(" ".join(text.split()))[:500]
