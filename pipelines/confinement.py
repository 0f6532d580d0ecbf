"""A program that gives up, before its first line, whatever reading a document does not need.

It is started as ``python confinement.py POLICY [-m MODULE | -c CODE | FILE] …`` and then is that program, in
the same process. What it keeps: reading Python, our code and the files that it is given, and talking on the
file descriptors that it was started with. It has no network, writes no file, starts no process or thread,
reaches no other process, and gets none of it back. Landlock says which files may be opened, seccomp which
calls may be made, limits how many; a layer that the kernel has and that cannot be set ends the program.

It is a program of its own that knows the standard library alone: everything after it is confined.

Sources: landlock(7), seccomp(2), capabilities(7); numbers of calls from the kernel's ``unistd.h``.

Put here: the layers, and what a program may do within them. Keep out: which program and which files
(``sandbox`` and its callers).
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import platform
import resource
import runpy
import struct
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

NOT_CONFINED = 13
"""The exit code of a program that could not be confined as its kernel allows."""
MOST_FILES = 64
_WRITTEN_BYTES = 16 << 20

_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

# --- the calls that are made here, which have the same number on both machines, or none in libc
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 4, 22, 38
_SECCOMP_MODE_FILTER = 2
_GET_ACTION_AVAILABLE = 2

# --- Landlock: what is refused unless a rule allows it, by the version that came to know it
_ALL_OF_FILES = {1: (1 << 13) - 1, 2: 1 << 13, 3: 1 << 14, 5: 1 << 15}
_WRITE_FILE, _READ_FILE, _READ_FOLDER, _TRUNCATE = 1 << 1, 1 << 2, 1 << 3, 1 << 14
_ALL_OF_TCP = 0b11  # since version 4
_ALL_OF_SCOPES = 0b11  # since version 6: sockets without a file, signals
_RULE_OF_A_PATH = 1
_SYSTEM = (
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/share/zoneinfo",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/ssl/openssl.cnf",
    "/dev/null",
    # DuckDB asks for its share of the machine, and ends where it may not
    "/sys/fs/cgroup",
    "/proc/self/cgroup",
)
"""What any program reads: libraries, time zones. No folder of people, of the machine's settings, of /proc."""

# --- seccomp: a program of BPF over struct seccomp_data
_LOAD, _AND, _EQUAL, _LARGER, _RETURN = 0x20, 0x54, 0x15, 0x25, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NUMBER_AT, _MACHINE_AT, _ARGUMENTS_AT = 0, 4, 16
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
"""The column of ``_CALLS``, and what the kernel calls the machine."""
_NEWEST_CALL = 470
"""Of a newer call libc is told that there is none, and does without it."""

