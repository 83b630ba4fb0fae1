"""A plugin's share of the processor: who is over it is paused for as long as he was."""

import signal

import pytest

from appliance.plugin_host import meter
from appliance.plugin_host.meter import Share, Usage


def test_who_takes_more_than_his_share_is_paused_until_it_is_made_good(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[int] = []
    monkeypatch.setattr(meter.os, "kill", lambda _, number: sent.append(number))
    share = Share(4_321, percent=25)
    assert share.tick(Usage(cpu=0.2, rss=1), 1.0) == 1.0  # within it
    pause = share.tick(Usage(cpu=0.6, rss=1), 1.0)  # 0.4 s of 0.25: good after 1.6 s
    assert pause == pytest.approx(0.6) and share.is_paused and sent == [signal.SIGSTOP]
    assert share.tick(Usage(cpu=0.6, rss=1), pause) == 1.0
    assert not share.is_paused and sent == [signal.SIGSTOP, signal.SIGCONT]
    assert share.tick(Usage(cpu=1.6, rss=1), 1.0) == meter.LONGEST_PAUSE  # calls must not starve
    assert share.paused == pytest.approx(2.6)


def test_a_process_that_is_gone_uses_nothing() -> None:
    assert meter.usage(2**22 + 1) is None
