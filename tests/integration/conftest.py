"""What integration tests share."""

import os
from collections.abc import Iterator

import pytest

from tests.postgres import ADDRESS_VARIABLE, temporary_postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a server: the one the check has started, or one of our own."""
    if address := os.environ.get(ADDRESS_VARIABLE):
        yield address
        return
    with temporary_postgres() as address:
        yield address
