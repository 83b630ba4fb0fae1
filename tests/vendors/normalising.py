"""Makes a vendor's OpenAPI 3.0 schemas into JSON Schema, with the mends its file is known to need.

Each mend is written down here and nowhere else. Generic: `nullable`, boolean `exclusiveMinimum`,
what only documents (`example`, `discriminator`) goes. Requests are closed: a field the vendor does
not name is a misspelt one, and vendors ignore those in silence.
"""

import re
import warnings
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

WORDS_ONLY: Final = frozenset(
    {"example", "examples", "discriminator", "xml", "externalDocs", "deprecated", "readOnly",
     "writeOnly", "description", "title", "default", "nullable"}
)  # fmt: skip
OPENERS: Final = ("allOf", "oneOf", "anyOf")
TYPES: Final = frozenset({"array", "boolean", "integer", "number", "object", "string"})


class Normal(NamedTuple):
    """What one vendor's file needs.

    Attributes:
        types: words its file uses for types → type and format.
        restore: `type` is missing where its other words tell it (CDEK's exporter drops it).
        nulls: answers hold null anywhere (Ozon's own examples do).
        loose_ids: ids come as text or number, as its own examples do.
        patterns: its `pattern`s can be believed.
        overlaps: members of a `oneOf` differ by their discriminator alone: each fits several.
        ghosts: names required fields that the schema does not have (Ozon's `quant_size`).
    """

    types: Mapping[str, Mapping[str, Any]] = {}
    restore: bool = False
    nulls: bool = False
    loose_ids: bool = False
    patterns: bool = True
    overlaps: bool = False
    ghosts: bool = False


_OZON: Final = Normal(
    types={
        "int": {"type": "integer"},
        "bool": {"type": "boolean"},
        "timestamp": {"type": "string"},
        "array of strings": {"type": "array", "items": {"type": "string"}},
        "enum": {"type": "string"},
    },
    nulls=True,
    loose_ids=True,
    patterns=False,  # text masks such as " YYYY-MM-DD"
    ghosts=True,
)
_CDEK: Final = Normal(restore=True, patterns=False)
_MOYSKLAD: Final = Normal(overlaps=True)  # a product and a service have the same fields
_MARKET_PUSH: Final = Normal(overlaps=True)  # kinds of notifications differ by their type's value
_YOOKASSA: Final = Normal(patterns=False, overlaps=True)  # three character classes with a bad range


def of_vendor(name: str) -> Normal:
    """The mends of a file."""
    known = {
        "ozon-seller.json": _OZON,
        "cdek-v2.json": _CDEK,
        "yookassa.yaml": _YOOKASSA,
        "moysklad.json": _MOYSKLAD,
        "yandex-market-notification.json": _MARKET_PUSH,
    }
    return known.get(name, Normal())


def assembled(
    document: Mapping[str, Any], schema: Mapping[str, Any], normal: Normal, *, closed: bool
) -> dict[str, Any]:
    """A schema of the file with all it refers to, as one JSON Schema.

    Args:
        document: the file.
        schema: part of it.
        normal: mends.
        closed: it is of a request: unnamed fields are refused.
    """
    making = _Making(document, normal, closed=closed)
    whole = making.placed(schema)
    while making.wanted:
        name, part = making.wanted.popitem()
        making.defs[name] = {}  # so that what refers to itself is not asked for again
        making.defs[name] = making.made(part)
    return {**whole, "$defs": making.defs}