_CALLS: dict[str, tuple[int | None, int | None]] = {
    # first what is called most
    "read": (0, 63), "newfstatat": (262, 79), "write": (1, 64), "lseek": (8, 62),
    "close": (3, 57), "munmap": (11, 215), "brk": (12, 214), "getdents64": (217, 61), "futex": (202, 98),
    "fstat": (5, 80), "stat": (4, None), "lstat": (6, None), "statx": (332, 291), "access": (21, None),
    "faccessat": (269, 48), "faccessat2": (439, 439), "readlink": (89, None), "readlinkat": (267, 78),
    "getcwd": (79, 17), "getdents": (78, None), "statfs": (137, 43), "fstatfs": (138, 44),
    "readv": (19, 65), "writev": (20, 66), "pread64": (17, 67), "preadv": (295, 69),
    "fadvise64": (221, 223), "close_range": (436, 436), "dup": (32, 23), "dup2": (33, None),
    "dup3": (292, 24),
    "mremap": (25, 216), "mprotect": (10, 226), "madvise": (28, 233), "membarrier": (324, 283),
    "set_robust_list": (273, 99), "set_tid_address": (218, 96), "rseq": (334, 293), "arch_prctl": (158, None),
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132), "restart_syscall": (219, 128), "alarm": (37, None), "setitimer": (38, 103),
    "getitimer": (36, 102), "exit": (60, 93), "exit_group": (231, 94), "getpid": (39, 172),
    "getppid": (110, 173), "gettid": (186, 178), "getuid": (102, 174), "geteuid": (107, 175),
    "getgid": (104, 176), "getegid": (108, 177), "getresuid": (118, 148), "getresgid": (120, 150),
    "getgroups": (115, 158), "uname": (63, 160), "sysinfo": (99, 179), "getrusage": (98, 165),
    "times": (100, 153), "time": (201, None), "gettimeofday": (96, 169), "clock_gettime": (228, 113),
    "clock_getres": (229, 114), "clock_nanosleep": (230, 115), "nanosleep": (35, 101),
    "sched_yield": (24, 124), "sched_getaffinity": (204, 123), "getrandom": (318, 278), "getcpu": (309, 168),
    "poll": (7, None), "ppoll": (271, 73), "select": (23, None), "pselect6": (270, 72),
}  # fmt: skip
"""Calls that touch nothing but the process itself and what it has open, by their numbers on x86_64 and
aarch64."""
_CALLS_OF_WRITING = {
    "pwrite64": (18, 68),
    "ftruncate": (77, 46),
    "fallocate": (285, 47),
    "fsync": (74, 82),
    "fdatasync": (75, 83),
}
"""The same of a file that is open for writing."""
_OPEN, _OPENAT = (2, None), (257, 56)
_MMAP = (9, 222)
_SHARED, _NAMELESS, _GROWING = 0x01, 0x20, 0x100
_FCNTL, _IOCTL, _PRCTL, _PRLIMIT = (72, 25), (16, 29), (157, 167), (302, 261)
_KILL_CALL, _TGKILL = (62, 129), (234, 131)
_CLONE3 = (435, 435)
_NO_WRITING = os.O_ACCMODE | os.O_CREAT | os.O_TRUNC | 0o20000000
"""Flags of an opening that could write or make a file; the number is that of O_TMPFILE alone."""
_FCNTL_COMMANDS = (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030)
"""Copies of a descriptor, its flags, locks. Not its owner: a signal would go to any process."""
_IOCTL_REQUESTS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""Whether it is a terminal and how large, how much waits, flags. Not typing into one (TIOCSTI)."""
_PRCTL_OPTIONS = (15, 16, 0x53564D41)
"""The name of a thread, and of memory."""


@dataclass(frozen=True, slots=True)
class Layers:
    """What the kernel has to confine a program with: the version of Landlock (0: none), and seccomp."""

    landlock: int
    seccomp: bool

    def missing(self) -> list[str]:
        """The names of the layers that are not there."""
        return [name for name, there in (("Landlock", self.landlock), ("seccomp", self.seccomp)) if not there]


@dataclass(frozen=True, slots=True)
class Policy:
    """What a program keeps: files and folders that it ``reads``, and files that it ``writes`` too."""

    layers: Layers
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Policy:
        said = json.loads(text)
        return cls(Layers(**said["layers"]), tuple(said["reads"]), tuple(said["writes"]))


@lru_cache
def layers() -> Layers:
    """What this kernel has; nothing is changed by asking."""
    if _LIBC is None:
        return Layers(0, False)
    version = _LIBC.syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), 1)
    machine = _MACHINES.get(platform.machine())
    action = ctypes.c_uint32(_ERRNO)
    seccomp_call = {0: 317, 1: 277}[machine[0]] if machine else 0
    # a process of 32 bits on a kernel of 64 makes other calls than those that are listed here
    is_known = machine is not None and struct.calcsize("P") == 8
    there = is_known and _LIBC.syscall(seccomp_call, _GET_ACTION_AVAILABLE, 0, ctypes.byref(action)) == 0
    return Layers(max(0, version), there)


def hide_memory() -> None:
    """Let no other process of this account read the memory or the environment of this one."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def confine(policy: Policy) -> None:
    """Give up all that ``policy`` does not keep, for good.

    Raises:
        OSError: a layer that the kernel has could not be set.
    """
    _set_limits(policy)
    if _LIBC is None:
        return
    hide_memory()
    _demand(_LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    if policy.layers.landlock:
        _restrict_files(policy)
    _drop_capabilities(policy)
    if policy.layers.seccomp:
        _restrict_calls(policy)


def _set_limits(policy: Policy) -> None:
    most = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: MOST_FILES,
        # of a write-ahead log the index is written; nothing else ever is
        resource.RLIMIT_FSIZE: _WRITTEN_BYTES if policy.writes else 0,
        resource.RLIMIT_NPROC: 0,
    }
    for name, wanted in most.items():
        _, hard = resource.getrlimit(name)
        value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(name, (value, value))


