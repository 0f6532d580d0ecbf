"""SFTP as official reports need it: no server whose key is unknown, no waiting for ever.

fsspec's own SFTP trusts whatever key a server shows at first sight, and stays dead once its session is cut.

Put here: the SSH session. Keep out: which source wants it (``file_systems``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from stat import S_ISREG
from typing import Any
from urllib.parse import urlsplit

import paramiko
from fsspec.implementations.sftp import SFTPFileSystem

from pipelines.messages import message
from pipelines.sources.files.local import NoDocumentError


class VerifiedSFTP(SFTPFileSystem):
    """SFTP to a server whose key stands in ``known_hosts``; a cut session is opened again.

    Only the password or the ``key_filename`` given is tried: no agent, no keys that happen to lie around.

    ``within`` is the folder that every document lies in.

    Raises:
        PermissionError: the server's key is unknown or another, or it refuses the credentials.
    """

    def __init__(
        self, host: str, known_hosts: str = "", timeout: float = 30, within: str = "/", **ssh: Any
    ) -> None:
        self.within = within
        self.known_hosts = known_hosts or str(Path("~/.ssh/known_hosts").expanduser())
        self.timeout = timeout
        super().__init__(host, **ssh)

    @classmethod
    def of_address(cls, address: str, options: Mapping[str, Any]) -> VerifiedSFTP:
        """The file system of ``sftp://user@host:port/…``; options go before the address."""
        parts = urlsplit(address)
        told = {"host": parts.hostname, "port": parts.port, "username": parts.username}
        within = re.split(r"[*?\[]", cls._strip_protocol(address), maxsplit=1)[0].rpartition("/")[0] or "/"
        known = {name: value for name, value in told.items() if value is not None}
        return cls(**{**known, "within": within, **options})

    @property
    def ftp(self) -> paramiko.SFTPClient:
        """The session, opened again if it was cut."""
        transport = self.client.get_transport()
        if transport is None or not transport.is_active() or self._session.sock.closed:
            self._connect()
        return self._session

    def ls(self, path: str, detail: bool = False) -> list[Any]:
        """The entries of a folder; a link is what it leads to."""
        entries = [self._followed(entry) for entry in super().ls(path, detail=True)]
        return entries if detail else sorted(entry["name"] for entry in entries)

    def cat_file(self, path: str, start: int | None = None, end: int | None = None, **_: Any) -> bytes:
        """The bytes of a file, or of a range of it; asked for all at once, not one after the other."""
        self._demand_inside(self._strip_protocol(path))
        with self.ftp.open(self._strip_protocol(path), "rb") as file:
            begin = start or 0
            length = (file.stat().st_size or 0) - begin if end is None else end - begin
            return b"".join(file.readv([(begin, length)]))

    def unstrip_protocol(self, name: str) -> str:
        """The address of a path, without the user."""
        port = self.ssh_kwargs.get("port", paramiko.config.SSH_PORT)
        where = self.host if port == paramiko.config.SSH_PORT else f"{self.host}:{port}"
        return f"sftp://{where}{self._strip_protocol(name)}"

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        # not urlsplit: `?` and `#` are letters of a file's name here
        return re.sub(r"^(sftp|ssh)://[^/]*", "", path).rstrip("/") or "/"

    def _connect(self) -> None:
        self.client = paramiko.SSHClient()
        self.client.load_system_host_keys(self.known_hosts)
        self.client.set_missing_host_key_policy(_RefuseUnknown(self.known_hosts))
        try:
            self._log_in()
        except paramiko.BadHostKeyException as error:
            raise PermissionError(
                message("file.other_server_key", known_hosts=self.known_hosts, why=error)
            ) from error
        except paramiko.AuthenticationException as error:
            raise PermissionError(message("file.credentials_refused", why=error)) from error

    def _log_in(self) -> None:
        try:
            self.client.connect(
                self.host,
                timeout=self.timeout,
                banner_timeout=self.timeout,
                auth_timeout=self.timeout,
                channel_timeout=self.timeout,
                allow_agent=False,
                look_for_keys=False,
                **self.ssh_kwargs,
            )
            self._session = self.client.open_sftp()
            self._session.sock.settimeout(self.timeout)
        except Exception:
            self.client.close()
            raise

    @staticmethod
    def _decode_stat(stat: Any, parent_path: str | None = None) -> dict[str, Any]:
        found: dict[str, Any] = SFTPFileSystem._decode_stat(stat, parent_path)
        # fsspec takes a pipe or a device for a file, and reading one may never end
        is_known = stat.st_mode is None or S_ISREG(stat.st_mode) or found["type"] != "file"
        return found if is_known else {**found, "type": "other"}

    def _demand_inside(self, path: str) -> None:
        """Go on where a path is below the folder of the source, wherever links lead."""
        within = self.ftp.normalize(self.within).rstrip("/") + "/"
        if not self.ftp.normalize(path).startswith(within):
            raise NoDocumentError(message("file.link_outside", folder=self.within))

    def _followed(self, entry: dict[str, Any]) -> dict[str, Any]:
        if entry["type"] != "link":
            return entry
        try:
            return {**self.info(entry["name"]), "islink": True}
        except FileNotFoundError:
            # a link to nowhere fails when it is fetched, by its own name
            return {**entry, "type": "file"}


class _RefuseUnknown(paramiko.MissingHostKeyPolicy):
    def __init__(self, known_hosts: str) -> None:
        self.known_hosts = known_hosts

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:
        shown = f"{key.get_name()} {key.fingerprint}"
        raise PermissionError(
            message("file.unknown_server_key", host=hostname, key=shown, known_hosts=self.known_hosts)
        )
