"""A lost box comes back on a bare machine: `scripts/bare-machine`.

A box of invented people makes a copy; its folder of copies and the printed recovery code are all
that is kept. In a root of Debian's packages that sees nothing of the first box, and has no network,
the program is installed from the file of `scripts/release`, and the printed instruction of the
administrator's book is typed word for word at a terminal, the code from the paper. Then the first
page must answer, everybody and every order be there, and a start open the box by its new key. The
plain `age` tool (Debian's package) must open the copy with the printed identity. Prints the times;
ends non-zero on any miss, or when it took longer than ten minutes. Needs root.
"""

import argparse
import re
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from appliance import __version__
from appliance.vault.vault import Vault
from backups.make import make
from backups.orders import MakeOrder
from backups.targets import Folder, stamp_of
from scripts import _box, release_file
from scripts._bare_root import Machine, NoMachine, bare
from scripts._box import TrialBox
from scripts._shop import Miss, expect

ROOT: Final = Path(__file__).resolve().parent.parent
BOOK: Final = ROOT / "docs" / "ru" / "administrator.md"
HEADING: Final = "инструкция на листок"
LONGEST_SECONDS: Final = 600
NOT_TRIED: Final = 3
TABLES: Final = ("customer", "orders", "users")
PAGE: Final = """
import ssl, sys, urllib.request
trust = ssl.create_default_context(cafile="/var/lib/korobka/tls/ca.pem")
page = urllib.request.urlopen(f"https://127.0.0.1:{sys.argv[1]}/", context=trust, timeout=30)
text = page.read().decode()
print(page.status, "<form" in text)
"""


def printed() -> tuple[str, list[str]]:
    """How the program is installed, and the lines to type, as the book prints them.

    Raises:
        Miss: the book says something else by now.
    """
    chapter = BOOK.read_text(encoding="utf-8").split(HEADING, 1)[1]
    install = re.search(r"`(\./install\.sh [^`]*)`", chapter)
    expect(install is not None, "the book does not say how the program is installed")
    return install[1] if install else "", chapter.split("```")[1].strip().splitlines()


def copy_of(box: TrialBox, copies: Path) -> None:
    """Make a copy as the box makes one."""
    with closing(Vault.load(box.config.data)) as vault:
        vault.unlock_with_code(box.papers.recovery_code)
        order = MakeOrder(
            data=box.config.data,
            stamp=stamp_of(datetime.now(UTC)),
            version=__version__,
            recovery=vault.age_recipient(),
            drill=vault.drill_identity()[1],
            public_key=vault.checkpoint_public_key().hex(),
            targets=(str(copies),),
        )
        sign = vault.sign_document
        made = make(order, lambda text: sign(text.encode()).hex(), _untold)
    expect(made.targets[0].state == "done", f"no copy: {made.targets}")


def _untold(_step: str, _done: int, _total: int) -> None:
    """Nobody looks."""


def counted(data: Path) -> dict[str, int]:
    """How many there are of each kind."""
    with closing(sqlite3.connect(f"{(data / 'main.db').as_uri()}?mode=ro", uri=True)) as main:
        return {name: main.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in TABLES}  # noqa: S608 - constants