def _drop_capabilities(policy: Policy) -> None:
    """Be no administrator, whoever started us; but open what is given, whosever it is."""
    may_read, may_write = 0b100, 0b010  # CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE
    keep = 0
    if policy.layers.landlock:  # which says what is given
        keep = may_read | (may_write if policy.writes else 0)
    held = ctypes.create_string_buffer(24)
    header = struct.pack("=Ii", 0x20080522, 0)
    _demand(_LIBC.capget(header, held), "capget")  # type: ignore[union-attr]
    _, permitted, *_ = struct.unpack("=6I", held.raw)
    keep &= permitted
    _demand(_LIBC.capset(header, struct.pack("=6I", keep, keep, 0, 0, 0, 0)), "capset")  # type: ignore[union-attr]


# --- files


def _restrict_files(policy: Policy) -> None:
    version = policy.layers.landlock
    handled = sum(rights for since, rights in _ALL_OF_FILES.items() if version >= since)
    tcp = _ALL_OF_TCP if version >= 4 else 0
    scopes = _ALL_OF_SCOPES if version >= 6 else 0
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    attributes = struct.pack("=QQQ", handled, tcp, scopes)[:size]
    ruleset = _demand(_call(_LANDLOCK_CREATE, attributes, size, 0), "landlock_create_ruleset")
    for path in {*_SYSTEM, *_of_python(), *policy.reads}:
        _allow(ruleset, path, (_READ_FILE | _READ_FOLDER) & handled)
    for path in policy.writes:
        _allow(ruleset, path, (_READ_FILE | _WRITE_FILE | _TRUNCATE) & handled)
    _demand(_call(_LANDLOCK_RESTRICT, ruleset, 0), "landlock_restrict_self")
    os.close(ruleset)


def _of_python() -> Iterable[str]:
    """Where this Python imports from; not what is named by ``PYTHONPATH``, which also holds homes."""
    given = set(os.environ.get("PYTHONPATH", "").split(os.pathsep))
    yield os.path.dirname(os.__file__)
    yield from (path for path in sys.path if path and path not in given)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        found = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there needs no rule
    try:
        if not os.path.isdir(path):
            rights &= ~_READ_FOLDER
        rule = struct.pack("=Qi", rights, found)
        _demand(_call(_LANDLOCK_ADD, ruleset, _RULE_OF_A_PATH, rule, 0), "landlock_add_rule")
    finally:
        # a file of /proc is made anew, without its rule, when nobody holds it
        if not path.startswith("/proc/"):
            os.close(found)


# --- calls


def _restrict_calls(policy: Policy) -> None:
    column, machine = _MACHINES[platform.machine()]
    code = _program(column, machine, may_write=bool(policy.writes))
    held = ctypes.create_string_buffer(code, len(code))
    filter_ = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(held))
    _demand(_LIBC.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, filter_, 0, 0), "seccomp")  # type: ignore[union-attr]


