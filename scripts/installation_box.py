"""A box's life as a buyer sees it: `scripts/installation`.

Runs `./install.sh` of this checkout as the README says, without root and without a service, into a
temporary folder; asks the printed address over TLS, trusting nothing but the authority whose
fingerprint was printed; has the main job of `scripts/journey` done on it; builds an update file of
a later version, brings it into use, and goes back; and removes the program, after which the data
must still be there. Then a second box is installed from that file alone, without a network, by
keys in a terminal, up to the wizard of the first run. Ends non-zero on any miss.
"""

import argparse
import contextlib
import hashlib
import os
import platform
import random
import re
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from scripts import journey_box, release_file
from scripts._box import free_port
from scripts._shop import Miss, expect
from scripts.journey_box import Installed, say
from tests.postgres import temporary_postgres
from tests.terminal import Terminal
from updates import journal

ROOT = Path(__file__).resolve().parent.parent
LATER = "99.0.0"
PYTHON = ".".join(platform.python_version_tuple()[:2])
PRINTED = {
    "address": r"^Адрес: +(https://\S+)$",
    "fingerprint": r"^Отпечаток CA: +([0-9A-F:]{95})$",
}


def run(home: Path, *words: str | Path) -> str:
    """Run the installer for a box inside `home`; what it printed.

    Raises:
        Miss: it failed.
    """
    done = subprocess.run(
        [ROOT / "install.sh", "--unattended", "--no-service", "--prefix", home / "prefix", *words],
        capture_output=True, text=True, check=False, cwd=home,
    )  # fmt: skip
    expect(done.returncode == 0, f"install.sh: {done.stdout[-1500:]}{done.stderr[-1500:]}")
    return done.stdout


def install(home: Path, url: str = "") -> Installed:
    """Install, and hold the installer to what it printed.

    Args:
        home: where to.
        url: of an empty PostgreSQL database; empty: SQLite.

    Raises:
        Miss: it is not so.
    """
    password = home / "password"
    password.write_text(journey_box.PASSWORD + "\n", encoding="utf-8")
    began = time.monotonic()
    printed = run(
        home, "--data", home / "data", "--port", str(free_port()),
        "--admin-password-file", password, "--recovery-code-file", home / "recovery",
        *(["--database-url", url] if url else []),
    )  # fmt: skip
    found: dict[str, str] = {}
    for name, pattern in PRINTED.items():
        match = re.search(pattern, printed, re.MULTILINE)
        expect(match is not None, f"the installer printed no {name}: {printed}")
        found[name] = match[1] if match else ""
    answer(found["address"], home / "data" / "tls" / "ca.pem", found["fingerprint"])
    say(f"installed in {time.monotonic() - began:.0f} s, answers at {found['address']} over TLS")
    return Installed([str(home / "prefix" / "bin" / "korobka")], home / "data", password)


def answer(address: str, authority: Path, fingerprint: str) -> None:
    """The address gives a page to whoever trusts the printed authority alone.

    Raises:
        Miss: it does not.
    """
    raw = ssl.PEM_cert_to_DER_cert(authority.read_text(encoding="ascii"))
    known = hashlib.sha256(raw).digest().hex(":").upper()
    expect(known == fingerprint, "the printed fingerprint is of another authority")
    trust = ssl.create_default_context(cafile=str(authority))
    with httpx.Client(verify=trust, trust_env=False, follow_redirects=True) as client:
        page = client.get(address)
    expect(page.status_code == 200 and "<html" in page.text, f"{address}: {page.status_code}")


def release(home: Path) -> Path:
    """An update file of this checkout as committed, under a later version and an invented key."""
    key = Ed25519PrivateKey.generate()
    began = time.monotonic()
    path = release_file.build(key, home, [PYTHON], LATER)
    (home / "maker.pub").write_text(key.public_key().public_bytes_raw().hex() + "\n", "ascii")
    say(f"built {path.name}, {path.stat().st_size >> 20} MB, in {time.monotonic() - began:.0f} s")
    return path


def update(box: Installed, home: Path, file: Path) -> float:
    """Bring the later release into use, and the former one back.

    Returns:
        seconds that the update took.

    Raises:
        Miss: it is not so.
    """
    before = str(box.run("version")["korobka"])
    box.run("start", ok=(0, 1))  # it runs already where nothing was done on it
    refused = box.run("update", str(file), ok=[1])
    expect(refused["error"]["code"] == "update_no_key", f"believed without a key: {refused}")
    shutil.copy(home / "maker.pub", home / "prefix" / "etc" / "maker.pub")
    began = time.monotonic()
    done = box.run("update", str(file))
    seconds = time.monotonic() - began
    status = box.run("status", "--wait", "30")
    expect(status["version"] == LATER and status["open"], f"after the update: {status}")
    away = sum(done["took"][step] for step in journal.STEPS[3:9])
    say(f"updated to {LATER} in {seconds:.0f} s, nobody could work for {away:.0f} s of them; "
        f"{done['checks']} checks; copy {done['copy']}")  # fmt: skip
    expect(box.run("audit", "verify")["ok"], "the log does not verify after the update")
    back = box.run("update", "return")
    expect(back["version"] == before, f"after the return: {back}")
    expect(box.run("status", "--wait", "30")["version"] == before, "the former release is not back")
    say(f"went back to {before}")
    return seconds