def release(home: Path) -> Path:
    """The file of this checkout as committed, signed with an invented key."""
    python = subprocess.run(
        ["/usr/bin/python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
        check=True, capture_output=True, text=True,
    ).stdout.strip()  # fmt: skip
    return release_file.build(Ed25519PrivateKey.generate(), home, [python])


def come_back(machine: Machine, code: str, port: int) -> dict[str, float]:
    """Install and restore; seconds of each step.

    Raises:
        Miss: it is not so.
    """
    install, lines = printed()
    took: dict[str, float] = {}
    file = next((machine.root / "media").glob("*.kup")).name
    machine.run("tar", "-xf", f"/media/{file}", cwd="/root")
    for line in (install.replace("ФАЙЛ", f"/media/{file}"), *lines):
        began = time.monotonic()
        # A box without keys is up and locked: that is what 3 says, and the next line opens it.
        fine = (0, 3) if line.endswith("korobka start") else (0,)
        machine.type(line, {"Код восстановления: ": code, "Recovery code: ": code}, fine)
        took[line] = round(time.monotonic() - began, 1)
        print(f"  {took[line]:6.1f} s  {line}", flush=True)
    page = machine.run("/usr/bin/python3", "-I", "-c", PAGE, str(port)).split()
    expect(page == ["200", "True"], f"the first page: {page}")
    return took


def starts_by_itself(machine: Machine) -> None:
    """The new key file opens the box at the next start.

    Raises:
        Miss: it does not.
    """
    machine.run("korobka", "stop")
    machine.run("korobka", "start")
    told = machine.run("korobka", "status", "--wait", "60", "--json")
    expect('"open": true' in told or '"open":true' in told, f"the key does not open it: {told}")
    expect("true" in machine.run("korobka", "audit", "verify", "--json"), "the log is not whole")
    machine.run("korobka", "stop")


def opened_by_age(copies: Path, code: str, home: Path) -> str:
    """Open the copy with the plain tool and the printed identity; which tool it was.

    Raises:
        Miss: it does not open it, or what comes out is no box.
    """
    tool = _age(home)
    if tool is None:
        return "NOT TRIED, Debian's package `age` is not to be had"
    identity, plain = home / "identity", home / "plain.tar"
    identity.write_text(Vault.recovery_identity(code).age_identity + "\n", encoding="ascii")
    data = Folder(copies).copies()[0].part("data")
    done = subprocess.run(
        [tool, "--decrypt", "--identity", identity, "--output", plain, str(data)],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    expect(done.returncode == 0, f"age: {done.stderr}")
    with tarfile.open(plain) as box:
        expect("main.db" in box.getnames(), f"no database in {box.getnames()}")
    version = subprocess.run([tool, "--version"], check=False, capture_output=True, text=True)
    return f"age {version.stdout.strip()} opens it with the printed identity"


def _age(home: Path) -> str | None:
    """Debian's tool: the installed one, else its package unpacked beside."""
    if found := shutil.which("age"):
        return found
    if not shutil.which("apt-get"):
        return None
    home.chmod(0o755)
    subprocess.run(["apt-get", "download", "-qq", "age"], cwd=home, check=False,
                   capture_output=True)  # fmt: skip
    for package in home.glob("age_*.deb"):
        subprocess.run(["dpkg", "-x", package, home / "age"], check=True)
        return str(home / "age/usr/bin/age")
    return None


def tried(box: TrialBox, home: Path) -> None:
    """The whole of it.

    Raises:
        Miss: it is not so.
        NoMachine: there is no root of its own here.
    """
    code, port, before = box.papers.recovery_code, box.config.server.port, counted(box.config.data)
    root = home / "root"
    copies = root / "mnt/usb-a/korobka"
    began = time.monotonic()
    file = release(home / "made")
    print(f"built {file.name}, {file.stat().st_size >> 20} MB, {time.monotonic() - began:.0f} s")
    with bare(root) as machine:
        (root / "media" / file.name).write_bytes(file.read_bytes())
        copies.mkdir(parents=True)
        began = time.monotonic()
        copy_of(box, copies)
        size = sum(path.stat().st_size for path in copies.rglob("*") if path.is_file()) >> 20
        print(f"copy of {before}: {size} MB, {time.monotonic() - began:.0f} s", flush=True)
        took = come_back(machine, code, port)
        after = counted(root / "var/lib/korobka")
        expect(after == before, f"before {before}, after {after}")
        starts_by_itself(machine)
    restore = sum(seconds for line, seconds in took.items() if line.startswith("korobka"))
    whole = sum(took.values())
    print(f"first command to first page {whole:.0f} s, {restore:.0f} s of it restoring")
    print(opened_by_age(copies, code, home))
    expect(whole <= LONGEST_SECONDS, f"longer than {LONGEST_SECONDS} s")


def main() -> int:
    """Read the command line and go."""
    parser = argparse.ArgumentParser(
        description=__doc__, prog="scripts/bare-machine",
        formatter_class=argparse.RawTextHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--customers", type=int, default=200)
    parser.add_argument("--orders", type=int, default=200)
    parser.add_argument("--box", type=Path, help="a box of scripts/bench instead of a new one")
    wanted: Any = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="korobka-bare-") as folder:
        home = Path(folder)
        try:
            if wanted.box is not None:
                box = _box.reuse(wanted.box)
            else:
                box = _box.make(home / "first")
                _box.fill(box, wanted.customers, wanted.orders)
            tried(box, home)
        except Miss as miss:
            print(f"bare-machine: MISS {miss}", file=sys.stderr)
            return 1
        except NoMachine as reason:
            print(f"bare-machine: NOT TRIED, {reason}", file=sys.stderr)
            return NOT_TRIED
    print("bare-machine: done")
    return 0


if __name__ == "__main__":
    sys.exit(main())