def _program(column: int, machine: int, *, may_write: bool) -> bytes:
    """The filter: a list of what is allowed, by number and by what the arguments say."""
    refuse = _step(_RETURN, _ERRNO | errno.EPERM)
    code = [
        _step(_LOAD, _MACHINE_AT),
        _step(_EQUAL, machine, 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER_AT),
        _step(_LARGER, _NEWEST_CALL, 0, 1),
        _step(_RETURN, _ERRNO | errno.ENOSYS),
    ]
    plain = {**_CALLS, **(_CALLS_OF_WRITING if may_write else {})}
    for numbers in plain.values():
        code += _if_call(numbers[column], [_step(_RETURN, _ALLOW)])
    # its flags lie in memory, where they could change: libc then asks by clone, whose flags do not
    code += _if_call(_CLONE3[column], [_step(_RETURN, _ERRNO | errno.ENOSYS)])
    own = os.getpid()
    tests: list[tuple[tuple[int | None, int | None], list[tuple[int, int | None, Sequence[int]]]]] = [
        # memory that is shared, or grows as a stack does, is not counted by a limit on memory
        (_MMAP, [(3, _SHARED | _NAMELESS | _GROWING, (0, _SHARED, _NAMELESS))]),
        (_FCNTL, [(1, None, _FCNTL_COMMANDS)]),
        (_IOCTL, [(1, None, _IOCTL_REQUESTS)]),
        (_PRCTL, [(0, None, _PRCTL_OPTIONS)]),
        (_KILL_CALL, [(0, None, (own,))]),
        (_TGKILL, [(0, None, (own,))]),
    ]
    no_writing = [] if may_write else [_NO_WRITING]
    tests += [(_OPEN, [(1, mask, (0,)) for mask in no_writing])]
    tests += [(_OPENAT, [(2, mask, (0,)) for mask in no_writing])]
    for call, needed in tests:
        body = [step for test in needed for step in _demand_argument(*test)]
        code += _if_call(call[column], [*body, _step(_RETURN, _ALLOW)])
    # limits are read, of this process alone: none is set
    read_limits = [
        *_demand_argument(0, None, (0,)),
        *_demand_argument(2, None, (0,)),
        *_demand_argument(2, None, (0,), high=True),
        _step(_RETURN, _ALLOW),
    ]
    code += _if_call(_PRLIMIT[column], read_limits)
    return b"".join([*code, refuse])


def _if_call(number: int | None, body: list[bytes]) -> list[bytes]:
    """``body``, which returns, where the call is this one; a machine that does not have it has no number."""
    return [] if number is None else [_step(_EQUAL, number, 0, len(body)), *body]


def _demand_argument(at: int, mask: int | None, values: Sequence[int], *, high: bool = False) -> list[bytes]:
    """Refuse unless the lower (or higher) half of an argument, of which the mask counts, is one of some."""
    code = [_step(_LOAD, _ARGUMENTS_AT + 8 * at + (4 if high else 0))]
    if mask is not None:
        code.append(_step(_AND, mask))
    left = len(values)
    code += [_step(_EQUAL, value, left - place, 0) for place, value in enumerate(values)]
    return [*code, _step(_RETURN, _ERRNO | errno.EPERM)]


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _call(number: int, *arguments: Any) -> int:
    assert _LIBC is not None
    given = [ctypes.c_size_t(value) if isinstance(value, int) else value for value in arguments]
    return int(_LIBC.syscall(ctypes.c_long(number), *given))


def _demand(result: int, what: str) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return result


# --- the program


def main() -> None:
    """Be confined as the first argument says, then be the program that the others name."""
    policy, how, *rest = sys.argv[1:]
    what = rest.pop(0) if how in ("-m", "-c") else how
    if how == "-m":
        # the folder that the package lies in may hold homes: it is not read after this
        __import__(what.partition(".")[0])
    try:
        confine(Policy.from_json(policy))
    except OSError as error:
        print(f"confinement: {error}", file=sys.stderr)
        os._exit(NOT_CONFINED)
    sys.argv = [what if how == "-m" else how, *rest]
    if how == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    elif how == "-c":
        exec(what, {"__name__": "__main__", "__builtins__": __builtins__})
    else:
        runpy.run_path(what, run_name="__main__")


if __name__ == "__main__":
    main()
