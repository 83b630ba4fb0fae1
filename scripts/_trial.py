"""A box under load whose server comes and goes, and the verdict afterwards."""

import asyncio
import random
import signal
import ssl
import time
from pathlib import Path

from scripts import _truth
from scripts._box import TrialBox
from scripts._http import Broken, Connection
from scripts._intake import Client, Ledger
from scripts._nursery import Nursery

CLIENTS = 10
READY_SECONDS = 60.0


class Trial:
    """A box under load whose server comes and goes."""

    def __init__(self, box: TrialBox, seed: int) -> None:
        self.box = box
        self.ledger = Ledger()
        self.trust = ssl.create_default_context(cafile=str(box.config.tls / "ca.pem"))
        self.log = box.home.with_name(f"{box.home.name}-server.log")
        self.nursery = Nursery(box.config.data, self.log)
        self.chance = random.Random(seed)  # noqa: S311 - moments must repeat by their seed
        self._over = asyncio.Event()
        self._clients: list[asyncio.Task[None]] = []

    def load(self) -> None:
        """Let the clients begin; they wait for the server by themselves."""
        port, key = self.box.config.server.port, self.box.papers.key
        clients = [Client(n, port, self.trust, key, self.ledger) for n in range(CLIENTS)]
        self._clients = [asyncio.create_task(one.run(self._over)) for one in clients]

    async def unload(self) -> None:
        """Let the clients finish."""
        self._over.set()
        await asyncio.gather(*self._clients)

    async def start(self) -> None:
        """Start a server and wait until it answers.

        Raises:
            RuntimeError: it ended, or does not answer.
        """
        self.nursery.begin()
        ends = time.monotonic() + READY_SECONDS
        while not await self.answers():
            if not self.nursery.is_alive or time.monotonic() > ends:
                raise RuntimeError(f"no server: {tail(self.log)}")
            await asyncio.sleep(0.01)

    async def answers(self) -> bool:
        """Whether the server gives a page."""
        connection = Connection(self.box.config.server.port, self.trust, {})
        try:
            return (await connection.ask("GET", "/health")).status == 200
        except (OSError, Broken):
            return False
        finally:
            await connection.close()

    async def kill(self) -> None:
        """End the server as a power cut would."""
        await asyncio.to_thread(self.nursery.end, signal.SIGKILL)

    async def stop(self) -> None:
        """End the server in good order."""
        await asyncio.to_thread(self.nursery.end, signal.SIGTERM)

    def progress(self) -> str:
        """What was acknowledged so far."""
        return (
            f"{len(self.ledger.acknowledged)} orders and {self.ledger.moves} moves acknowledged, "
            f"{self.ledger.interrupted} questions interrupted"
        )


def tail(path: Path) -> str:
    """The end of a log."""
    return path.read_text(encoding="utf-8", errors="replace")[-2000:]


def report(title: str, trial: Trial) -> bool:
    """Check the box and print what was found; true when all is well."""
    problems = _truth.check(trial.box, trial.ledger)
    for code, times in trial.ledger.refusals.most_common():
        print(f"  refused {times} times: {code}")
    for problem in problems[:20]:
        print(f"  WRONG {problem}")
    lost = sum(problem.startswith("LOST") for problem in problems)
    verdict = "all is well" if not problems else f"{len(problems)} WRONG"
    print(f"{title}: {trial.progress()}; {lost} lost; {verdict}", flush=True)
    return not problems
