"""A plugin in a process of its own: asked, answering, ended, started again."""

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest

from appliance.domain.events import OrderPlaced
from appliance.errors import Unavailable
from appliance.plugin_api.hooks import RouteRequest
from appliance.plugin_api.outcomes import Pause, Permanent, Retry
from appliance.plugin_host import cage, meter
from appliance.plugin_host.keeper import Keeper
from tests.plugins.conftest import HERE, Journal, enabled, until

HELLO = HERE / "samples" / "hello"


def placed(total: int) -> bytes:
    return msgspec.json.encode(OrderPlaced(order_id=uuid4(), customer_id=None, total=total))


async def deliver(keeper: Keeper, total: int) -> None:
    await keeper.deliver("hello", "order_placed", placed(total), uuid4(), 1)


async def test_a_plugin_is_told_asked_and_run_by_the_clock(keeper: Keeper) -> None:
    await keeper.start(enabled(HELLO))
    await deliver(keeper, 100)
    for total, outcome, said in (
        (1, Retry, "not_now"),
        (2, Pause, "30 s"),
        (3, Permanent, "never"),
    ):
        with pytest.raises(outcome, match=said):
            await deliver(keeper, total)
    with pytest.raises(Retry, match=r"^key_error$"):  # and no word of what it said
        await deliver(keeper, 4)
    reply = await keeper.request(
        "hello", RouteRequest(route="hook", method="POST", rest="a/b", body=b"x" * (12 << 20))
    )
    assert reply.body == f"POST a/b {12 << 20}".encode()
    assert [one.numbers for one in await keeper.diagnose("hello")] == [{"orders": 1}]
    await keeper.run_job("hello", "check")
    assert [one.numbers for one in await keeper.diagnose("hello")] == [{"orders": 0}]
    facts = keeper.facts("hello")
    assert facts is not None and facts.state == "running" and facts.restarts == 0


async def test_files_are_kept_in_the_given_folder_only_and_bounded(
    keeper: Keeper, journal: Journal, tmp_path: Path
) -> None:
    async def write(name: str, size: int) -> int:
        request = RouteRequest(route="write", method="POST", rest=name, body=b"x" * size)
        return (await keeper.request("keeps", request)).status

    spool = tmp_path / "spool"
    spool.mkdir()
    await keeper.start(enabled(HERE / "samples" / "keeps", spool=spool))
    assert [await write("one/a", 1000), await write("b", 1000)] == [200, 200]
    assert (await write("../out", 1), await write("big", 3 << 20)) == (507, 507)
    assert not (tmp_path / "out").exists()
    assert sorted(path.name for path in spool.iterdir())[:2] == ["a.moved", "b.moved"]
    await keeper.start(enabled(HERE / "samples" / "keeps", spool=spool))
    for number in range(3):  # each within the limit, together over it
        with suppress(Unavailable):  # it may have been ended for the last one already
            assert await write(f"part{number}", 700_000) in {200, 507}
    await until(lambda: "disk" in journal.codes)


SLOW = """
import asyncio
from appliance.plugin_api.hooks import hookimpl


@hookimpl
async def diagnose(core, account):
    await asyncio.sleep(600)
"""


async def test_a_check_that_takes_too_long_is_ended_and_its_process_goes_on(
    keeper: Keeper, journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("appliance.plugin_host.keeper.DIAGNOSE_SECONDS", 0.2)
    text = 'title = { ru = "Медлит", en = "Slow" }\nabout = { ru = "Медлит", en = "Slow" }\n'
    (tmp_path / "plugin.toml").write_text(
        f'name = "slow"\nversion = "1.0.0"\napi = 1\n{text}', encoding="utf-8"
    )
    (tmp_path / "__init__.py").write_text(SLOW, encoding="utf-8")
    await keeper.start(enabled(tmp_path))
    await until(lambda: bool((seen := keeper.facts("slow")) and seen.state == "running"))
    with pytest.raises(Unavailable, match="plugin_overdue"):
        await keeper.diagnose("slow")
    facts = keeper.facts("slow")
    assert facts is not None and (facts.state, facts.restarts) == ("running", 0)
    await until(lambda: journal.codes == ["overdue"])


DOWN = """
from appliance.plugin_api.hooks import Finding, hookimpl
from appliance.plugin_api.outcomes import Pause

tries = []


@hookimpl
def register_jobs(every):
    every("work", work)


async def work(core):
    core.account("main")
    tries.append(1)
    raise core.down("main")


@hookimpl
async def diagnose(core, account):
    try:
        await work(core)
    except Pause:
        return [Finding(code="tried", is_good=False, numbers={"times": len(tries)})]
"""


async def test_whoever_checks_a_connection_that_was_down_has_it_tried_at_once(
    keeper: Keeper, tmp_path: Path
) -> None:
    """He has just mended it; work goes on waiting for its two minutes."""
    text = 'title = { ru = "Ждёт", en = "Waits" }\nabout = { ru = "Ждёт", en = "Waits" }\n'
    job = '[[jobs]]\nname = "work"\nevery_seconds = 60\n'
    (tmp_path / "plugin.toml").write_text(
        f'name = "waits"\nversion = "1.0.0"\napi = 1\n{text}{job}', encoding="utf-8"
    )
    (tmp_path / "__init__.py").write_text(DOWN, encoding="utf-8")
    await keeper.start(enabled(tmp_path))
    for _ in range(3):
        with pytest.raises(Pause):
            await keeper.run_job("waits", "work")
    for account, times in (("", 2), ("other", 2), ("main", 3)):
        (found,) = await keeper.diagnose("waits", account)
        assert found.numbers == {"times": times}


async def test_a_badge_follows_an_event_of_its_order(keeper: Keeper, journal: Journal) -> None:
    await keeper.start(enabled(HERE / "samples" / "keeps"))
    await keeper.deliver("keeps", "order_placed", placed(100), uuid4(), 1)
    assert [name for name, _ in journal.asked] == ["badge"]
    wanted = msgspec.msgpack.decode(journal.asked[0][1])
    assert (wanted["text"], wanted["tone"]) == ("упакован", "ok")


HOST = """
import asyncio, sys
from pathlib import Path
from tests.plugins.conftest import HERE, Journal, enabled, until
from appliance.plugin_host import cage, meter
from appliance.plugin_host.keeper import Keeper

async def main() -> None:
    journal = Journal()
    keeper = Keeper(journal.answer, journal.note, journal.put_aside)
    await keeper.start(enabled(HERE / "samples" / "hello"))
    await keeper.diagnose("hello")
    print(keeper.facts("hello").pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_a_plugin_does_not_outlive_its_host(tmp_path: Path) -> None:
    host = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOST, stdout=asyncio.subprocess.PIPE, env=dict(os.environ) | {
            "PYTHONPATH": str(cage.ROOT)}
    )  # fmt: skip
    assert host.stdout is not None
    child = int(await host.stdout.readline())
    assert meter.usage(child) is not None
    host.kill()
    await host.wait()
    await until(lambda: not is_alive(child))


def is_alive(pid: int) -> bool:
    """Whether it runs: one that nobody waited for is none."""
    try:
        return b") Z " not in Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return False