def killed(box: Installed, file: Path, kills: int, longest: float) -> None:
    """Kill updates at moments of chance; the next start leads each to an end that is whole.

    Args:
        box: it may run.
        file: of a later release.
        kills: how many.
        longest: seconds within which they come; later ones come too late.

    Raises:
        Miss: a box was left torn, or does not start.
    """
    old, chance = str(box.run("version")["korobka"]), random.Random("update")  # noqa: S311
    ends: Counter[str] = Counter()
    for _ in range(kills):
        box.run("start", ok=(0, 1))
        began = subprocess.Popen(
            [*box.command, "update", file, "--json"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            began.wait(chance.uniform(0.3, longest))
        except subprocess.TimeoutExpired:
            os.killpg(began.pid, signal.SIGKILL)
            began.wait()
        if not box.run("status", ok=(0, 3)).get("running"):
            box.run("start")
        box.run("update", "recover")
        seen = box.run("status", "--wait", "60")
        told = box.run("update", "status")
        expect(told["under_way"] is None, f"a killed update was left open: {told}")
        expect(seen["version"] in {old, LATER}, f"a killed update left {seen}")
        expect(box.run("audit", "verify")["ok"], "the log does not verify after a kill")
        last: dict[str, Any] = told["last"] or {"result": "none", "failed": ""}
        ends[f"{last['result']} {last['failed']}".strip()] += 1
        if seen["version"] == LATER:
            box.run("update", "return")
    say(f"killed {kills} updates, all whole: {dict(ends)}")


def by_hand(words: Sequence[object]) -> None:
    """Install on a terminal as a person does: answer what is asked, reach the wizard, leave it.

    Raises:
        Miss: another screen came, or the installer ended with an error.
    """
    terminal = Terminal("installer")
    shell = ["sh", "-c", '"$@"; echo "install.sh: $?"', "sh"]
    try:
        terminal.run([*shell, *map(str, words)], {"PIP_NO_INDEX": "1"})
        for asked in ("Имя первого администратора", "Открывать коробку при запуске",
                      "Enter, когда код переписан"):  # fmt: skip
            terminal.until(asked)
            terminal.press("Enter")
        terminal.until("Первый запуск", "F10 Выход")
        terminal.press("F10")
        terminal.until("install.sh: 0")
    except AssertionError as seen:
        raise Miss(f"on a terminal: {seen}") from None
    finally:
        terminal.end()


def offline(home: Path, file: Path) -> None:
    """Install from the file alone, by hand; there is no network, nor anything of this checkout.

    Raises:
        Miss: it failed.
    """
    place = home / "offline"
    place.mkdir()
    subprocess.run(["tar", "-xf", file, "-C", place], check=True)
    apart = ["unshare", "--net", "--map-root-user"]
    able = subprocess.run([*apart, "true"], check=False, capture_output=True).returncode == 0
    lo = ["sh", "-c", 'ip link set lo up; exec "$@"', "sh"]
    began = time.monotonic()
    command = place / "prefix" / "bin" / "korobka"
    try:
        by_hand(
            [*(apart if able else []), *(lo if able else []), place / "install.sh", "--no-service",
             "--from", file, "--prefix", place / "prefix", "--data", place / "data",
             "--listen", "127.0.0.1", "--port", free_port()]
        )  # fmt: skip
    finally:
        subprocess.run([command, "stop"], check=False, capture_output=True)
    how = "no network" if able else "no package index (this machine gives no network namespace)"
    say(f"installed from the file alone in {time.monotonic() - began:.0f} s, with {how}")


def uninstall(home: Path) -> None:
    """Remove the program; data and key stay.

    Raises:
        Miss: something is left that should not be, or gone that should be left.
    """
    run(home, "--uninstall")
    left = {path.name for path in (home / "prefix").rglob("*") if path.is_file()}
    expect(left <= {"unlock.key", "maker.pub"}, f"left in the prefix: {left}")
    expect((home / "data" / "keys.db").is_file(), "the data are gone with the program")
    say("removed the program; data and key file are where they were")


def main() -> int:
    """Read the command line and go."""
    parser = argparse.ArgumentParser(
        description=__doc__, prog="scripts/installation",
        formatter_class=argparse.RawTextHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--quick", action="store_true", help="leave the main job out")
    parser.add_argument("--kills", type=int, default=0, help="kill so many updates by chance")
    parser.add_argument("--postgres", action="store_true", help="on a temporary PostgreSQL")
    wanted = parser.parse_args()
    began = time.monotonic()
    with contextlib.ExitStack() as stack:
        home = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="korobka-installation-"))
        )
        url = stack.enter_context(temporary_postgres(durable=True)) if wanted.postgres else ""
        try:
            box = install(home, url)
            try:
                if not wanted.quick:
                    journey_box.travel(box)
                file = release(home)
                seconds = update(box, home, file)
                killed(box, file, wanted.kills, 1.1 * seconds)
            finally:
                box.run("stop", ok=range(256))
            uninstall(home)
            offline(home, file)
        except Miss as miss:
            print(f"installation: MISS {miss}", file=sys.stderr)
            return 1
    print(f"installation: done in {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
