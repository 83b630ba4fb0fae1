"""Examples of bodies and answers, made from their schemas; every one fits its schema (a test)."""

from collections.abc import Mapping
from typing import Any, Final, cast

Json = dict[str, Any]

MOST_DEEP: Final = 6
_TEXTS: Final[Mapping[str, str]] = {
    "first_name": "Ольга",
    "last_name": "Ветрова",
    "patronymic": "Игоревна",
    "name": "Кружка эмалированная",
    "title": "Перезвонить о доставке",
    "phone": "+79161234567",
    "email": "olga@example.ru",
    "shop": "main",
    "text": "Просит доставить после шести",
    "status": "new",
    "currency": "RUB",
    "url": "https://shop.example.ru/",
    "sku": "MUG-350-BLUE",
    "external_id": "1044",
    "code": "new",
    "source": "api:main",
    "product_name": "Кружка эмалированная",
    "city": "Томск",
}
_NUMBERS: Final[Mapping[str, int]] = {"limit": 50, "page": 1, "percent": 10, "year": 2026}
_BY_FORMAT: Final[Mapping[str, str]] = {
    "uuid": "01a202e0-9273-7cc2-aca6-4d5fb0988d30",
    "date-time": "2026-02-01T09:30:00Z",
    "date": "2026-02-01",
    "time": "09:30:00Z",
    "duration": "PT1H",
}


class Examples:
    """Makes examples with these components."""

    def __init__(self, components: Mapping[str, Any]) -> None:
        self._components = components

    def of(  # noqa: C901  one answer for each word of a schema
        self, schema: Json, name: str = "", depth: int = 0
    ) -> Any:
        """An example of a schema; `name` is the field's."""
        if "$ref" in schema:
            part = str(schema["$ref"]).rpartition("/")[2]
            return self.of(self._components[part], name, depth)
        for word in ("const", "default"):
            if word in schema:
                return schema[word]
        if "enum" in schema:
            return schema["enum"][0]
        for word in ("anyOf", "oneOf"):
            if word in schema:
                return self._one_of(schema[word], name, depth)
        if "allOf" in schema:
            whole: Json = {}
            for part in schema["allOf"]:
                whole |= self.of(part, name, depth)
            return whole
        return self._plain(schema, name, depth)

    def _one_of(self, choices: list[Json], name: str, depth: int) -> Any:
        real = [one for one in choices if one.get("type") != "null"]
        if depth >= MOST_DEEP and len(real) < len(choices):
            return None
        return self.of(real[0], name, depth) if real else None

    def _plain(  # noqa: PLR0911  one answer for each type
        self, schema: Json, name: str, depth: int
    ) -> Any:
        kind: Any = schema.get("type")
        if isinstance(kind, list):
            kinds = [one for one in cast("list[str]", kind) if one != "null"]
            kind = kinds[0] if kinds else "null"
        match kind:
            case "object":
                return self._object(schema, depth)
            case "array":
                return self._array(schema, name, depth)
            case "string":
                return self._text(schema, name)
            case "integer":
                return _number(schema, name)
            case "number":
                return 1.5
            case "boolean":
                return False
            case _:
                return None

    def _object(self, schema: Json, depth: int) -> Json:
        required = set(schema.get("required", ()))
        shallow = depth < 2
        return {
            name: self.of(one, name, depth + 1)
            for name, one in schema.get("properties", {}).items()
            if name in required or (shallow and depth < MOST_DEEP and not _is_deep(one))
        }

    def _array(self, schema: Json, name: str, depth: int) -> list[Any]:
        if "prefixItems" in schema:
            return [self.of(one, name, depth + 1) for one in schema["prefixItems"]]
        items = schema.get("items")
        if not isinstance(items, dict) or depth >= MOST_DEEP:
            return []
        return [self.of(cast("Json", items), name.rstrip("s"), depth + 1)]

    def _text(self, schema: Json, name: str) -> str:
        if "format" in schema:
            return _BY_FORMAT.get(schema["format"], "text")
        if schema.get("contentEncoding") == "base64":
            return "0JrQvtGA0L7QsdC60LA="
        return _TEXTS.get(name, "")


def _is_deep(schema: Json) -> bool:
    return "$ref" in schema or "anyOf" in schema


def _number(schema: Json, name: str) -> int:
    if name.endswith("_kopecks"):
        return 45_000
    if name.endswith("_milli"):
        return 2_000
    return max(_NUMBERS.get(name, 1), int(schema.get("minimum", 0)))
