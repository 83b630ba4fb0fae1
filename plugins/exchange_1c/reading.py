"""A file into its entries, by what it holds and never by its name."""

from collections.abc import Callable, Iterable, Iterator

from plugins.exchange_1c import values
from plugins.exchange_1c.catalogue import good, group, price_type, properties_of, store, unit
from plugins.exchange_1c.documents import container, document
from plugins.exchange_1c.offers import offer
from plugins.exchange_1c.records import Entry, Group, Head, Note
from plugins.exchange_1c.xml import SECTIONS, Node, Reader, Record

_SIMPLE: dict[str, Callable[[Node], Entry]] = {
    "Документ": document,
    "Свойство": properties_of,
    "СвойствоНоменклатуры": properties_of,
    "ТипЦены": price_type,
    "Склад": store,
    "ЕдиницаИзмерения": unit,
}


class FileReader:
    """Takes a file in pieces, gives entries out.

    Attributes:
        notes: oddities since they were last taken; the caller empties the list.
        schema: `ВерсияСхемы` of the root, once it was read.
    """

    def __init__(self) -> None:
        self.notes: list[Note] = []
        self._reader = Reader()
        # Groups whose parent had not said its id when they ended, by the parent's element.
        self._waiting: dict[int, list[Group]] = {}

    @property
    def taken(self) -> int:
        """Bytes read so far."""
        return self._reader.taken

    @property
    def schema(self) -> str:
        """Version of the schema that the file claims; empty before it was read."""
        root = self._reader.root
        return "" if root is None else root.attributes.get("ВерсияСхемы", "")

    def feed(self, piece: bytes) -> Iterator[Entry]:
        """Entries that ended in this piece.

        Raises:
            Refused: see `xml.Reader`.
        """
        for record in self._reader.feed(piece):
            yield from self._entries(record)

    def close(self) -> Iterator[Entry]:
        """The rest.

        Raises:
            Refused: see `xml.Reader`.
        """
        for record in self._reader.close():
            yield from self._entries(record)

    def _entries(self, record: Record) -> Iterator[Entry]:
        name, node = record.name, record.node
        if name == "Товар":
            yield good(node, self.notes)
        elif name == "Предложение":
            yield offer(node, self.notes)
        elif name == "Группа":
            yield from self._groups(record)
        elif name == "Контейнер":
            yield from container(node)
        elif name in SECTIONS:
            yield _head(node)
        else:
            yield _SIMPLE[name](node)

    def _groups(self, record: Record) -> Iterator[Group]:
        """A group, and those inside it that waited for its id."""
        made = group(record.node, "" if record.parent is None else record.parent.inner("Ид"))
        if record.parent is not None and not made.parent:
            self._waiting.setdefault(id(record.parent), []).append(made)
        else:
            yield made
        for child in self._waiting.pop(id(record.node), ()):
            yield Group(id=child.id, name=child.name, parent=made.id, removed=child.removed)


def _head(node: Node) -> Head:
    return Head(
        section=node.name,
        id=node.inner("Ид"),
        catalogue=node.inner("ИдКаталога") or (node.inner("Ид") if node.name == "Каталог" else ""),
        name=node.inner("Наименование"),
        changes_only=values.truth(node.said("СодержитТолькоИзменения")),
    )


def entries(pieces: Iterable[bytes]) -> Iterator[Entry]:
    """Everything a file holds.

    Raises:
        Refused: see `xml.Reader`.
    """
    reader = FileReader()
    for piece in pieces:
        yield from reader.feed(piece)
    yield from reader.close()
