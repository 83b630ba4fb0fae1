"""An invented company of ours, an order, and what a document says."""

import io
import tempfile
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pypdf
import typst
import zxingcpp
from PIL import Image

from appliance.actions import legal_entities, orders, papers
from appliance.domain.orders import LineDraft, Placed
from appliance.domain.papers import EntityDraft, OwnRequisites, PaperKind
from tests.house_fixture import TestHouse
from tests.integration.orders.drafts import draft

ZONE = ZoneInfo("Europe/Moscow")
LAMP = LineDraft(
    product_name="Лампа #1 «Свет» $5 [скидка]",
    quantity_milli=2000,
    price=122_000,
    vat_rate="general",
)


def requisites(**changes: Any) -> OwnRequisites:
    """A company that is not; its numbers add up."""
    values: dict[str, Any] = {
        "name": "ООО «Тёплый дом»",
        "full_name": "Общество с ограниченной ответственностью «Тёплый дом»",
        "inn": "7707083893",
        "kpp": "773601001",
        "ogrn": "1027700132195",
        "address": "117997, г. Москва, ул. Выдуманная, д. 19",
        "bank": "ВЫДУМАННЫЙ БАНК, г. Москва",
        "bik": "044525225",
        "account": "40702810638000000000",
        "corr_account": "30101810400000000225",
        "director": "Лебедев И. П.",
        "director_post": "Директор",
        "accountant": "Орлова А. В.",
        "prefixes": {"invoice": "ТД-"},
    }
    return OwnRequisites(**(values | changes))


async def entity(house: TestHouse, **changes: Any) -> int:
    """Write a company of ours down; its number."""
    given = {
        name: changes.pop(name) for name in ("vat", "places", "next_numbers") if name in changes
    }
    return await legal_entities.put(
        house.actor_for("administrator"), EntityDraft(parts=requisites(**changes), **given)
    )


async def order(house: TestHouse, external_id: str = "1044", **changes: Any) -> Placed:
    """An order of two lamps at 1 220 ₽ with delivery for 300 ₽."""
    return await orders.place(house.system, draft(external_id, lines=(LAMP,), **changes))


async def printed(house: TestHouse, number: int, kind: PaperKind, who: str = "head") -> bytes:
    """Make a document; its pages."""
    actor = house.actor_for(who)
    made = await papers.issue(actor, number, kind, ZONE)
    return (await papers.pages_of(actor, made)).body.reveal()


def words(pages: bytes) -> str:
    """Text of all pages, with plain spaces."""
    text = "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pages)).pages)
    return " ".join(text.replace("\u00a0", " ").replace("\u202f", " ").split())


def codes(pages: bytes) -> list[str]:
    """What a scanner reads off the first page."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "a.pdf").write_bytes(pages)
        main = Path(folder, "main.typ")
        main.write_text(
            '#set page(margin: 0mm, width: auto, height: auto)\n#image("a.pdf", width: 210mm)'
        )
        picture: Any = typst.compile(main, format="png", ppi=200)
    drawn = Image.open(io.BytesIO(picture)).convert("L")
    return [found.text for found in zxingcpp.read_barcodes(drawn)]


def picture(kind: str) -> bytes:
    """A small picture, invented."""
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "navy").save(out, kind)
    return out.getvalue()


def pictures_in(pages: bytes) -> int:
    """How many bitmaps the first page has."""
    return len(pypdf.PdfReader(io.BytesIO(pages)).pages[0].images)
