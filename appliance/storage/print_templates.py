"""Templates of documents: those that came with the box, and what administrators made of them."""

from functools import lru_cache
from importlib.resources import files

from appliance.domain.ids import uuid7
from appliance.domain.papers import PaperKind, Template
from appliance.errors import Conflict
from appliance.storage.statements import fetch, fetch_one, insert
from appliance.storage.tables import PrintTemplateRow
from appliance.storage.tx import Tx

MOST_VERSIONS = 50


@lru_cache(32)
def original(kind: PaperKind) -> str:
    """The template that came with the box."""
    name = "label" if kind.value.startswith("label") else kind.value
    text = files("appliance.storage").joinpath(f"print/{name}.typ").read_text(encoding="utf-8")
    if name == "label":
        width, _, height = kind.value.removeprefix("label_").partition("x")
        text = text.replace("WIDTH", width).replace("HEIGHT", height)
    return text


def anchor() -> str:
    """The page a checkpoint of the log is printed on; nobody changes it."""
    return files("appliance.storage").joinpath("print/anchor.typ").read_text(encoding="utf-8")


async def current(kind: PaperKind) -> Template:
    """The template that holds."""
    row = await fetch_one(
        "SELECT version, text, author_number, created_at FROM print_template WHERE kind = {} "
        "ORDER BY version DESC LIMIT 1",
        kind.value,
    )
    if row is None:
        return Template(kind=kind, version=0, text=original(kind))
    version, text, author, at = row
    return Template(
        kind=kind,
        version=version,
        text=text or original(kind),
        author_number=author,
        created_at=at,
    )


async def changed() -> dict[PaperKind, Template]:
    """What administrators made, by kind; a template that is the box's own again is left out."""
    rows = await fetch(
        "SELECT t.kind, t.version, t.text, t.author_number, t.created_at FROM print_template t "
        "JOIN (SELECT kind, MAX(version) AS top FROM print_template GROUP BY kind) m "
        "ON m.kind = t.kind AND m.top = t.version WHERE t.text <> ''"
    )
    return {
        PaperKind(kind): Template(
            kind=PaperKind(kind), version=version, text=text, author_number=author, created_at=at
        )
        for kind, version, text, author, at in rows
    }


async def versions(kind: PaperKind) -> list[Template]:
    """Earlier ones too, the newest first."""
    rows = await fetch(
        "SELECT version, text, author_number, created_at FROM print_template WHERE kind = {} "
        "ORDER BY version DESC LIMIT {}",
        kind.value,
        MOST_VERSIONS,
    )
    return [
        Template(kind=kind, version=version, text=text, author_number=author, created_at=at)
        for version, text, author, at in rows
    ]


async def put(tx: Tx, kind: PaperKind, text: str, seen: int) -> int:
    """Keep a new version (an empty text: the box's own again); return its number.

    Raises:
        Conflict: `template_changed` since the version that was seen.
    """
    last = (await current(kind)).version
    if last != seen:
        raise Conflict("template_changed")
    await insert(
        PrintTemplateRow,
        id=uuid7(),
        kind=kind.value,
        version=last + 1,
        text=text,
        author_number=tx.actor.number,
        created_at=tx.now,
    )
    return last + 1
