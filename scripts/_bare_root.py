"""A machine that is nothing but Debian's packages: a root of its own, without a network.

`/usr` of this machine is bound read-only (with an empty `/usr/local`), `/etc` is what a package
brings, everything else is new; processes, names, sockets and mounts of this machine are not seen.
"""

import os
import pty
import select
import shutil
import subprocess
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from scripts._shop import Miss

APART: Final = ("--mount", "--propagation", "private", "--pid", "--fork", "--net", "--uts", "--ipc")
ETC: Final = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "ssl", "debian_version")
MASTER: Final = Path("/usr/share/base-passwd")
DEVICES: Final = ("null", "zero", "full", "random", "urandom", "tty")
PATIENCE: Final = 900

BOOT: Final = """
set -e
root=$1
mount --bind "$root" "$root"
mount --bind /usr "$root/usr"
mount -o remount,ro,bind "$root/usr"
mount -t tmpfs -o mode=755 none "$root/usr/local"
for one in null zero full random urandom tty; do mount --bind "/dev/$one" "$root/dev/$one"; done
mount -t proc none "$root/proc"
mount -t tmpfs none "$root/dev/shm"
hostname bare
ip link set lo up
echo up
exec sleep infinity
"""


class NoMachine(Exception):
    """A root of its own cannot be made here; the text says why."""


class Machine:
    """The bare machine while it is up.

    Attributes:
        root: its root as this machine sees it.
    """

    def __init__(self, root: Path, first: int) -> None:
        self.root, self._first = root, first

    def run(self, *command: str, cwd: str = "/root") -> str:
        """Run a command; what it printed.

        Raises:
            Miss: it failed.
        """
        done = subprocess.run(
            self._inside(command, cwd), capture_output=True, text=True, check=False, env=_AROUND
        )
        if done.returncode:
            said = f"{done.stdout[-1500:]}{done.stderr[-1500:]}"
            raise Miss(f"{' '.join(command)}: {done.returncode}: {said}")
        return done.stdout

    def type(self, line: str, answers: Mapping[str, str], fine: tuple[int, ...] = (0,)) -> str:
        """Type a line at its terminal, and an answer where it asks; what stood on the screen.

        Args:
            line: as the book writes it.
            answers: end of a question → what is typed.
            fine: exit codes that are no failure.

        Raises:
            Miss: it failed.
        """
        leader, follower = pty.openpty()
        child = subprocess.Popen(
            ["setsid", "--ctty", "--wait", *self._inside(("/bin/sh", "-c", line), "/root")],
            stdin=follower, stdout=follower, stderr=follower, env=_AROUND,
        )  # fmt: skip
        os.close(follower)
        seen = _talk(child, leader, answers)
        os.close(leader)
        if child.wait(60) not in fine:
            raise Miss(f"{line}: {child.returncode}: {seen[-1500:]}")
        return seen

    def _inside(self, command: tuple[str, ...], cwd: str) -> list[str]:
        spaces = ["--mount", "--pid", "--net", "--uts", "--ipc"]
        inside = ["chroot", str(self.root), "/bin/sh", "-c", 'cd "$0" && exec "$@"', cwd, *command]
        return ["nsenter", "--target", str(self._first), *spaces, *inside]


def _talk(child: "subprocess.Popen[bytes]", leader: int, answers: Mapping[str, str]) -> str:
    """Read the screen until the command ends, and type where it asks."""
    seen, asked, ends = "", 0, time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        if not select.select([leader], [], [], 0.2)[0]:
            if child.poll() is not None:
                break
            continue
        try:
            seen += os.read(leader, 65536).decode("utf-8", "replace")
        except OSError:  # the other end is closed: EIO is how a terminal says so
            break
        for question, answer in answers.items():
            if (at := seen.find(question, asked)) >= 0:
                asked = at + len(question)
                os.write(leader, f"{answer}\n".encode())
    return seen


_AROUND: Final = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "TERM": "linux",
    "LANG": "C.UTF-8",
}


@contextmanager
def bare(root: Path) -> Generator[Machine]:
    """Make it in an empty folder and take it down again.

    Raises:
        NoMachine: this machine does not let us.
    """
    if os.geteuid() != 0 or not shutil.which("nsenter") or not MASTER.is_dir():
        raise NoMachine("a root of its own needs root's rights and a Debian")
    _furnish(root)
    up = subprocess.Popen(
        ["unshare", *APART, "--kill-child", "sh", "-c", BOOT, "sh", root],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        if up.stdout is None or up.stdout.readline() != "up\n":
            why = up.stderr.read() if up.stderr is not None else ""
            raise NoMachine(f"it does not come up: {why.strip()[-300:]}")
        children = Path(f"/proc/{up.pid}/task/{up.pid}/children").read_text(encoding="ascii")
        yield Machine(root, int(children.split()[0]))
    finally:
        up.kill()
        up.communicate()


def _furnish(root: Path) -> None:
    folders = ("usr", "etc", "dev/shm", "proc", "sys", "tmp", "run", "root", "home", "opt", "srv",
               "mnt", "media", "var/lib", "var/tmp", "var/log")  # fmt: skip
    for name in folders:
        (root / name).mkdir(parents=True)
    for name in ("tmp", "var/tmp", "dev/shm"):
        (root / name).chmod(0o1777)
    for name in ("bin", "sbin", "lib", "lib64"):
        (root / name).symlink_to(f"usr/{name}")
    for name in DEVICES:
        (root / "dev" / name).touch()
    (root / "etc/os-release").symlink_to("../usr/lib/os-release")
    (root / "etc/passwd").write_bytes((MASTER / "passwd.master").read_bytes())
    (root / "etc/group").write_bytes((MASTER / "group.master").read_bytes())
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n127.0.1.1 bare\n", encoding="ascii")
    (root / "etc/nsswitch.conf").write_text("passwd: files\ngroup: files\nhosts: files\n", "ascii")
    for name in ETC:
        source = Path("/etc") / name
        if source.is_dir():
            shutil.copytree(source, root / "etc" / name, symlinks=True)
        elif source.exists():
            shutil.copyfile(source, root / "etc" / name)
