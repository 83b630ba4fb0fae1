"""Replays 1C bases against a box that it makes: `python -m scripts.onec_replay [--kills N]`.

Every profile sends real sample files; then once more with every connection cut once at a random
byte, and with `kill -9` of the server on the way; the catalogues must be equal.
"""

import argparse
import random
import secrets
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from tests.box import Box, Said, free_port
from tests.onec_client.profiles import Bitrix31, Client, Unf, Ut11
from tests.onec_client.wire import Chaos, Wire

SAMPLES = Path(__file__).resolve().parents[1] / "tests" / "data" / "commerceml"
LOGIN = "exchange"
PROFILES: dict[str, tuple[type[Client], tuple[tuple[str, str], ...]]] = {
    "УТ 11": (
        Ut11,
        (
            ("import", "dobromyslov/import0_1.xml"),
            ("import", "dobromyslov/import0_1_with_nested_groups.xml"),
            ("offers", "dobromyslov/offers0_1.xml"),
        ),
    ),
    "УНФ": (Unf, (("import", "carono/import.xml"), ("offers", "carono/offers.xml"))),
    "Bitrix 3.1": (
        Bitrix31,
        (
            ("import", "wagood/import___57c55968-51d1-46f0-b5d7-927f420b8fd4.xml"),
            ("import", "wagood/import___5335d080-66b0-4355-887c-d54bba6f1f08.xml"),
            ("offers", "wagood/offers___13955e2c-c7d0-4189-8db7-9bc863cde645.xml"),
            ("prices", "wagood/prices___478f43af-4dba-47c9-b3fa-d9737c14a30f.xml"),
            ("rests", "wagood/rests___9ebdccc5-f70a-43db-8c03-0103301aad32.xml"),
        ),
    ),
}


class Station:
    """A box with the plugin on, that can be killed and started again."""

    def __init__(self, home: Path) -> None:
        self.password = secrets.token_urlsafe(24).replace("-", "a").replace("_", "b")
        self.box = Box(home=home, port=free_port(), seen_at=home)
        self._done(self.box.init())
        self.box.serve()
        for words in (
            ("approve", "exchange_1c", "--yes"),
            ("set", "exchange_1c", f"login={LOGIN}", f"password={self.password}"),
            ("on", "exchange_1c"),
        ):
            self._done(self.box.run("plugins", *words))
        self.wait()

    def _done(self, said: Said) -> None:
        if said.exit:
            raise SystemExit(f"{said}")

    def wire(self, path: str = "/x/exchange_1c/exchange") -> Wire:
        """A base's connection."""
        ca = str(self.box.data / "tls" / "ca.pem")
        return Wire("127.0.0.1", self.box.port, path, LOGIN, self.password, cafile=ca)

    def wait(self) -> None:
        """Until the plugin answers."""
        until, pause = time.monotonic() + 60, threading.Event()
        while time.monotonic() < until:
            try:
                if self.wire().ask("type=catalog&mode=checkauth").first == "success":
                    return
            except Exception:  # noqa: BLE001 - not yet
                pause.wait(0.2)
            pause.wait(0.2)
        raise SystemExit("the exchange does not answer: " + str(self.box.run("plugins", "list")))

    def kill(self) -> None:
        """The server is gone at once, and comes back."""
        self.box.stop(signal.SIGKILL)
        self.box.serve()
        self.wait()

    def catalogue(self) -> list[tuple[Any, ...]]:
        """Goods with prices and stock, as the API shows them."""
        key = self.box.run(
            "api-key", "add", "probe", "--shop", "main", "--scope", "store_read"
        ).facts["key"]
        found: list[tuple[Any, ...]] = []
        with self.box.client(headers={"X-API-KEY": key}) as client:
            page = 1
            while True:
                answer = client.get(
                    "/api/v5/store/products", params={"page": page, "limit": 100}
                ).json()
                for one in answer["products"]:
                    offers = sorted(
                        (
                            str(offer.get("xmlId")),
                            offer.get("name"),
                            offer.get("quantity"),
                            sorted((p["priceType"], p["price"]) for p in offer.get("prices", ())),
                        )
                        for offer in one["offers"]
                    )
                    found.append((one.get("externalId"), one["name"], one["active"], offers))
                if page >= answer["pagination"]["totalPageCount"]:
                    return sorted(found, key=str)
                page += 1


def play(station: Station, name: str, chaos: Chaos | None = None) -> int:
    """Send what a profile sends; how many requests that were."""
    kind, files = PROFILES[name]
    client = kind(station.wire(), chaos=chaos, before_retry=station.wait)
    client.catalogue((what, (SAMPLES / path).read_bytes()) for what, path in files)  # type: ignore[attr-defined]
    return client.wire.requests


def killer(station: Station, times: int, done: threading.Event, rng: random.Random) -> None:
    """Kill the server now and then while a base sends."""
    for _ in range(times):
        if done.wait(rng.uniform(0.05, 0.5)):
            return
        station.kill()
        print("  killed and started again", flush=True)


def main() -> None:
    """Play every profile calmly, then with cuts and kills, and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    worst = 0
    with tempfile.TemporaryDirectory() as calm_home, tempfile.TemporaryDirectory() as wild_home:
        calm, wild = Station(Path(calm_home)), Station(Path(wild_home))
        try:
            for name in PROFILES:
                print(f"{name}: {play(calm, name)} requests undisturbed", flush=True)
                rng, done = random.Random(asked.seed), threading.Event()  # noqa: S311 - places of cuts
                axe = threading.Thread(target=killer, args=(wild, asked.kills, done, rng))
                axe.start()
                count = play(wild, name, Chaos(rng))
                done.set()
                axe.join()
                wild.wait()
                same = calm.catalogue() == wild.catalogue()
                goods = len(calm.catalogue())
                print(f"  {count} requests with cuts and kills, {goods} goods, equal: {same}")
                worst |= not same
        finally:
            calm.box.stop()
            wild.box.stop()
    sys.exit(worst)


if __name__ == "__main__":
    main()
