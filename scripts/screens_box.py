"""Take pictures of pages and check them with axe-core.

    scripts/screens --all --out shots                          every screen of an invented box
    scripts/screens --all --only order,palette --out shots     some of them
    scripts/screens --base http://127.0.0.1:8765 /_kit /_kit/shell --out shots

Each page is shown at 1366 x 768 and 390 x 844, light and dark. `--all` makes a box in a temporary
folder, signs colleagues of its roles in and walks the table in `scripts/_screens.py`. Findings of
axe-core (WCAG 2 A and AA up to 2.2, best practice), errors of the console, requests that leave
the box and pages wider than the window make the exit code 1.
"""

import argparse
import base64
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, StorageState

from appliance.actions import users
from appliance.actions._hashing import hashed
from appliance.actions.sessions import POLICY_KEY
from appliance.boot import demo
from appliance.boot.house import OpenHouse
from appliance.boot.index import HOUSE_ACTOR
from appliance.config import Box, Config, Server, Unlock
from appliance.domain import totp
from appliance.domain.personal import Personal
from appliance.domain.users import NewUser, SignInPolicy
from appliance.storage import settings
from scripts import _market
from scripts._acquired import take_payments
from scripts._box import TrialBox, free_port
from scripts._camera import SIZES, THEMES, Camera, Shot, chromium, context_of
from scripts._carried import carriers, carry_parcels
from scripts._handed import hand_orders
from scripts._measured import exchange_with_1c, watch_a_shop
from scripts._screens import (
    CAREFUL,
    CONFIRMED,
    FRESH,
    NEWCOMER,
    NOBODY,
    OPEN,
    PICKS,
    RESTARTED,
    SCREENS,
    SEALED,
    Screen,
)
from scripts._served import OWN_COMMAND, Served
from scripts._texted import send_messages

ROOT = Path(__file__).resolve().parent.parent
CUSTOMERS, ORDERS = 300, 400
LATECOMERS = (
    (NEWCOMER, "Ждан Новичков", False),
    (FRESH, "Зоя Свежева", True),
    (CAREFUL, "Кузьма Бережной", False),
)
"""Sellers taken on after the world was made; the flag: the password is to be changed first."""


class Walk:
    """The table walked through one invented box."""

    def __init__(self, browser: Browser, config: Config, camera: Camera) -> None:
        self._config = config
        self._browser = browser
        self._served = Served(config)
        self._camera = camera
        self._states: dict[str, StorageState] = {}
        self._picked: dict[tuple[str, str], str] = {}

    def run(self, screens: Sequence[Screen]) -> list[Shot]:
        """Take every picture; the box is closed and started again where the table asks for it."""
        self._served.start()
        shots: list[Shot] = []
        try:
            for phase in (OPEN, SEALED, RESTARTED):
                here = [one for one in screens if one.phase == phase]
                if phase == OPEN or here:
                    self._enter(phase, screens)
                shots += self._take(here)
        finally:
            self._served.stop()
        return shots

    def _enter(self, phase: str, screens: Sequence[Screen]) -> None:
        if phase == OPEN:
            for login in sorted({one.role for one in screens} | {CAREFUL}):
                self._states[login] = self._sign_in(login)
        elif phase == SEALED:
            subprocess.run(
                [*OWN_COMMAND, "seal", "--data", str(self._config.data)],
                check=True,
                stdout=subprocess.DEVNULL,
            )
        else:
            self._served.stop()
            key = self._config.unlock.key_file
            if key is not None:
                key.rename(key.with_suffix(".away"))
            self._served.start(page="/unlock")

    def _sign_in(self, login: str) -> StorageState:
        """Cookies of a browser in which this colleague is signed in."""
        window = context_of(self._browser, "1366", "light")
        if login != NOBODY:
            page = window.new_page()
            self._camera.sign_in(page, login)
            if login in CONFIRMED:
                self._camera.confirm(page, login)
            if login == CAREFUL:
                page.goto(f"{self._camera.base}/me/factor")
                page.click("main .btn-main")
                secret = _seed(page.locator("main code").first.inner_text())
                page.fill("[name=code]", totp.code_at(secret, totp.step_of(datetime.now(UTC))))
                page.click("main .btn-main")
                page.wait_for_selector("main .codes")
        state = window.storage_state()
        window.close()
        return state

    def _take(self, screens: Iterable[Screen]) -> list[Shot]:
        shots: list[Shot] = []
        for screen in screens:
            path = self._path(screen)
            found = 0
            for size in list(SIZES)[: 1 if screen.wide else None]:
                for theme in THEMES:
                    window = context_of(self._browser, size, theme, self._states[screen.role])
                    shot = self._camera.take(
                        window, f"{screen.name}-{size}-{theme}", path, screen.steps,
                        status=screen.status, broken=screen.broken,
                    )  # fmt: skip
                    window.close()
                    shots.append(shot)
                    found += len(shot.findings)
            print(f"  {screen.name}{f': {found} findings' if found else ''}", flush=True)
        return shots

    def _path(self, screen: Screen) -> str:
        """The screen's path with `{pick}` replaced by what this role's list shows first."""
        path = screen.path
        for name, (where, link) in PICKS.items():
            if f"{{{name}}}" not in path:
                continue
            if (name, screen.role) not in self._picked:
                window = context_of(self._browser, "1366", "light", self._states[screen.role])
                page = window.new_page()
                page.goto(self._camera.base + where, wait_until="load")
                href = page.locator(link).first.get_attribute("href") or ""
                self._picked[name, screen.role] = urlsplit(href).path.rpartition("/")[2]
                window.close()
            path = path.replace(f"{{{name}}}", self._picked[name, screen.role])
        return path


