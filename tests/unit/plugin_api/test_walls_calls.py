"""The filter of system calls, run step by step as the kernel would (`linux/filter.h`)."""

import struct

import pytest

from appliance.plugin_api import walls_calls
from appliance.plugin_api.walls_calls import program

PID = 4_321
ALLOW, KILL, EPERM, ENOSYS = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026
ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

CASES = [
    # what, number on x86-64 and aarch64, arguments, verdict
    ("read", 0, 63, (), ALLOW),
    ("openat", 257, 56, (), ALLOW),
    ("mmap", 9, 222, (), ALLOW),
    ("futex", 202, 98, (), ALLOW),
    ("recvmsg", 47, 212, (), ALLOW),
    ("ptrace", 101, 117, (), KILL),
    ("process_vm_readv", 310, 270, (), KILL),
    ("mount", 165, 40, (), KILL),
    ("bpf", 321, 280, (), KILL),
    ("open_by_handle_at", 304, 265, (), KILL),
    ("socket", 41, 198, (2, 1, 0), EPERM),
    ("connect", 42, 203, (), EPERM),
    ("execve", 59, 221, (), EPERM),
    ("kill", 62, 129, (1, 9), EPERM),
    ("io_uring_setup", 425, 425, (), EPERM),
    ("truncate", 76, 45, (), EPERM),
    ("prctl", 157, 167, (), EPERM),
    ("seccomp", 317, 277, (), EPERM),
    ("clone of a thread", 56, 220, (0x3D0F00,), ALLOW),
    ("clone of a process", 56, 220, (0x11,), EPERM),
    ("clone3", 435, 435, (), ENOSYS),
    ("socketpair, stream", 53, 199, (1, 1 | 0o2000000), ALLOW),
    ("socketpair, datagram", 53, 199, (1, 2), EPERM),
    ("tgkill, own thread", 234, 131, (PID, 1, 6), ALLOW),
    ("tgkill, the box", 234, 131, (PID - 1, 1, 9), EPERM),
    ("prlimit of itself", 302, 261, (0, 7), ALLOW),
    ("prlimit of the box", 302, 261, (PID - 1, 7), EPERM),
    ("fcntl F_GETFL", 72, 25, (3, 3), ALLOW),
    ("fcntl F_SETOWN", 72, 25, (3, 8), EPERM),
    ("ioctl FIOCLEX", 16, 29, (3, 0x5451), ALLOW),
    ("ioctl TIOCSTI", 16, 29, (0, 0x5412), EPERM),
    ("of another year", 463, 463, (), ENOSYS),
]


def verdict(code: bytes, arch: int, number: int, arguments: tuple[int, ...]) -> int:
    """Run the filter on one call."""
    data = struct.pack("=IIQ6Q", number, arch, 0, *(*arguments, *[0] * 6)[:6])
    steps = list(struct.iter_unpack("=HBBI", code))
    value = at = 0
    while True:
        step, yes, no, operand = steps[at]
        at += 1
        if step == 0x20:
            value = struct.unpack_from("=I", data, operand)[0]
        elif step == 0x54:
            value &= operand
        elif step == 0x06:
            return operand
        else:
            is_so = {0x15: value == operand, 0x35: value >= operand, 0x45: value & operand}[step]
            at += yes if is_so else no


@pytest.mark.parametrize(("what", "x86", "arm", "arguments", "wanted"), CASES)
def test_each_call_meets_its_verdict(
    what: str, x86: int, arm: int, arguments: tuple[int, ...], wanted: int
) -> None:
    for machine, number in (("x86_64", x86), ("aarch64", arm)):
        code = program(machine, PID)
        assert code is not None
        assert verdict(code, ARCH[machine], number, arguments) == wanted, (machine, what)


def test_calls_by_other_numbers_end_the_process() -> None:
    code = program("x86_64", PID)
    assert code is not None
    assert verdict(code, ARCH["x86_64"], 0x40000000, ()) == KILL  # x32
    assert verdict(code, 0x40000003, 1, ()) == KILL  # 32 bits
    assert len(code) // 8 < 4_096  # BPF_MAXINSNS


def test_no_number_stands_twice_and_another_machine_has_no_filter() -> None:
    for column in (0, 1):
        fatal = walls_calls.numbers(walls_calls._FATAL, column)
        refused = walls_calls.numbers(walls_calls._REFUSED, column)
        assert len({*fatal, *refused}) == len(fatal) + len(refused)
    assert program("riscv64", PID) is None
