"""A real SSH server on loopback that serves a folder, and can cut its sessions after some bytes."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

import paramiko

USER, PASSWORD = "daerah", "rahasia-uji"


class SshServer:
    """Serves ``folder`` while it is entered; after ``cut_after`` bytes it cuts its sessions, once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = paramiko.ECDSAKey.generate()
        self.cut_after: int | None = None
        self.bytes_sent = 0
        self.log_ins = 0
        self._transports: list[paramiko.Transport] = []

    def __enter__(self) -> Self:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()
        self.cut()

    @property
    def known_hosts_line(self) -> str:
        return f"[127.0.0.1]:{self.port} {self.key.get_name()} {self.key.get_base64()}\n"

    def cut(self) -> None:
        for transport in self._transports:
            transport.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            transport = paramiko.Transport(client)
            transport.add_server_key(self.key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _Folder, self)
            self._transports.append(transport)
            transport.start_server(server=_Door(self), event=threading.Event())


class _Door(paramiko.ServerInterface):
    def __init__(self, server: SshServer) -> None:
        self.server = server

    def get_allowed_auths(self, username: str) -> str:
        return "password"

    def check_auth_password(self, username: str, password: str) -> int:
        self.server.log_ins += 1
        right = (username, password) == (USER, PASSWORD)
        return paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED


class _Folder(paramiko.SFTPServerInterface):
    def __init__(self, door: paramiko.ServerInterface, server: SshServer) -> None:
        self.server = server
        super().__init__(door)

    def list_folder(self, path: str) -> list[paramiko.SFTPAttributes] | int:
        try:
            return [
                paramiko.SFTPAttributes.from_stat(entry.stat(follow_symlinks=False), entry.name)
                for entry in os.scandir(self._local(path))
            ]
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)

    def stat(self, path: str) -> paramiko.SFTPAttributes | int:
        try:
            return paramiko.SFTPAttributes.from_stat(os.stat(self._local(path)))
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)

    def open(self, path: str, flags: int, attr: paramiko.SFTPAttributes) -> paramiko.SFTPHandle | int:
        try:
            handle = _CountedHandle(self.server)
            handle.readfile = self._local(path).open("rb")
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)
        return handle

    def canonicalize(self, path: str) -> str:
        # as OpenSSH does: where links lead, seen from the folder as its root
        real = self._local(path).resolve()
        root = self.server.folder.resolve()
        if not real.is_relative_to(root):
            return f"/..{real}"
        return "/" if real == root else f"/{real.relative_to(root)}"

    def _local(self, path: str) -> Path:
        return self.server.folder / path.lstrip("/")


class _CountedHandle(paramiko.SFTPHandle):
    def __init__(self, server: SshServer) -> None:
        super().__init__()
        self.server = server

    def stat(self) -> paramiko.SFTPAttributes:
        return paramiko.SFTPAttributes.from_stat(os.fstat(self.readfile.fileno()))

    def read(self, offset: int, length: int) -> bytes | int:
        if self.server.cut_after is not None and self.server.bytes_sent > self.server.cut_after:
            self.server.cut_after = None
            self.server.cut()
        found = super().read(offset, length)
        self.server.bytes_sent += len(found) if isinstance(found, bytes) else 0
        return found
