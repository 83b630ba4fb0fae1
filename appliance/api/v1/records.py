"""Records of the domain, whatever they are made with: what fields they have and of what kind."""

import dataclasses
import typing
from collections.abc import Mapping
from typing import Any, cast

import msgspec

from appliance.domain.personal import Personal


def fields_of(kind: type[Any]) -> dict[str, tuple[Any, bool]]:
    """Fields of a record of the domain: name → (annotation, whether it may be left out)."""
    hints = typing.get_type_hints(kind, include_extras=True)
    if issubclass(kind, msgspec.Struct):
        known = msgspec.structs.fields(kind)
        return {one.name: (hints[one.name], not one.required) for one in known}
    if dataclasses.is_dataclass(kind):
        return {
            one.name: (
                hints[one.name],
                one.default is not dataclasses.MISSING
                or one.default_factory is not dataclasses.MISSING,
            )
            for one in dataclasses.fields(kind)
        }
    names: tuple[str, ...] = getattr(kind, "_fields", ())
    defaults: Mapping[str, Any] = getattr(kind, "_field_defaults", {})
    return {name: (hints[name], name in defaults) for name in names}


def is_record(kind: Any) -> bool:
    """Whether a type has named fields."""
    if not isinstance(kind, type):
        return False
    known: Any = cast("Any", kind)
    if issubclass(known, msgspec.Struct) or dataclasses.is_dataclass(known):
        return True
    return issubclass(known, tuple) and hasattr(cast("Any", known), "_fields")


def is_numeric(annotation: Any) -> bool:
    """Whether a field holds integers, alone, by key or in a row."""
    if annotation is int:
        return True
    return any(is_numeric(one) for one in typing.get_args(annotation))


def has_personal(annotation: Any) -> bool:
    """Whether a value of this type may hold something about a person."""
    if annotation is Personal or typing.get_origin(annotation) is Personal:
        return True
    if is_record(annotation):
        return any(has_personal(one) for one, _ in fields_of(annotation).values())
    return any(has_personal(one) for one in typing.get_args(annotation))
