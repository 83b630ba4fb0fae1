"""seccomp: which system calls the plugin is refused (`linux/seccomp.h`, `linux/filter.h`).

A list of what is refused, not of what is allowed: Python, its C library and the libraries of
plugins use several hundred calls, other ones in each release, and a list too short would break
honest plugins on the next kernel. What no plugin of any kind needs ends the process, so that the
host hears of it (SIGSYS); what a library may try by habit is refused (EPERM). Calls newer than
`NEWEST` do not exist for it.
"""

import ctypes
import os
import platform
import struct
from typing import Any, Final

_PR_SET_SECCOMP: Final = 22
_MODE_FILTER: Final = 2

_KILL: Final = 0x80000000
_ALLOW: Final = 0x7FFF0000
_EPERM: Final = 0x00050000 | 1
_ENOSYS: Final = 0x00050000 | 38

_LOAD: Final = 0x20
_EQUAL: Final = 0x15
_AT_LEAST: Final = 0x35
_ANY_BIT: Final = 0x45
_AND: Final = 0x54
_RETURN: Final = 0x06

_NUMBER, _ARCH = 0, 4
_X32: Final = 0x40000000
"""A second set of numbers on x86-64: none of them is for plugins."""

_CLONE_THREAD: Final = 0x00010000
_STREAM: Final = 1
_SOCK_KINDS: Final = 0xF
_OWNING: Final = (8, 10, 15)
"""`fcntl`: F_SETOWN, F_SETSIG, F_SETOWN_EX have the kernel send signals to somebody."""
_OWNING_TOO: Final = (0x8901, 0x8902, 0x5412)
"""`ioctl`: FIOSETOWN, SIOCSPGRP; TIOCSTI types into a terminal."""

NEWEST: Final = 462
"""`mseal`, Linux 6.10."""

# Name, number on x86-64, number on aarch64 (asm/unistd_64.h, asm-generic/unistd.h); - for none.
_FATAL: Final = """
    ptrace 101 117; process_vm_readv 310 270; process_vm_writev 311 271; kcmp 312 272
    bpf 321 280; perf_event_open 298 241; userfaultfd 323 282; pidfd_getfd 438 438
    keyctl 250 219; add_key 248 217; request_key 249 218
    mount 165 40; umount2 166 39; pivot_root 155 41; chroot 161 51; unshare 272 97; setns 308 268
    move_mount 429 429; open_tree 428 428; fsopen 430 430; fsconfig 431 431; fsmount 432 432
    fspick 433 433; mount_setattr 442 442; init_module 175 105; finit_module 313 273
    delete_module 176 106; kexec_load 246 104; kexec_file_load 320 294; reboot 169 142
    swapon 167 224; swapoff 168 225; acct 163 89; quotactl 179 60; quotactl_fd 443 443
    open_by_handle_at 304 265; name_to_handle_at 303 264; fanotify_init 300 262
    modify_ldt 154 -; ioperm 173 -; iopl 172 -; settimeofday 164 170; clock_settime 227 112
    clock_adjtime 305 266; adjtimex 159 171; sethostname 170 161; setdomainname 171 162
"""

_REFUSED: Final = """
    socket 41 198; connect 42 203; bind 49 200; listen 50 201; accept 43 202; accept4 288 242
    execve 59 221; execveat 322 281; fork 57 -; vfork 58 -; kill 62 129; tkill 200 130
    rt_sigqueueinfo 129 138; rt_tgsigqueueinfo 297 240; pidfd_open 434 434
    pidfd_send_signal 424 424; process_madvise 440 440; process_mrelease 448 448
    io_uring_setup 425 425; io_uring_enter 426 426; io_uring_register 427 427
    memfd_create 319 279; memfd_secret 447 447; shmget 29 194; shmat 30 196; shmctl 31 195
    semget 64 190; msgget 68 186; mq_open 240 180; mq_unlink 241 181; mq_notify 244 184
    chmod 90 -; fchmod 91 52; fchmodat 268 53; fchmodat2 452 452; chown 92 -; fchown 93 55
    lchown 94 -; fchownat 260 54; setxattr 188 5; lsetxattr 189 6; fsetxattr 190 7
    removexattr 197 14; lremovexattr 198 15; fremovexattr 199 16; utime 132 -; utimes 235 -
    futimesat 261 -; utimensat 280 88; truncate 76 45; inotify_init 253 -; inotify_init1 294 26
    sched_setaffinity 203 122; sched_setscheduler 144 119; sched_setparam 142 118
    sched_setattr 314 274; setpriority 141 140; ioprio_set 251 30; prctl 157 167
    setuid 105 146; setgid 106 144; setreuid 113 145; setregid 114 143; setresuid 117 147
    setresgid 119 149; setgroups 116 159; setfsuid 122 151; setfsgid 123 152; capset 126 91
    personality 135 92; syslog 103 116; vhangup 153 58; mbind 237 235; migrate_pages 256 238
    move_pages 279 239; set_mempolicy 238 237; seccomp 317 277; lookup_dcookie 212 18
"""