def make_box(home: Path) -> tuple[Config, dict[str, str]]:
    """Make the invented box; return its configuration and login → password."""
    config = Config(
        data=home / "data",
        box=Box(name="Тёплый дом"),
        server=Server(listen="127.0.0.1", port=free_port(), development=True),
        unlock=Unlock(mode="key-file", key_file=home / "box.key"),
    )
    config.data.mkdir(mode=0o700)
    made = demo.make(config, customers=CUSTOMERS, orders=ORDERS, seed=1)
    TrialBox(home, config).run(lambda opened: _hire(opened, made.password))
    TrialBox(home, config).run(_market.sell)
    logins = [demo.ADMIN, *(who[0] for who in (*demo.STAFF, *LATECOMERS))]
    return config, dict.fromkeys(logins, made.password)


def _seed(spelled: str) -> bytes:
    """The seed of an authenticator from what the page spells."""
    letters = "".join(spelled.split())
    return base64.b32decode(letters + "=" * (-len(letters) % 8))


async def _hire(opened: OpenHouse, password: str) -> None:
    # One walk is longer than a browser may rest.
    patient = SignInPolicy(idle_minutes=720, step_up_minutes=720)
    await opened.database.write(lambda: settings.put(POLICY_KEY, patient))
    secret = await hashed(Personal(password))
    for login, name, must_change in LATECOMERS:
        new = NewUser(login=login, name=Personal(name), roles=("seller",))
        await users.add(HOUSE_ACTOR, new, secret, must_change=must_change)
    await watch_a_shop()
    await exchange_with_1c()
    await hand_orders()
    # Last: what one of these does not see lying there, it takes for switched off.
    await carry_parcels(carriers())
    await send_messages()
    await take_payments()


def _visit(browser: Browser, wanted: argparse.Namespace) -> list[Shot]:
    """Show the pages that the command line names."""
    camera = Camera(wanted.base.rstrip("/"), wanted.out, not wanted.no_axe, wanted.full)
    steps = [("press", keys) for keys in wanted.press]
    steps += [("type", wanted.type)] if wanted.type else []
    shots: list[Shot] = []
    for size in SIZES:
        for theme in THEMES:
            window = context_of(browser, size, theme, wanted.state and str(wanted.state))
            for path in wanted.paths:
                plain = "-".join(filter(None, path.replace("?", "/").split("/"))) or "today"
                name = "".join(c if c.isalnum() or c in "-_" else "-" for c in plain)
                words = filter(None, [name, wanted.name, size, theme])
                shots.append(camera.take(window, "-".join(words), path, steps))
            window.close()
    return shots


def _chosen(only: str) -> list[Screen]:
    names = [name for name in only.split(",") if name]
    unknown = set(names) - {one.name for one in SCREENS}
    if unknown:
        raise SystemExit(f"scripts/screens: no such screen: {', '.join(sorted(unknown))}")
    return [one for one in SCREENS if not names or one.name in names]


def read_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, prog="scripts/screens", formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("paths", nargs="*", help="pages, for example /orders")
    parser.add_argument("--all", action="store_true", help="every screen of an invented box")
    parser.add_argument("--only", default="", help="with --all: names from the table, by commas")
    parser.add_argument("--base", help="address of a box, for example https://127.0.0.1:8443")
    parser.add_argument("--out", type=Path, default=ROOT / "shots")
    parser.add_argument("--state", type=Path, help="Playwright's storage state of a session")
    parser.add_argument("--full", action="store_true", help="whole height of the page")
    parser.add_argument("--press", nargs="*", default=[], help="keys to press before the picture")
    parser.add_argument("--type", default="", help="text to type after the keys")
    parser.add_argument("--name", default="", help="put after the page's name in the file name")
    parser.add_argument("--no-axe", action="store_true", help="pictures only")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    wanted = parser.parse_args()
    if wanted.all == bool(wanted.base and wanted.paths):
        parser.error("name --all, or --base and pages")
    return wanted


def main() -> int:
    """Show everything that was asked for."""
    wanted = read_arguments()
    wanted.out.mkdir(parents=True, exist_ok=True)
    if wanted.all:
        screens = _chosen(wanted.only)
        with tempfile.TemporaryDirectory(prefix="korobka-screens-") as folder:
            config, passwords = make_box(Path(folder))
            base = config.local_address.rstrip("/")
            camera = Camera(base, wanted.out, axe=not wanted.no_axe, passwords=passwords)
            with chromium(wanted.chromium) as browser:
                shots = Walk(browser, config, camera).run(screens)
    else:
        with chromium(wanted.chromium) as browser:
            shots = _visit(browser, wanted)
    for shot in shots:
        for finding in shot.findings:
            print(f"{shot.name}: {finding}")
    bad = sum(len(shot.findings) for shot in shots)
    print(f"screens: {len(shots)} pictures in {wanted.out}, {bad} findings")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
