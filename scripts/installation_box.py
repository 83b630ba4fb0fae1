"""A box's life as a buyer sees it: `scripts/installation`.

Runs `./install.sh` of this checkout as the README says, without root and without a service, into a
temporary folder; asks the printed address over TLS, trusting nothing but the authority whose
fingerprint was printed; has the main job of `scripts/journey` done on it; and removes the program,
after which the data must still be there. Ends non-zero on any miss.
"""

import argparse
import hashlib
import re
import ssl
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from scripts import journey_box
from scripts._box import free_port
from scripts._shop import Miss, expect
from scripts.journey_box import Installed, say

ROOT = Path(__file__).resolve().parent.parent
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


def install(home: Path) -> Installed:
    """Install, and hold the installer to what it printed.

    Raises:
        Miss: it is not so.
    """
    password = home / "password"
    password.write_text(journey_box.PASSWORD + "\n", encoding="utf-8")
    began = time.monotonic()
    printed = run(
        home, "--data", home / "data", "--port", str(free_port()),
        "--admin-password-file", password, "--recovery-code-file", home / "recovery",
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


def uninstall(home: Path) -> None:
    """Remove the program; data and key stay.

    Raises:
        Miss: something is left that should not be, or gone that should be left.
    """
    run(home, "--uninstall")
    left = sorted(path.name for path in (home / "prefix").rglob("*") if path.is_file())
    expect(left == ["unlock.key"], f"left in the prefix: {left}")
    expect((home / "data" / "main.db").is_file(), "the data are gone with the program")
    say("removed the program; data and key file are where they were")


def main() -> int:
    """Read the command line and go."""
    parser = argparse.ArgumentParser(
        description=__doc__, prog="scripts/installation",
        formatter_class=argparse.RawTextHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--quick", action="store_true", help="leave the main job out")
    wanted = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="korobka-installation-") as folder:
        home = Path(folder)
        try:
            box = install(home)
            try:
                if not wanted.quick:
                    journey_box.travel(box)
            finally:
                box.run("stop", ok=range(256))
            uninstall(home)
        except Miss as miss:
            print(f"installation: MISS {miss}", file=sys.stderr)
            return 1
    print(f"installation: done in {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
