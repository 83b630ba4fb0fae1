"""Hostile plugins: each is contained, named in the journal, and everybody else goes on."""

import asyncio
import logging
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from appliance.errors import Unavailable
from appliance.plugin_api.hooks import RouteReply, RouteRequest
from appliance.plugin_host import cage, meter, ward
from appliance.plugin_host.keeper import Keeper
from tests.plugins.conftest import HERE, Journal, enabled, until

HOSTILE = HERE / "hostile"


async def go(keeper: Keeper, name: str, rest: str = "") -> RouteReply:
    return await keeper.request(name, RouteRequest(route="go", method="POST", rest=rest))


async def begun(keeper: Keeper, name: str, **more: object) -> None:
    """Start one; its calls may take a second, of which its start on a busy machine is no part."""
    await keeper.start(enabled(HOSTILE / name, **more))
    await keeper.diagnose(name)


async def done(keeper: Keeper, name: str, **more: object) -> list[str]:
    """Run one and give what it managed to do."""
    await begun(keeper, name, **more)
    return (await go(keeper, name)).body.decode().split()


async def test_one_that_reads_the_data_gets_nothing(
    keeper: Keeper, journal: Journal, tmp_path: Path
) -> None:
    (tmp_path / "main.db").write_bytes(b"secret")
    managed = await done(keeper, "reader", settings={"target": str(tmp_path)})
    assert managed == []
    assert (tmp_path / "main.db").read_bytes() == b"secret"
    await until(lambda: "wall.file" in journal.codes)


async def test_one_that_starts_processes_starts_none(keeper: Keeper, journal: Journal) -> None:
    mine = os.getpriority(os.PRIO_PROCESS, 0)
    try:
        managed = set(await done(keeper, "forks"))
    except Unavailable:  # its threads may be the end of it, or take longer than it has
        await until(lambda: bool({"crashed", "overdue", "hung"} & set(journal.codes)))
    else:
        assert managed <= {"root"}  # where the box is root, and without rights
    assert os.getpriority(os.PRIO_PROCESS, 0) == mine
    await until(lambda: "wall.process" in journal.codes and "wall.signal" in journal.codes)


async def test_one_that_takes_all_memory_gets_its_share_only_and_it_is_said(
    keeper: Keeper, journal: Journal
) -> None:
    assert await done(keeper, "eats") == []
    await until(lambda: "memory_full" in journal.codes)  # though it keeps it to itself
    facts = keeper.facts("eats")
    assert facts is not None and facts.state == "running" and facts.restarts == 0


