"""The socket of ``spm serve`` and the server on it.

Put here: binding, starting, ending. Keep out: what is answered (``app``).
"""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn

from pipelines.errors import ConfigurationError
from pipelines.messages import cause, say
from pipelines.serve.app import application
from pipelines.settings import Settings

_MOST_CONNECTIONS = 512
_IDLE_SECONDS, _LAST_SECONDS = 15, 10


class NotListeningError(ConfigurationError):
    """The address and port cannot be listened on."""


def run(settings: Settings, host: str, port: int, told: Callable[[str], object]) -> None:
    """Serve the home until a signal comes; ``told`` gets the line that says where.

    Raises:
        NotListeningError: the port is in use, or the address is not of this machine.
    """
    with _bound(host, port) as listening:
        config = uvicorn.Config(
            application(settings),
            # its parser bounds what the head of a request may take
            http="h11",
            ws="none",
            loop="asyncio",
            lifespan="on",
            log_level="warning",
            # whoever sends a form need not stand in a log; a proxy has its own
            access_log=False,
            server_header=False,
            proxy_headers=bool(settings.serving.trusted_proxies),
            forwarded_allow_ips=list(settings.serving.trusted_proxies),
            limit_concurrency=_MOST_CONNECTIONS,
            timeout_keep_alive=_IDLE_SECONDS,
            timeout_graceful_shutdown=_LAST_SECONDS,
        )
        shown = f"[{host}]" if ":" in host else host
        told(say("serve.listening", at=f"http://{shown}:{listening.getsockname()[1]}/", home=settings.home))
        uvicorn.Server(config).run(sockets=[listening])


def _bound(host: str, port: int) -> socket.socket:
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, proto)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            # bound alone, a port is free to another server: both would take turns
            listening.listen(2048)
        except BaseException:
            listening.close()
            raise
    except (OSError, UnicodeError, OverflowError) as error:
        raise NotListeningError(say("serve.no_port", at=f"{host}:{port}", why=cause(error))) from None
    return listening
