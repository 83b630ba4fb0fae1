"""Says which descriptions were not there: what is not collected must not look like what passed."""

import pytest

from tests.vendors.contract import VARIABLE, there


def pytest_report_header(config: pytest.Config) -> str | None:
    """One line above the run."""
    return None if there() else f"{VARIABLE} is not set: vendors without a free description: left"