async def test_what_one_says_itself_keeps_no_line_of_the_hosts_out(
    keeper: Keeper, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own codes may be many, and those of the host's; and the box may be busy for a moment."""
    written, free = journal.note, asyncio.Event()

    async def slow(plugin: str, code: str, numbers: Mapping[str, int]) -> None:
        await free.wait()
        if numbers and not failed:
            failed.append(code)
            raise Unavailable("storage_busy")
        await written(plugin, code, numbers)

    failed: list[str] = []
    monkeypatch.setattr(ward, "AGAIN", (0.01, 0.01))
    monkeypatch.setattr(keeper, "_note", slow)
    await begun(keeper, "asks")
    one = keeper._wards["asks"]
    for code in ("memory", *(f"noise.{number}" for number in range(400))):
        one._told(logging.ERROR, code, {})
    one._said("memory", {"mb": 64})
    one._said("memory", {"mb": 64})  # once a minute
    free.set()
    await until(lambda: not one._notes)
    assert journal.codes.count("memory") == 2 and failed == ["memory"]
    assert len(journal.codes) <= ward.MOST_TOLD + 1


async def test_one_that_calls_out_reaches_nobody(keeper: Keeper, journal: Journal) -> None:
    managed = await done(keeper, "calls_out", hosts=("api.example.ru:443",))
    assert managed == ["host_not_granted"] * 3
    await until(lambda: {"host_not_granted", "wall.network"} <= set(journal.codes))
    facts = keeper.facts("calls_out")
    assert facts is not None and facts.reached.refused == 3 and facts.reached.connections == 0


async def test_one_that_asks_for_more_is_refused(keeper: Keeper, journal: Journal) -> None:
    assert await done(keeper, "asks") == ["field_not_granted"] * 2
    assert journal.asked == []


async def test_no_name_gets_out_through_a_log(
    keeper: Keeper, journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        await begun(keeper, "tells")
        assert (await go(keeper, "tells")).status == 500
        await until(lambda: any(code.startswith("value_error.") for code in journal.codes))
    assert "Орлова" not in caplog.text and "79161234567" not in caplog.text
    assert "text_withheld" in journal.codes and "tel.79161234567" not in journal.codes


async def _slowest(keeper: Keeper, times: int) -> float:
    """Seconds of the slowest of so many answers of a plugin that does no harm."""
    slowest = 0.0
    for _ in range(times):
        began = asyncio.get_running_loop().time()
        await keeper.diagnose("hello")
        slowest = max(slowest, asyncio.get_running_loop().time() - began)
        await asyncio.sleep(0.02)
    return slowest


@pytest.mark.parametrize("rest", ["logs", "calls", "ways"])
async def test_one_that_floods_slows_only_itself(
    keeper: Keeper, journal: Journal, rest: str
) -> None:
    await begun(keeper, "floods")
    await keeper.start(enabled(HERE / "samples" / "hello"))
    await keeper.diagnose("hello")
    quiet = await _slowest(keeper, 5)
    flooding = asyncio.create_task(go(keeper, "floods", rest))
    beside = await _slowest(keeper, 20)
    # Some milliseconds on an idle machine; how loaded this one is, the answers before say.
    assert beside < 1.0 + 20 * quiet
    facts = keeper.facts("floods")
    assert facts is not None and facts.counts.log_lines < 300 and len(journal.asked) < 1_000
    assert facts.reached.refused < 500
    flooding.cancel()
    await asyncio.gather(flooding, return_exceptions=True)
    cut = {"logs": "log_flood", "calls": "too_many_calls", "ways": "host_not_granted"}[rest]
    await until(lambda: cut in journal.codes)


async def test_a_call_over_its_time_is_ended_and_costs_nobody_else_anything(
    keeper: Keeper, journal: Journal
) -> None:
    await begun(keeper, "hangs")
    assert (await asyncio.gather(go(keeper, "hangs"), return_exceptions=True))[0].__class__ is (
        Unavailable
    )
    facts = keeper.facts("hangs")
    assert facts is not None and facts.restarts == 0 and facts.counts.overdue == 1
    await until(lambda: "overdue" in journal.codes)


@pytest.mark.parametrize(("name", "rest"), [("hangs", "hard"), ("loops", "")])
async def test_one_that_holds_everything_up_is_ended_and_started_again(
    keeper: Keeper, journal: Journal, monkeypatch: pytest.MonkeyPatch, name: str, rest: str
) -> None:
    monkeypatch.setattr(ward, "BACKOFF", (0.01,))
    monkeypatch.setattr("appliance.plugin_host.link.CANCEL_SECONDS", 0.3)
    await begun(keeper, name)
    with pytest.raises(Unavailable, match="plugin_overdue"):
        await go(keeper, name, rest)
    await until(lambda: _state(keeper, name) == ("running", 1))
    assert "hung" in journal.codes


async def test_one_that_does_not_start_is_put_aside(
    keeper: Keeper, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ward, "BACKOFF", (0.01,))
    await keeper.start(enabled(HOSTILE / "crashes"))
    await until(lambda: journal.aside == ["start_failed"])
    assert _state(keeper, "crashes") == ("quarantined", 4)
    assert "runtime_error.__init__.3" in journal.codes  # where its author looks
    with pytest.raises(Unavailable, match="plugin_down"):
        await go(keeper, "crashes")


async def test_one_that_breaks_the_cage_is_put_aside_at_once(
    keeper: Keeper, journal: Journal
) -> None:
    await begun(keeper, "breaks")
    with pytest.raises(Unavailable, match="plugin_down"):
        await go(keeper, "breaks")
    await until(lambda: journal.aside == ["broke_cage"])


async def test_one_that_speaks_nonsense_is_ended(
    keeper: Keeper, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ward, "BACKOFF", (0.01,))
    await begun(keeper, "babbles")
    with pytest.raises(Unavailable, match="plugin_down"):
        await go(keeper, "babbles")
    await until(lambda: "garbled" in journal.codes)


def _state(keeper: Keeper, name: str) -> tuple[str, int]:
    facts = keeper.facts(name)
    assert facts is not None
    return facts.state, facts.restarts


async def test_where_a_wall_cannot_be_raised_nothing_of_the_plugin_is_loaded(
    keeper: Keeper, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cage, "NEEDED", cage.NEEDED | {"moat"})
    await keeper.start(enabled(HOSTILE / "crashes"))
    await until(lambda: journal.aside == ["cage_weak"])
    assert not any(code.startswith("runtime_error") for code in journal.codes)


def test_a_process_gives_way_to_the_box_from_its_first_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An interpreter that starts over and over takes no turn from a page."""
    mine = os.getpriority(os.PRIO_PROCESS, 0)
    monkeypatch.setattr(cage, "STARTING", mine + 1)
    home = HERE / "samples" / "hello"
    started = cage.start("hello", home, enabled(home).manifest.limits)
    try:
        assert os.getpriority(os.PRIO_PROCESS, started.process.pid) == mine + 1
    finally:
        started.process.kill()
        started.process.wait()
        started.clear()


async def test_stopped_is_gone(keeper: Keeper) -> None:
    await keeper.start(enabled(HERE / "samples" / "hello"))
    await keeper.diagnose("hello")
    facts = keeper.facts("hello")
    assert facts is not None and meter.usage(facts.pid) is not None
    await keeper.stop("hello")
    assert keeper.facts("hello") is None and meter.usage(facts.pid) is None
