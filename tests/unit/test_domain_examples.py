"""The examples in the docstrings of `domain` are true."""

import doctest
from importlib import import_module
from pkgutil import iter_modules

import pytest

import appliance.domain

MODULES = [f"appliance.domain.{one.name}" for one in iter_modules(appliance.domain.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_are_true(name: str) -> None:
    assert doctest.testmod(import_module(name)).failed == 0
