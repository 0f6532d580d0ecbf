"""What code tries that runs in a process where a sender's document is read.

Each attack raises OSError where it is refused, and returns where it came through. It is given the facts that
an attacker could find out: the address of a listening server, files of the home, the process that reads.

Put here: an attack a function. Keep out: what is proved of them (``tests/integration/test_sandbox.py``).
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import mmap
import os
import platform
import resource
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

Facts = dict[str, Any]
ATTACKS: dict[str, Callable[[Facts], Any]] = {}
_LIBC = ctypes.CDLL(None, use_errno=True)
_X86 = platform.machine() == "x86_64"


def attack(function: Callable[[Facts], Any]) -> Callable[[Facts], Any]:
    ATTACKS[function.__name__] = function
    return function


def _call(x86: int, arm: int, *arguments: Any) -> int:
    given = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    result = _LIBC.syscall(ctypes.c_long(x86 if _X86 else arm), *given)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return int(result)


# --- network


@attack
def connect_tcp(facts: Facts) -> None:
    socket.create_connection(("127.0.0.1", facts["port"]), 2)


@attack
def send_udp(facts: Facts) -> None:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"rahasia", ("127.0.0.1", facts["port"]))


@attack
def connect_unix(facts: Facts) -> None:
    socket.socket(socket.AF_UNIX).connect(facts["unix"])


@attack
def socket_pair(facts: Facts) -> None:
    socket.socketpair()


@attack
def listen(facts: Facts) -> None:
    socket.socket().listen()


@attack
def ask_by_netlink(facts: Facts) -> None:
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)


@attack
def io_uring(facts: Facts) -> None:
    _call(425, 425, 8, ctypes.create_string_buffer(256))


@attack
def connect_by_the_calls_of_32_bits(facts: Facts) -> None:
    # x32: the same machine, other numbers; there is nothing like it on ARM
    _call(41 | 0x40000000, 9999, socket.AF_INET, socket.SOCK_STREAM, 0)


@attack
def send_on_what_is_open(facts: Facts) -> None:
    """Hand an open file to whoever is at the other end."""
    channel = socket.socket(fileno=os.dup(int(sys.argv[-1])))
    socket.send_fds(channel, [b"x"], [0])


# --- files


@attack
def write_into_the_home(facts: Facts) -> None:
    Path(facts["home"], "masuk.txt").write_text("x")


@attack
def write_beside_our_code(facts: Facts) -> None:
    Path(facts["code"], "masuk.py").write_text("x")


@attack
def write_into_tmp(facts: Facts) -> None:
    Path("/tmp", facts["name"]).write_text("x")


@attack
def write_into_shared_memory(facts: Facts) -> None:
    Path("/dev/shm", facts["name"]).write_text("x")


@attack
def write_without_a_name(facts: Facts) -> None:
    os.open("/tmp", os.O_TMPFILE | os.O_RDWR)


@attack
def overwrite(facts: Facts) -> None:
    Path(facts["kept"]).write_text("x")


@attack
def append(facts: Facts) -> None:
    os.open(facts["kept"], os.O_WRONLY | os.O_APPEND)


@attack
def empty_while_reading(facts: Facts) -> None:
    os.open(facts["kept"], os.O_RDONLY | os.O_TRUNC)


@attack
def cut_short(facts: Facts) -> None:
    os.truncate(facts["kept"], 0)


@attack
def delete(facts: Facts) -> None:
    os.unlink(facts["kept"])


@attack
def rename(facts: Facts) -> None:
    os.rename(facts["kept"], facts["kept"] + ".x")


@attack
def exchange(facts: Facts) -> None:
    there = facts["kept"].encode()
    _call(316, 276, -100, ctypes.c_char_p(there), -100, ctypes.c_char_p(there + b"2"), 0)


@attack
def link(facts: Facts) -> None:
    os.link(facts["kept"], facts["kept"] + ".x")


@attack
def symlink(facts: Facts) -> None:
    os.symlink(facts["kept"], facts["kept"] + ".x")


@attack
def make_folder(facts: Facts) -> None:
    os.mkdir(facts["kept"] + ".x")


@attack
def make_fifo(facts: Facts) -> None:
    os.mkfifo(facts["kept"] + ".x")


@attack
def change_rights(facts: Facts) -> None:
    os.chmod(facts["kept"], 0o777)


@attack
def change_rights_of_what_is_open(facts: Facts) -> None:
    os.fchmod(os.open(os.__file__, os.O_RDONLY), 0o644)


@attack
def change_owner(facts: Facts) -> None:
    os.chown(facts["kept"], os.getuid(), os.getgid())


@attack
def change_times(facts: Facts) -> None:
    os.utime(facts["kept"], (0, 0))


@attack
def mark(facts: Facts) -> None:
    os.setxattr(facts["kept"], "user.x", b"x")


@attack
def lock(facts: Facts) -> None:
    fcntl.flock(os.open(os.__file__, os.O_RDONLY), fcntl.LOCK_EX | fcntl.LOCK_NB)


@attack
def read_the_home(facts: Facts) -> None:
    Path(facts["kept"]).read_bytes()


@attack
def list_the_home(facts: Facts) -> None:
    os.listdir(facts["home"])


@attack
def read_the_project(facts: Facts) -> None:
    Path(facts["code"]).parent.joinpath("pyproject.toml").read_bytes()


@attack
def read_accounts(facts: Facts) -> None:
    Path("/etc/shadow" if os.getuid() == 0 else "/etc/passwd").read_bytes()


@attack
def read_a_key(facts: Facts) -> None:
    os.listdir(facts["person"])


@attack
def read_by_handle(facts: Facts) -> None:
    _call(304, 265, -100, ctypes.create_string_buffer(128), 0)


@attack
def mount(facts: Facts) -> None:
    _call(165, 40, ctypes.c_char_p(b"x"), ctypes.c_char_p(b"/tmp"), ctypes.c_char_p(b"tmpfs"), 0, None)


@attack
def change_root(facts: Facts) -> None:
    os.chroot("/")


@attack
def change_folder(facts: Facts) -> None:
    os.chdir(facts["home"])


# --- other processes


@attack
def read_environment_of_parent(facts: Facts) -> None:
    Path(f"/proc/{os.getppid()}/environ").read_bytes()


@attack
def read_memory_of_parent(facts: Facts) -> None:
    os.open(f"/proc/{os.getppid()}/mem", os.O_RDONLY)


@attack
def read_command_line_of_parent(facts: Facts) -> None:
    Path(f"/proc/{os.getppid()}/cmdline").read_bytes()


@attack
def reach_files_of_parent(facts: Facts) -> None:
    os.listdir(f"/proc/{os.getppid()}/fd")


@attack
def list_processes(facts: Facts) -> None:
    os.listdir("/proc")


@attack
def copy_memory_of_parent(facts: Facts) -> None:
    here = ctypes.create_string_buffer(8)
    piece = (ctypes.c_size_t * 2)(ctypes.addressof(here), 8)
    _call(310, 270, os.getppid(), piece, 1, piece, 1, 0)


@attack
def write_memory_of_parent(facts: Facts) -> None:
    here = ctypes.create_string_buffer(8)
    piece = (ctypes.c_size_t * 2)(ctypes.addressof(here), 8)
    _call(311, 271, os.getppid(), piece, 0, piece, 0, 0)


@attack
def trace_parent(facts: Facts) -> None:
    _call(101, 117, 0x4206, os.getppid(), None, None)  # PTRACE_SEIZE
    _call(101, 117, 17, os.getppid(), None, None)


@attack
def signal_parent(facts: Facts) -> None:
    os.kill(os.getppid(), signal.SIGCONT)


@attack
def signal_everybody(facts: Facts) -> None:
    os.kill(-1, signal.SIGCONT)


@attack
def signal_a_thread_of_parent(facts: Facts) -> None:
    _call(234, 131, os.getppid(), os.getppid(), int(signal.SIGCONT))


@attack
def open_parent(facts: Facts) -> None:
    os.pidfd_open(os.getppid())


@attack
def limit_parent(facts: Facts) -> None:
    resource.prlimit(os.getppid(), resource.RLIMIT_CORE, resource.prlimit(os.getppid(), resource.RLIMIT_CORE))


@attack
def slow_parent(facts: Facts) -> None:
    os.setpriority(os.PRIO_PROCESS, os.getppid(), os.getpriority(os.PRIO_PROCESS, os.getppid()))


@attack
def move_parent(facts: Facts) -> None:
    os.sched_setaffinity(os.getppid(), os.sched_getaffinity(os.getppid()))


@attack
def own_a_file_for_parent(facts: Facts) -> None:
    fcntl.fcntl(int(sys.argv[-1]), fcntl.F_SETOWN, os.getppid())


@attack
def type_into_the_terminal(facts: Facts) -> None:
    fcntl.ioctl(0, 0x5412, b"x")  # TIOCSTI: another error than EPERM where there is no terminal


# --- programs, processes, threads


@attack
def run_a_program(facts: Facts) -> None:
    os.execv("/bin/true", ["true"])


@attack
def run_a_library(facts: Facts) -> None:
    os.execv("/lib64/ld-linux-x86-64.so.2" if _X86 else "/lib/ld-linux-aarch64.so.1", ["x"])


@attack
def run_what_is_open(facts: Facts) -> None:
    _call(322, 281, os.open(os.__file__, os.O_RDONLY), ctypes.c_char_p(b""), None, None, 0x1000)


@attack
def run_from_memory(facts: Facts) -> None:
    file = os.memfd_create("x")
    os.write(file, Path(sys.executable).read_bytes())
    os.execv(f"/proc/self/fd/{file}", ["x"])


@attack
def make_memory_file(facts: Facts) -> None:
    os.memfd_create("x")


@attack
def run_by_shell(facts: Facts) -> None:
    subprocess.run(["/bin/sh", "-c", "true"], check=True)


@attack
def fork(facts: Facts) -> None:
    for _ in range(50):
        if os.fork() == 0:
            os._exit(0)


@attack
def fork_by_hand(facts: Facts) -> None:
    if _call(56, 220, int(signal.SIGCHLD), 0, 0, 0, 0) == 0:
        os._exit(0)


@attack
def fork_by_the_newer_call(facts: Facts) -> None:
    arguments = (ctypes.c_uint64 * 11)()
    arguments[4] = int(signal.SIGCHLD)
    if _call(435, 435, arguments, ctypes.sizeof(arguments)) == 0:
        os._exit(0)


@attack
def threads(facts: Facts) -> None:
    held = threading.Event()
    try:
        for _ in range(500):
            threading.Thread(target=held.wait, daemon=True).start()
    except RuntimeError as error:
        if threading.active_count() < 3:
            raise OSError(str(error)) from None
    finally:
        held.set()


@attack
def ten_thousand_files(facts: Facts) -> None:
    kept = []
    try:
        for _ in range(10_000):
            kept.append(os.open(os.__file__, os.O_RDONLY))
    finally:
        for file in kept:
            os.close(file)


@attack
def new_namespace(facts: Facts) -> None:
    _call(272, 97, 0x10000000)  # CLONE_NEWUSER


@attack
def shared_memory(facts: Facts) -> None:
    from multiprocessing.shared_memory import SharedMemory

    held = SharedMemory(create=True, size=8)
    held.close()
    held.unlink()


@attack
def shared_memory_of_old(facts: Facts) -> None:
    _call(31, 195, _call(29, 194, 0, 4096, 0o1600), 0, None)


@attack
def memory_that_no_limit_counts(facts: Facts) -> None:
    mmap.mmap(-1, 4 << 30)


@attack
def memory_that_grows_as_a_stack(facts: Facts) -> None:
    mmap.mmap(-1, 4 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x100)


@attack
def queue_of_messages(facts: Facts) -> None:
    _call(71, 187, _call(68, 186, 0, 0o1600), 0, None)


@attack
def keys_of_the_kernel(facts: Facts) -> None:
    _call(250, 219, 0, -3, 1)


@attack
def programs_of_the_kernel(facts: Facts) -> None:
    _call(321, 280, 0, ctypes.create_string_buffer(128), 128)


@attack
def counters_of_the_machine(facts: Facts) -> None:
    _call(298, 241, ctypes.create_string_buffer(b"\x01\0\0\0\x80\0\0\0", 128), 0, -1, -1, 0)


@attack
def faults_in_user_space(facts: Facts) -> None:
    _call(323, 282, 1)


@attack
def raise_own_limits(facts: Facts) -> None:
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (5000, 5000))
    except ValueError as error:
        raise OSError(str(error)) from None


@attack
def take_rights_back(facts: Facts) -> None:
    header = ctypes.create_string_buffer(b"\x22\x05\x08\x20\0\0\0\0", 8)
    _call(126, 91, header, ctypes.create_string_buffer(b"\xff" * 24, 24))


@attack
def be_readable_again(facts: Facts) -> None:
    _call(157, 167, 4, 1, 0, 0, 0)


@attack
def fill_the_disk(facts: Facts) -> None:
    with contextlib.closing(mmap.mmap(os.open(facts["kept"], os.O_RDWR), 4096)) as pages:
        pages[:1] = b"x"
