"""Branches: which departments, shops and warehouses belong together."""

from collections.abc import Sequence

import msgspec


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A department, shop or warehouse; `branch` is the code of its branch, or empty."""

    code: str
    name: str
    branch: str = ""


class Branch(msgspec.Struct, frozen=True, kw_only=True):
    """A branch as it is set: everything in it by code."""

    code: str
    name: str
    departments: Sequence[str] = ()
    shops: Sequence[str] = ()
    warehouses: Sequence[str] = ()


class BranchScreen(msgspec.Struct, frozen=True, kw_only=True):
    """All branches, and all that can belong to one."""

    branches: tuple[Branch, ...]
    departments: tuple[Member, ...]
    shops: tuple[Member, ...]
    warehouses: tuple[Member, ...]