class _Making:
    def __init__(self, document: Mapping[str, Any], normal: Normal, *, closed: bool) -> None:
        self._document = document
        self._normal = normal
        self._closed = closed
        self.wanted: dict[str, Mapping[str, Any]] = {}
        self.defs: dict[str, Any] = {}

    def placed(self, schema: Any, name: str = "") -> Any:
        """A schema where a value stands: body, field, item. Closed here, not in its parts."""
        if not isinstance(schema, Mapping):
            return schema
        made = self.made(schema, name)
        target = self._target(schema)
        has_fields = any(key in target for key in ("properties", *OPENERS))
        if self._closed and has_fields and "additionalProperties" not in target:
            made = {**made, "unevaluatedProperties": False}
        nullable = schema.get("nullable") or target.get("nullable")
        if nullable or (self._normal.nulls and not self._closed):
            return {"anyOf": [made, {"type": "null"}]}
        return made

    def made(self, schema: Mapping[str, Any], name: str = "") -> dict[str, Any]:
        """A schema without what stands at its place."""
        if "$ref" in schema:
            return {"$ref": f"#/$defs/{self._known(schema['$ref'])}"}
        mended = self._mended(schema, name)
        out: dict[str, Any] = {}
        for key, value in mended.items():
            if key in WORDS_ONLY or key.startswith("x-"):
                continue
            if key == "properties":
                out[key] = {one: self.placed(part, one) for one, part in value.items()}
            elif key in {"items", "additionalProperties"}:
                out[key] = self.placed(value, name)
            elif key in OPENERS:
                word = "anyOf" if key == "oneOf" and self._normal.overlaps else key
                out[word] = [self.made(part) for part in value]
            elif key == "not":
                out[key] = self.made(value)
            else:
                out[key] = value
        return _exclusive(out)

    def _mended(self, schema: Mapping[str, Any], name: str) -> dict[str, Any]:
        mended = dict(schema)
        kind = mended.get("type")
        if "type" in mended and kind not in TYPES:
            mended.pop("type")
            mended |= self._normal.types.get(str(kind).strip(), {})
        if self._normal.restore and "type" not in mended:
            mended |= _restored(mended)
        if not self._normal.patterns or not _compiles(mended.get("pattern", "")):
            mended.pop("pattern", None)
        self._mend_enum(mended, nullable=bool(schema.get("nullable")))
        if isinstance(mended.get("required"), bool):
            mended.pop("required")  # draft 3's word, on a field
        if self._normal.ghosts and "required" in mended and "properties" in mended:
            mended["required"] = [one for one in mended["required"] if one in mended["properties"]]
        is_id = name.lower().endswith(("id", "ids", "sku"))
        if self._normal.loose_ids and is_id and mended.get("type") in {"integer", "string"}:
            mended["type"] = ["integer", "string"]
            mended.pop("format", None)
        mended.pop("format", None)  # `int64` and vendors' own words; dates are the fakes' own tests
        return mended

    def _mend_enum(self, mended: dict[str, Any], *, nullable: bool) -> None:
        named = mended.get("enum")
        if not isinstance(named, list):
            mended.pop("enum", None)  # `null`, where the author had none
        elif self._normal.restore and all(isinstance(one, bool) for one in named):
            mended.pop("enum")  # [false, true, false, false]
        else:
            mended["enum"] = _enum(named, nullable=nullable)

    def _target(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in schema:
            schema = self._find(schema["$ref"])
        return schema

    def _find(self, ref: str) -> Mapping[str, Any]:
        found: Any = self._document
        for step in ref.removeprefix("#/").split("/"):
            found = found[step.replace("~1", "/").replace("~0", "~")]
        return found

    def _known(self, ref: str) -> str:
        name = re.sub(r"[^A-Za-z0-9_.-]", "_", ref.removeprefix("#/"))
        if name not in self.defs and name not in self.wanted:
            self.wanted[name] = self._find(ref)
        return name


def _exclusive(schema: dict[str, Any]) -> dict[str, Any]:
    """OpenAPI 3.0 says whether a bound is exclusive; JSON Schema says which."""
    for flag, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        said = schema.get(flag)
        if isinstance(said, bool):
            schema.pop(flag)
            if said and bound in schema:
                schema[flag] = schema.pop(bound)
    return schema


def _restored(schema: Mapping[str, Any]) -> dict[str, str]:
    """The type that CDEK's exporter dropped, from the words it left."""
    if "items" in schema:
        return {"type": "array"}
    if "properties" in schema:
        return {"type": "object"}
    by_format = {"int32": "integer", "int64": "integer", "float": "number", "double": "number",
                 "date": "string", "date-time": "string", "uuid": "string"}  # fmt: skip
    if (kind := by_format.get(schema.get("format", ""))) is not None:
        return {"type": kind}
    named = schema.get("enum") or []
    if any(one in schema for one in ("maxLength", "minLength", "pattern")) or (
        named and all(isinstance(one, str) for one in named)
    ):
        return {"type": "string"}
    return {}


def _enum(values: list[Any], *, nullable: bool) -> list[Any]:
    once: list[Any] = []
    for one in values:
        if one not in once:
            once.append(one)
    return [*once, None] if nullable and None not in once else once


def _compiles(pattern: str) -> bool:
    with warnings.catch_warnings(action="ignore", category=FutureWarning):
        try:
            re.compile(pattern)
        except re.error:
            return False
    return True
