"""A CommerceML schema as far as the order and the names of elements go.

The text of the schemas belongs to 1C and is not kept here: whoever has them names their folder in
`KOROBKA_COMMERCEML`. A content model becomes a pattern that the names of the children must fit.
"""

import re
from pathlib import Path
from xml.etree import ElementTree as Tree

XSD = "{http://www.w3.org/2001/XMLSchema}"


class Schema:
    """One schema."""

    def __init__(self, path: Path) -> None:
        root = Tree.parse(path).getroot()  # noqa: S314 - a file of the developer's own
        self._named = {
            (one.tag.removeprefix(XSD), one.get("name", "")): one for one in root if one.get("name")
        }

    def faults(self, element: Tree.Element, kind: str) -> list[str]:
        """Elements whose children are not those, or not in the order, that a type asks for."""
        return self._faults(element, self._named["complexType", kind], kind)

    def _faults(self, element: Tree.Element, model: Tree.Element | None, where: str) -> list[str]:
        if model is None:
            return []
        names = "".join(f"{child.tag}," for child in element)
        found = [] if re.fullmatch(self._pattern(model), names) else [f"{where}: {names}"]
        types = self._types(model)
        for child in element:
            found += self._faults(child, types.get(child.tag), f"{where}/{child.tag}")
        return found

    def _base(self, one: Tree.Element) -> Tree.Element | None:
        named = (one.get("base") or one.get("ref") or one.get("type") or "").partition(":")[2]
        kind = "group" if one.tag == XSD + "group" else "complexType"
        return self._named.get((kind, named))

    def _pattern(self, one: Tree.Element) -> str:
        kind = one.tag.removeprefix(XSD)
        if kind == "element":
            inside = re.escape(one.get("name", "")) + ","
        elif kind in ("attribute", "annotation", "simpleContent", "restriction"):
            return ""
        else:
            parts = [self._pattern(child) for child in one]
            base = self._base(one) if kind in ("extension", "group") else None
            parts = [*([self._pattern(base)] if base is not None else []), *filter(None, parts)]
            inside = "|".join(parts) if kind == "choice" else "".join(parts)
        return f"(?:{inside}){self._times(one)}" if inside else ""

    @staticmethod
    def _times(one: Tree.Element) -> str:
        least, most = one.get("minOccurs", "1"), one.get("maxOccurs", "1")
        if most == "1":
            return "?" if least == "0" else ""
        return f"{{{least},{'' if most == 'unbounded' else most}}}"

    def _types(self, one: Tree.Element) -> dict[str, Tree.Element | None]:
        """Name of a child → its own model."""
        found: dict[str, Tree.Element | None] = {}
        for child in one:
            if child.tag == XSD + "element":
                inline = child.find(XSD + "complexType")
                found[child.get("name", "")] = self._base(child) if inline is None else inline
            elif child.tag != XSD + "annotation":
                base = self._base(child)
                found |= {} if base is None else self._types(base)
                found |= self._types(child)
        return found
