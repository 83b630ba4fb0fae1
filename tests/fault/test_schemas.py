"""A sample of `scripts/schemas`: no role gets a 5xx, none sees what it must not."""

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.schemas import EVERYTHING, Trial


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trial]:
    warnings.simplefilter("ignore")
    folder: Path = tmp_path_factory.mktemp("schemas")
    made = Trial(folder)
    try:
        yield made
    finally:
        made.close()


def _reads(label: str) -> bool:
    return label.startswith("GET ")


@pytest.mark.checklist(55)
def test_no_random_request_breaks_the_door(trial: Trial) -> None:
    found = trial.run(EVERYTHING, 1, lambda _label: True)
    assert (found.failures, found.leaks) == ({}, {})
    assert found.statuses[200] > 50


@pytest.mark.parametrize("role", ["administrator", "storekeeper", "seller", "store_read"])
def test_no_role_is_shown_what_it_must_not_see(trial: Trial, role: str) -> None:
    found = trial.run(role, 1, _reads)
    assert (found.failures, found.leaks) == ({}, {})
