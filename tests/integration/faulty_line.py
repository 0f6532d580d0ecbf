"""A line to a PostgreSQL server that breaks where a plan says: cut, reset, fallen silent, session ended.

Put here: breaking it. Keep out: the server (``postgres``), what should come of it (the tests say).
"""

from __future__ import annotations

import select
import socket
import struct
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import URL


@dataclass(frozen=True, slots=True)
class Fault:
    """What befalls one connection once ``after_bytes`` of the server's answers have passed."""

    after_bytes: int
    kind: Literal["close", "reset", "stall", "terminate"]


class FaultyLine:
    """A line to the server at a local port: each connection suffers its fault of the plan, later ones none.

    ``terminate`` ends the session of a server process, by its number.
    """

    def __init__(self, url: URL, terminate: Callable[[int], None]) -> None:
        self._plan: Sequence[Fault] = ()
        self._connections = 0
        self._server_path = f"{url.query['host']}/.s.PGSQL.5432"
        self._terminate = terminate
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        self.url = url.set(host="127.0.0.1", port=port, query={"sslmode": "disable"})
        threading.Thread(target=self._serve, daemon=True).start()

    def start_plan(self, plan: Sequence[Fault]) -> None:
        """Give the next connections the faults of ``plan``, in order."""
        self._plan, self._connections = plan, 0

    def close(self) -> None:
        """Take no more connections."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            fault = self._plan[self._connections] if self._connections < len(self._plan) else None
            self._connections += 1
            threading.Thread(target=self._relay, args=(client, fault), daemon=True).start()

    def _relay(self, client: socket.socket, fault: Fault | None) -> None:
        with client, socket.socket(socket.AF_UNIX) as server, suppress(OSError):
            server.connect(self._server_path)
            left = fault.after_bytes if fault else 0
            process = 0
            while True:
                ready, _, _ = select.select([client, server], [], [])
                if client in ready:
                    question = client.recv(65536)
                    if not question:
                        return
                    server.sendall(question)
                if server not in ready:
                    continue
                answer = server.recv(16384)
                if not answer:
                    return
                process = process or _process_number(answer)
                if fault and len(answer) > left:
                    client.sendall(answer[:left])
                    if self._befall(client, fault, process):
                        return
                    answer, fault = answer[left:], None
                left -= len(answer)
                client.sendall(answer)

    def _befall(self, client: socket.socket, fault: Fault, process: int) -> bool:
        """Let the fault happen; whether the line is dead then."""
        if fault.kind == "terminate" and process:
            self._terminate(process)
            return False
        if fault.kind == "stall":
            # what the client still asks is swallowed, until it gives up
            while client.recv(65536):
                pass
        if fault.kind == "reset":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return True


def _process_number(answer: bytes) -> int:
    # BackendKeyData: 'K', its length 12, the process number, a secret
    start = answer.find(b"K\x00\x00\x00\x0c")
    return int.from_bytes(answer[start + 5 : start + 9], "big") if start >= 0 else 0
