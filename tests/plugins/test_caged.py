"""Every plugin that speaks with a service does so in its real cage, over real HTTP."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from appliance.plugin_api.manifest import Manifest
from appliance.plugin_api.messages import ToPlugin
from appliance.plugin_host import cage, keeper, meter, ward
from appliance.plugin_host.link import Answered
from scripts.vendors_box import Stand
from tests.plugins.caged import Caged, fakes, open_caged, services

FAKES_SAY: Final = {"test_shop"}
"""What is found of a fake, and rightly."""

WORKING_MB: Final = 90
"""Resident memory of a plugin at work (issue E)."""


_call = ward.Ward.call


async def _patiently(
    self: ward.Ward, message: Callable[[int], ToPlugin], seconds: float | None = None
) -> Answered:
    """A call takes as long as this machine needs: how fast it is says nothing of the cage."""
    return await _call(self, message, max(seconds or 0.0, 300.0))


async def works(caged: Caged, manifest: Manifest, stand: Stand) -> None:
    """Test the connection of one, run its jobs, look at its journal and at its process."""
    name = manifest.name
    findings = await caged.desk.test(caged.boss, name)
    bad = {one.code for one in findings if not one.is_good} - FAKES_SAY
    assert findings and not bad, (name, bad)
    for job in manifest.jobs:
        await caged.desk.run_now(caged.boss, name, job.name)
    facts = caged.desk.facts(name)
    assert facts is not None and facts.restarts == 0, name
    assert set(facts.walls) >= cage.NEEDED and facts.reached.connections > 0, name
    assert facts.reached.refused == 0 and len(stand.fake.requests) > 0, name
    wrong = [one for one in await caged.journal(name) if one[1] != "ok"]
    assert not wrong, (name, wrong)
    used = meter.usage(facts.pid)
    assert used is not None and used.rss <= WORKING_MB * 1_000_000, name


async def test_every_service_is_reached_from_its_cage_and_its_jobs_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list is that of `plugins`: who adds one without a fake, or whose cage stops it, fails."""
    monkeypatch.setattr(ward, "START_SECONDS", 120.0)
    monkeypatch.setattr(keeper, "DIAGNOSE_SECONDS", 120.0)
    monkeypatch.setattr(ward.Ward, "call", _patiently)
    manifests = services()
    async with open_caged(tmp_path) as caged:
        with fakes(set(manifests)) as stands:
            assert stands.keys() == manifests.keys()
            for name, manifest in manifests.items():
                await caged.connect(manifest, stands[name])
                await works(caged, manifest, stands[name])