_CLONE, _CLONE3, _SOCKETPAIR, _TGKILL, _PRLIMIT = 0, 1, 2, 3, 4
_FCNTL, _IOCTL = 5, 6
_SPECIAL: Final = ((56, 220), (435, 435), (53, 199), (234, 131), (302, 261), (72, 25), (16, 29))

_MACHINES: Final = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
"""Column of the tables, and AUDIT_ARCH_… of `linux/audit.h`."""


def numbers(table: str, column: int) -> list[int]:
    """The numbers of a table for one architecture."""
    rows = [row.split() for row in table.replace("\n", ";").split(";") if row.strip()]
    return [int(row[1 + column]) for row in rows if row[1 + column] != "-"]


def _step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)


def _low(argument: int) -> int:
    return 16 + 8 * argument  # both architectures put the low half first


def _when(number: int, steps: list[bytes]) -> list[bytes]:
    """These steps for one call; each list ends by returning."""
    return [_step(_EQUAL, number, 0, len(steps)), *steps]


def _unless_equal(argument: int, value: int) -> list[bytes]:
    """Refuse the call unless the argument is this."""
    load = _step(_LOAD, _low(argument))
    return [load, _step(_EQUAL, value, 1, 0), _step(_RETURN, _EPERM), _step(_RETURN, _ALLOW)]


def _if_among(argument: int, values: tuple[int, ...]) -> list[bytes]:
    """Refuse the call if the argument is one of these."""
    tests = [_step(_EQUAL, value, len(values) - at, 0) for at, value in enumerate(values)]
    load = _step(_LOAD, _low(argument))
    return [load, *tests, _step(_RETURN, _ALLOW), _step(_RETURN, _EPERM)]


def program(machine: str, pid: int) -> bytes | None:
    """The filter for a process on this machine; None for an architecture without tables.

    Args:
        machine: as `platform.machine()` says it.
        pid: of the process, which may send signals to threads of its own.
    """
    if machine not in _MACHINES:
        return None
    column, arch = _MACHINES[machine]
    special = [pair[column] for pair in _SPECIAL]
    steps = [_step(_LOAD, _ARCH), _step(_EQUAL, arch, 1, 0), _step(_RETURN, _KILL)]
    steps += [_step(_LOAD, _NUMBER)]
    if machine == "x86_64":
        steps += [_step(_AT_LEAST, _X32, 0, 1), _step(_RETURN, _KILL)]
    steps += [_step(_AT_LEAST, NEWEST + 1, 0, 1), _step(_RETURN, _ENOSYS)]
    thread = [_step(_LOAD, _low(0)), _step(_ANY_BIT, _CLONE_THREAD, 1, 0)]
    steps += _when(special[_CLONE], [*thread, _step(_RETURN, _EPERM), _step(_RETURN, _ALLOW)])
    # The C library falls back to `clone`, whose flags can be looked at.
    steps += _when(special[_CLONE3], [_step(_RETURN, _ENOSYS)])
    # A datagram socket could be sent to an address; a stream is tied to its other end.
    stream = [_step(_LOAD, _low(1)), _step(_AND, _SOCK_KINDS), _step(_EQUAL, _STREAM, 1, 0)]
    steps += _when(special[_SOCKETPAIR], [*stream, _step(_RETURN, _EPERM), _step(_RETURN, _ALLOW)])
    steps += _when(special[_TGKILL], _unless_equal(0, pid))
    steps += _when(special[_PRLIMIT], _unless_equal(0, 0))
    steps += _when(special[_FCNTL], _if_among(1, _OWNING))
    steps += _when(special[_IOCTL], _if_among(1, _OWNING_TOO))
    for table, verdict in ((_FATAL, _KILL), (_REFUSED, _EPERM)):
        for number in numbers(table, column):
            steps += _when(number, [_step(_RETURN, verdict)])
    return b"".join([*steps, _step(_RETURN, _ALLOW)])


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def stand(libc: Any) -> bool:
    """Set the filter on this process, for good; False when it cannot be."""
    code = program(platform.machine(), os.getpid())
    if code is None:
        return False
    wanted = _Program(len(code) // 8, code)
    return libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(wanted), 0, 0) == 0
