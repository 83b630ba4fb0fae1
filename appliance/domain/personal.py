"""Values about a person that refuse to leak by accident."""

from typing import Generic, NoReturn, TypeVar, cast

T = TypeVar("T")

MASK = "•••"


class Personal(Generic[T]):
    """Holds one value about a person; prints as •••, cannot be pickled or serialised.

    `reveal` is the only way out, and a house test lists the modules that may call it.
    """

    __slots__ = ("_value",)

    def __init__(self, value: T) -> None:
        self._value = value

    def reveal(self) -> T:
        """Give the value itself."""
        return self._value

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Personal):
            return False
        return bool(self._value == cast("Personal[object]", other)._value)

    def __hash__(self) -> int:
        return hash(self._value)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a personal value cannot be pickled")


def reveal_or_none(value: "Personal[T] | None") -> T | None:
    """Give the value, or None where the field was hidden or empty."""
    return None if value is None else value.reveal()
