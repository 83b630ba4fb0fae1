"""Reading CommerceML as a stream: one record in memory at a time, whatever the size of the file.

Names are compared without their namespace, because four namespaces and none are in use. A record
is a good, an offer, a document, an entry of the classifier; it is given out when its element ends
and forgotten after that. What stands around the records (heads of catalogues and packages) stays.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple
from xml.parsers import expat

from plugins.exchange_1c.refusals import Refused

DEPTH = 64
"""Genuine files are at most 13 deep (reference 8.2)."""
ATTRIBUTES = 64
NAME = 256
TEXT = 16 * 1024 * 1024
"""Characters in one text node; a description is cut far below that, not refused."""
HELD = 400_000
"""Elements kept at once: a record or a head larger than that is an attack, not a catalogue."""
HELD_TEXT = 4 * TEXT
TOKEN = 4 * 1024 * 1024
"""Bytes of one tag or comment: this expat scans an unfinished one anew with every piece."""
NAMES = 20_000
"""Different names in one file; genuine ones have about two hundred."""

ROOTS = frozenset(
    {
        "КоммерческаяИнформация",
        "Классификатор",
        "Каталог",
        "ПакетПредложений",
        "ИзмененияПакетаПредложений",
        "Справочники",
        "Справочник",
    }
)
SECTIONS = frozenset({"Классификатор", "Каталог", "ПакетПредложений", "ИзмененияПакетаПредложений"})
RECORDS = frozenset(
    {
        "Товар",
        "Предложение",
        "Документ",
        "Контейнер",
        "Группа",
        "Свойство",
        "СвойствоНоменклатуры",
        "ТипЦены",
        "Склад",
        "ЕдиницаИзмерения",
    }
)
GROUP = "Группа"

# Numbers of expat's errors that mean the file ended too early.
_CUT = frozenset(
    expat.errors.codes[text]
    for text in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    )
)
_INVALID = expat.errors.codes[expat.errors.XML_ERROR_INVALID_TOKEN]
_ENCODING = expat.errors.codes[expat.errors.XML_ERROR_UNKNOWN_ENCODING]
_BOM = b"\xef\xbb\xbf"


class Node:
    """An element: its text without blanks around it, attributes by local name, children."""

    __slots__ = ("attributes", "children", "name", "text")

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name = name
        self.attributes = attributes
        self.text = ""
        self.children: list[Node] = []

    def first(self, name: str) -> "Node | None":
        """The first child of that name."""
        for child in self.children:
            if child.name == name:
                return child
        return None

    def inner(self, name: str) -> str:
        """Text of the first child of that name; empty where there is none."""
        found = self.first(name)
        return "" if found is None else found.text

    def under(self, outer: str, name: str) -> "Iterator[Node]":
        """Children `name` of every child `outer`."""
        for child in self.children:
            if child.name == outer:
                for inner in child.children:
                    if inner.name == name:
                        yield inner

    def said(self, name: str) -> str:
        """An attribute or, spelled the other way, a child of that name."""
        return self.attributes.get(name) or self.inner(name)


class Record(NamedTuple):
    """Something complete.

    Attributes:
        name: of its element; that of a section stands for the section's end.
        node: the element.
        section: the section it stands in, as far as it was read; the root where there is none.
        parent: for a group the group around it.
        offset: byte at which the element ended.
    """

    name: str
    node: Node
    section: Node
    parent: Node | None
    offset: int


class Reader:
    """Takes a file in pieces and gives its records out.

    Attributes:
        root: the outermost element with its attributes, once it has begun.
        taken: bytes of the file read so far.
    """

    def __init__(self) -> None:
        self.root: Node | None = None
        self.taken = 0
        self._parser: expat.XMLParserType | None = None
        self._head = b""
        self._before = 0  # bytes in front of the declaration, which expat does not see
        self._stack: list[Node] = []
        self._record = -1  # place in the stack of the outermost open record
        self._parts: list[str] = []
        self._length = 0
        self._held = 0
        self._held_text = 0
        self._around = (0, 0)  # what was held when the open record began
        self._ready: list[Record] = []
        self._names: dict[str, str] = {}
        self._piece = b""
        self._piece_at = 0

    def feed(self, piece: bytes) -> list[Record]:
        """Read on; the records that ended in this piece.

        Raises:
            Refused: `xml_dtd`, `xml_deep`, `xml_large`, `xml_charset`, `xml_syntax`, `xml_root`.
        """
        if self._parser is None:
            self._head += piece
            if len(self._head.lstrip()) < 4:  # too short to tell a BOM
                return []
            piece = self._begin(self._head)
        self._piece, self._piece_at = piece, self.taken
        self.taken += len(piece)
        parser = self._parse(piece, final=False)
        if self.taken - parser.CurrentByteIndex > TOKEN:
            raise self._refuse("xml_large", most=TOKEN)
        return self._given()

    def close(self) -> list[Record]:
        """The file is over.

        Raises:
            Refused: `xml_cut` for a file that ended too early, and whatever `feed` raises.
        """
        if self._parser is None:
            raise Refused("xml_empty" if not self._head.strip(_BOM + b" \r\n\t") else "xml_cut", 0)
        self._parse(b"", final=True)
        return self._given()

    def _given(self) -> list[Record]:
        ready, self._ready = self._ready, []
        return ready

    def _begin(self, head: bytes) -> bytes:
        """Make the parser; a BOM decides the encoding, blanks in front are passed over."""
        clean = head.lstrip()
        marked = clean.startswith(_BOM)
        if marked:
            clean = clean[len(_BOM) :].lstrip()
        self._head, self._before = b"", len(head) - len(clean)
        made = expat.ParserCreate("utf-8" if marked else None)
        made.buffer_text = True
        made.buffer_size = 65536
        made.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        made.StartDoctypeDeclHandler = self._doctype
        made.StartElementHandler = self._start
        made.EndElementHandler = self._end
        made.CharacterDataHandler = self._text
        self._parser = made
        return clean

    def _parse(self, piece: bytes, *, final: bool) -> expat.XMLParserType:
        parser = self._parser
        assert parser is not None  # noqa: S101 - `feed` and `close` made it
        try:
            parser.Parse(piece, final)
        except expat.ExpatError as error:
            raise self._explained(error.code, parser.ErrorByteIndex) from None
        except (LookupError, ValueError):  # of Python's table of encodings, which expat asks
            raise Refused("xml_encoding", self._before) from None
        return parser

    def _explained(self, code: int, at: int) -> Refused:
        offset = self._before + max(at, 0)
        if code in _CUT:
            return Refused("xml_cut", offset)
        if code == _ENCODING:
            return Refused("xml_encoding", offset)
        place = at - self._piece_at
        if code == _INVALID and 0 <= place < len(self._piece) and self._piece[place] >= 0x80:
            return Refused("xml_charset", offset)
        return Refused("xml_syntax", offset)

    def _refuse(self, code: str, **numbers: int) -> Refused:
        parser = self._parser
        at = 0 if parser is None else max(parser.CurrentByteIndex, 0)
        return Refused(code, self._before + at, **numbers)

    def _doctype(self, *_about: object) -> None:
        raise self._refuse("xml_dtd")

    def _local(self, tag: str) -> str:
        if len(tag) > NAME or len(self._names) >= NAMES:
            raise self._refuse("xml_large", most=NAME)
        name = self._names[tag] = tag.rpartition(":")[2]
        return name

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = self._names.get(tag) or self._local(tag)
        stack = self._stack
        if attributes:
            attributes = self._attributes(attributes)
        node = Node(name, attributes)
        if not stack:
            if name not in ROOTS:
                raise self._refuse("xml_root")
            self.root = node
        elif len(stack) >= DEPTH:
            raise self._refuse("xml_deep", most=DEPTH)
        if self._record < 0 and name in RECORDS:
            self._record = len(stack)
            self._around = self._held, self._held_text
        self._held += 1
        if self._held > HELD:
            raise self._refuse("xml_large", most=HELD)
        stack.append(node)
        if self._parts:
            self._parts.clear()
            self._length = 0

    def _attributes(self, given: dict[str, str]) -> dict[str, str]:
        if len(given) > ATTRIBUTES:
            raise self._refuse("xml_large", most=ATTRIBUTES)
        names = self._names
        return {names.get(key) or self._local(key): value for key, value in given.items()}

    def _text(self, data: str) -> None:
        self._length += len(data)
        if self._length > TEXT:
            raise self._refuse("xml_large", most=TEXT)
        self._parts.append(data)

    def _end(self, _tag: str) -> None:
        node = self._stack.pop()
        if self._parts:
            if not node.children:
                node.text = "".join(self._parts).strip()
                self._held_text += len(node.text)
                if self._held_text > HELD_TEXT:
                    raise self._refuse("xml_large", most=HELD_TEXT)
            self._parts.clear()
            self._length = 0
        place = len(self._stack)
        inside = 0 <= self._record < place
        if inside and (node.name != GROUP or self._stack[self._record].name != GROUP):
            self._stack[-1].children.append(node)
        elif node.name in RECORDS or node.name in SECTIONS:
            self._deliver(node, place)
        elif place:
            self._stack[-1].children.append(node)

    def _deliver(self, node: Node, place: int) -> None:
        """Give a record out and forget it."""
        parser = self._parser
        offset = self._before + (0 if parser is None else parser.CurrentByteIndex)
        stack = self._stack
        section = next((one for one in stack if one.name in SECTIONS), stack[0] if stack else node)
        parent = None
        if node.name == GROUP:
            parent = next((one for one in reversed(stack) if one.name == GROUP), None)
        self._ready.append(Record(node.name, node, section, parent, offset))
        if self._record == place:
            self._record = -1
            self._held, self._held_text = self._around


def records(pieces: Iterable[bytes]) -> Iterator[Record]:
    """Every record of a file that comes in pieces.

    Raises:
        Refused: see `Reader`.
    """
    reader = Reader()
    for piece in pieces:
        yield from reader.feed(piece)
    yield from reader.close()
