"""The main job on an installed box, from the shop's order to the proof: `scripts/journey`.

Installs a box into a temporary folder (or takes one: --prefix, --data, --admin-password-file),
sends clients and orders with the unmodified `retailcrm` package twice, with cut connections, signs
three colleagues in through headless Chromium, and then has the log verified and every file under
the data folder searched for the invented people. Prints what it did; ends non-zero on any miss.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

from scripts import _desks, _traces
from scripts._box import free_port
from scripts._cutter import Cutter
from scripts._desks import Desk
from scripts._shop import BUYERS, Miss, Shop, expect, trusting
from tests.postgres import binaries, temporary_postgres

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "Первый-снег-над-Онегой-31"  # noqa: S105 - of an invented administrator
PEOPLE = {"alisa": "seller", "boris": "seller", "gleb": "storekeeper"}
SCOPES = ("order_read", "order_write", "customer_read", "customer_write")
MOVED_TO = "client-confirmed"
LOG_SECONDS = 15.0
"""Deeds reach the log within half a second; a busy machine needs longer."""

DEEDS = {
    "a client from the shop": (
        "shop_customers.accept",
        "customers.create",
        "shop_customers.create",
    ),
    "an order from the shop": ("shop_orders.accept", "orders.place"),
    "colleagues taken on": ("users.add",),
    "a key made": ("api_keys.add",),
    "signing in": ("sign_in.open_session",),
    "a new password": ("me.set_password",),
    "the list of orders": ("desk.orders", "orders.list_page"),
    "an order opened": ("desk.order_card", "desk.order", "orders.open_card"),
    "searches": ("palette.find", "customers.search"),
    "the phone revealed": ("customers.reveal",),
    "the status changed": ("orders.set_status", "desk.move", "mass.move"),
    "asking who leads a client": ("customers.find_owner",),
}
"""Deeds that the log must name → actions that are them."""


class Installed:
    """An installed box and its command."""

    def __init__(self, command: Sequence[str], data: Path, password_file: Path) -> None:
        self.command = [*command]
        self.data = data
        self.password_file = password_file
        self.files: list[Path] = [data]
        self.more: dict[str, str] = {}

    def run(self, *words: str, ok: Sequence[int] = (0,)) -> dict[str, Any]:
        """Run `korobka …` and return what it says.

        Raises:
            Miss: it failed.
        """
        done = subprocess.run(
            [*self.command, *words, "--data", str(self.data), "--json"],
            capture_output=True, text=True, check=False, timeout=300,
            env={**os.environ, "KOROBKA_PASSWORD_FILE": str(self.password_file), **self.more},
        )  # fmt: skip
        if done.returncode not in ok:
            told = f"{done.stdout} {done.stderr}".strip()[-800:]
            raise Miss(f"korobka {words[0]}: {done.returncode} {told}")
        return json.loads(done.stdout.strip().splitlines()[-1]) if done.stdout.strip() else {}


def say(text: str) -> None:
    """Tell what was just done."""
    print(f"  {text}", flush=True)


def install(home: Path, wanted: argparse.Namespace, postgres: str) -> Installed:
    """Install into a temporary folder, as the README says; with --source use this checkout."""
    password, data, prefix = home / "password", home / "data", home / "prefix"
    password.write_text(PASSWORD + "\n", encoding="utf-8")
    url = ["--database-url", postgres] if postgres else []
    port = str(free_port())
    if wanted.source:
        box = Installed([sys.executable, "-m", "appliance.cli"], data, password)
        box.more["PYTHONPATH"] = str(ROOT)
        key = str(home / "box.key")
        words = ["--port", port, "--key-file", key, "--admin-password-file", str(password)]
        box.run("init", *words, *url)
        return box
    began = time.monotonic()
    done = subprocess.run(
        [ROOT / "install.sh", "--unattended", "--prefix", prefix, "--data", data, "--port", port,
         "--no-service", "--admin-password-file", password,
         "--recovery-code-file", home / "recovery", *url],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    expect(done.returncode == 0, f"install.sh failed: {done.stdout[-1500:]}{done.stderr[-1500:]}")
    say(f"installed in {time.monotonic() - began:.0f} s")
    return Installed([str(prefix / "bin" / "korobka")], data, password)


def taken(wanted: argparse.Namespace) -> Installed:
    """Take the box that is installed."""
    for name in ("prefix", "data", "admin_password_file"):
        if getattr(wanted, name) is None:
            raise SystemExit(f"scripts/journey: --{name.replace('_', '-')} is missing")
    command = [str(wanted.prefix / "bin" / "korobka")]
    return Installed(command, wanted.data.absolute(), wanted.admin_password_file.absolute())


def travel(box: Installed) -> None:
    """The journey on a box that runs.

    Raises:
        Miss: something is not as it must be.
    """
    facts = box.run("status", "--wait", "60")
    address = str(facts["address"]).rstrip("/")
    say(f"the box answers at {address}, version {facts['version']}")
    people = {
        login: box.run("user", "add", login, "--role", role) for login, role in PEOPLE.items()
    }
    scopes = [word for scope in SCOPES for word in ("--scope", scope)]
    key = str(box.run("api-key", "add", "shop", *scopes, "--shop", "main")["key"])
    say(f"took on {', '.join(PEOPLE)}; made a key for the shop")
    cutter = Cutter(int(address.rpartition(":")[2]))
    shop = Shop(cutter, key)
    with trusting(box.data / "tls" / "ca.pem"):
        number = shop.send(int(people["alisa"]["number"]))[f"order-{BUYERS[0].external_id}"]
        shop.check_no_doubles()
    cutter.close()
    expect(cutter.cuts and shop.interrupted >= cutter.cuts, "no connection was cut")
    say(
        f"sent {len(BUYERS)} clients and orders twice through {cutter.cuts} cut connections: "
        f"{shop.interrupted} questions without answer, no doubles"
    )
    browse(address, {login: str(one["password"]) for login, one in people.items()}, number)
    prove(box)


def browse(address: str, passwords: dict[str, str], number: int) -> None:
    """Let the three colleagues work."""
    with _desks.chromium() as browser:
        alisa, boris, gleb = (
            Desk(browser, address, login, passwords[login]) for login in ("alisa", "boris", "gleb")
        )
        say("alisa, boris and gleb signed in and changed their one-time passwords")
        _desks.assigned_manager(alisa, number, MOVED_TO)
        say("alisa (assigned) sees the order, finds the buyer by a fragment and by the last four")
        say(f"digits, reveals the phone, moves the order to {MOVED_TO}")
        _desks.other_manager(boris, number, "alisa")
        say("boris does not find the buyer; by the full phone he sees that alisa leads the client")
        _desks.storekeeper(gleb, number)
        say("gleb (storekeeper) sees the order and no phone")
        _desks.stayed_inside([alisa, boris, gleb])


def prove(box: Installed) -> None:
    """The log names every deed, and no file names a person.

    Raises:
        Miss: it does not, or one does.
    """
    missing, report, done = list(DEEDS), dict[str, Any](), set[str]()
    ends, pause = time.monotonic() + LOG_SECONDS, threading.Event()
    while missing and time.monotonic() < ends:
        pause.wait(0.3)
        report = box.run("audit", "verify", "--deeds")
        done = {deed["action"] for deed in report["deeds"] if deed["result"] == "done"}
        missing = [what for what, actions in DEEDS.items() if not done.intersection(actions)]
    expect(not missing, f"the log does not name: {missing}; it names {sorted(done)}")
    actors = {(deed["action"], deed["actor"]) for deed in report["deeds"]}
    revealed = {actor for action, actor in actors if action == "customers.reveal"}
    asked = {actor for action, actor in actors if action == "customers.find_owner"}
    expect(len(revealed) == 1 and not revealed & asked, "the log mixes up who did what")
    say(f"the log verifies and names all of it: {report['size']} deeds of {len(done)} kinds")
    look_for_people(box.files, "of the running box")
    box.run("stop")
    expect(box.run("audit", "verify")["ok"], "the log of the stopped box does not verify")
    look_for_people(box.files, "of the stopped box")


def look_for_people(files: Sequence[Path], which: str) -> None:
    """Search every file for the invented people.

    Raises:
        Miss: somebody was found.
    """
    names = [text for buyer in BUYERS for text in buyer.texts]
    phones = [
        text for one in BUYERS for text in (*_traces.phone_spellings(one.phone), one.typed_phone)
    ]
    problems, read = _traces.search(files, [*names, *phones])
    problems += _traces.grep(files, [*names, *(text for text in phones if len(text) >= 9)])
    expect(not problems, f"people stand in the files {which}: {problems[:5]}")
    say(f"no name, phone or e-mail in {read / 2**20:.1f} MB {which}, in any spelling")


def _folder_of(postgres: str) -> Path:
    """The files of a database server; what is in its memory is written down first."""
    asked = [binaries() / "psql", "-At", "-c", "CHECKPOINT", "-c", "SHOW data_directory", postgres]
    done = subprocess.run(asked, capture_output=True, text=True, check=True)
    return Path(done.stdout.strip().splitlines()[-1])


@contextlib.contextmanager
def prepared(wanted: argparse.Namespace) -> Generator[Installed]:
    """An installed box that runs, and is stopped whatever happens."""
    with contextlib.ExitStack() as stack:
        postgres = ""
        if wanted.postgres:
            postgres = stack.enter_context(temporary_postgres(durable=True))
        if wanted.prefix is not None:
            box = taken(wanted)
        else:
            home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="korobka-journey-")))
            box = install(home, wanted, postgres)
        if postgres:
            box.files.append(_folder_of(postgres))
        if not box.run("status", ok=(0, 3)).get("running"):
            box.run("start")
        try:
            yield box
        finally:
            box.run("stop", ok=range(256))


def main() -> int:
    """Read the command line and go."""
    parser = argparse.ArgumentParser(
        description=__doc__, prog="scripts/journey", formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--prefix", type=Path, help="of an installed box; else one is installed")
    parser.add_argument("--data", type=Path, help="its data folder")
    parser.add_argument("--admin-password-file", type=Path, help="password of its administrator")
    parser.add_argument("--source", action="store_true", help="run this checkout, install nothing")
    parser.add_argument("--postgres", action="store_true", help="on a temporary PostgreSQL")
    parser.add_argument("--sample", action="store_true", help="as --source, for every check")
    wanted = parser.parse_args()
    wanted.source = wanted.source or wanted.sample
    began = time.monotonic()
    try:
        with prepared(wanted) as box:
            travel(box)
    except Miss as miss:
        print(f"journey: MISS {miss}", file=sys.stderr)
        return 1
    print(f"journey: done in {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
