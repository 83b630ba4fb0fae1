"""Reading an entity's JSON field by field, noting everything that is wrong with it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from appliance.api.v5 import scalars
from appliance.domain.orders import UNSET, Unset
from appliance.errors import Invalid

LONGEST: Final = 20_000
"""Characters of a comment; a whole page of text."""
NAME: Final = 255
CODE: Final = 64
_NOTHING: Final[Mapping[str, Any]] = {}


class Entity:
    """One JSON object of a request.

    A key that is absent stays UNSET; `null` and `""` are given values: they clear.

    Attributes:
        raw: what was sent.
        path: of this object within the entity, with a trailing dot, empty for the entity itself.
        problems: path → code, shared by all objects of one entity.
    """

    __slots__ = ("path", "problems", "raw", "zone")

    def __init__(
        self,
        raw: Mapping[str, Any],
        zone: ZoneInfo,
        path: str = "",
        problems: dict[str, str] | None = None,
    ) -> None:
        self.raw = raw
        self.zone = zone
        self.path = path
        self.problems: dict[str, str] = {} if problems is None else problems

    def refuse(self, name: str, code: str) -> None:
        """Note that a field cannot be read."""
        self.problems[f"{self.path}{name}"] = code

    def check(self) -> None:
        """Raise if anything was noted.

        Raises:
            Invalid: `entity_unreadable` with all fields at once.
        """
        if self.problems:
            raise Invalid("entity_unreadable", fields=self.problems)

    def __contains__(self, name: str) -> bool:
        return name in self.raw

    def text(self, name: str, most: int = NAME) -> str:
        """A text; numbers count as texts, absent and `null` are empty."""
        value = self.raw.get(name)
        if value is None or value is False:
            return ""
        if isinstance(value, str):
            text = value.replace("\x00", "").strip() if "\x00" in value else value.strip()
        elif isinstance(value, (int, float)):
            text = str(value)
        elif value == []:
            return ""
        else:
            self.refuse(name, "text_unreadable")
            return ""
        if len(text) > most:
            self.refuse(name, "too_long")
            return ""
        return text

    def text_or_none(self, name: str, most: int = NAME) -> str | None:
        """A text, or None where it is absent or empty."""
        return self.text(name, most) or None

    def given_text(self, name: str, most: int = NAME) -> str | Unset:
        """A text, or UNSET where the key is absent."""
        return self.text(name, most) if name in self.raw else UNSET

    def code(self, name: str) -> str | Unset:
        """A code; absent, `null` and empty all mean: not given."""
        return self.text(name, CODE) or UNSET

    def money(self, name: str) -> int | Unset:
        """Roubles as kopecks; `null` and empty are not given."""
        return self._scaled(name, 100, "money_unreadable")

    def milli(self, name: str) -> int | Unset:
        """A quantity or a percentage in thousandths."""
        return self._scaled(name, 1000, "number_unreadable")

    def _scaled(self, name: str, factor: int, problem: str) -> int | Unset:
        value = self.raw.get(name)
        if value is None or value == "":
            return UNSET
        read = scalars.scaled(value, factor)
        if read is None:
            self.refuse(name, problem)
            return UNSET
        return read

    def integer(self, name: str) -> int | None:
        """A whole number; None when absent, `null` or empty."""
        value = self.raw.get(name)
        if value is None or value == "" or value is False:
            return None
        read = scalars.scaled(value, 1)
        if read is None or abs(read) >= 2**62:
            self.refuse(name, "number_unreadable")
            return None
        return read

    def flag(self, name: str) -> bool | Unset:
        """A boolean as JSON, number or text; UNSET when absent or `null`."""
        value = self.raw.get(name)
        if value is None:
            return UNSET
        if isinstance(value, str):
            return value.strip().lower() not in {"", "0", "false", "no"}
        return bool(value)

    def moment(self, name: str) -> datetime | None:
        """A time in the box's zone; None when absent or empty."""
        text = self.text(name, CODE)
        if not text:
            return None
        read = scalars.moment(text, self.zone)
        if read is None:
            self.refuse(name, "date_unreadable")
        return read

    def day(self, name: str) -> date | None:
        """A day; None when absent or empty."""
        text = self.text(name, CODE)
        if not text:
            return None
        read = scalars.day(text)
        if read is None:
            self.refuse(name, "date_unreadable")
        return read

    def part(self, name: str) -> "Entity":
        """An object within; `[]`, `null` and absent are an empty one."""
        value: Any = self.raw.get(name)
        if not isinstance(value, dict):
            if value:
                self.refuse(name, "map_expected")
            value = _NOTHING
        return Entity(value, self.zone, f"{self.path}{name}.", self.problems)  # pyright: ignore[reportUnknownArgumentType]  JSON

    def parts(self, name: str) -> "list[Entity]":
        """Objects of a list within; a map of objects counts as its values."""
        value: Any = self.raw.get(name)
        if isinstance(value, dict):
            value = list(value.values())  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        if not value:
            return []
        if not isinstance(value, list):
            self.refuse(name, "list_expected")
            return []
        found: list[Entity] = []
        for place, one in enumerate(value):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
            path = f"{self.path}{name}[{place}]"
            if isinstance(one, dict):
                found.append(Entity(one, self.zone, f"{path}.", self.problems))  # pyright: ignore[reportUnknownArgumentType]
            else:
                self.problems[path] = "map_expected"
        return found
