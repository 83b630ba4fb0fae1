"""What a template is given: an order, its buyer and our own entity, written out in Russian."""

import base64
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any, Final
from zoneinfo import ZoneInfo

import segno

from appliance.domain import barcodes, formats, images, payment_codes
from appliance.domain.catalogue import VatRate
from appliance.domain.customers import AddressParts, RequisitesParts
from appliance.domain.order_sums import WHOLE_MILLI, part_of
from appliance.domain.orders import LineView, OrderView
from appliance.domain.papers import VAT_BY_GOODS, OwnEntity, OwnRequisites, PaperKind, PictureRole
from appliance.domain.references import ReferenceKind
from appliance.domain.sums_in_words import roubles
from appliance.storage.references import Lists

TITLES: Final[Mapping[PaperKind, str]] = {
    PaperKind.INVOICE: "Счёт",
    PaperKind.OFFER: "Коммерческое предложение",
    PaperKind.CONTRACT: "Договор",
    PaperKind.WAYBILL: "Накладная",
    PaperKind.UPD: "УПД",
    PaperKind.ACT: "Акт",
    PaperKind.PICKING: "Лист подбора",
    PaperKind.COURIER: "Лист курьера",
    PaperKind.LABEL_SMALL: "Этикетка 58×40",
    PaperKind.LABEL_MIDDLE: "Этикетка 75×120",
    PaperKind.LABEL_LARGE: "Этикетка 100×150",
}
_HUNDRED_PERCENT: Final = 10_000


def percent_on(code: str, day: date, rates: Sequence[VatRate]) -> int | None:
    """What a code of VAT means on a day, in hundredths of a percent; None is without the tax."""
    known = [one for one in rates if one.code == code and one.since <= day]
    if known:
        return max(known, key=lambda one: one.since).percent
    return int(code) * 100 if code.isascii() and code.isdigit() else None


def _money(kopecks: int) -> str:
    return formats.money(kopecks, exact=True, sign=False)


class Writer:
    """Writes one order out for a template.

    Args:
        view: the order as the actor may see it.
        lists: names behind codes.
        rates: of VAT, by date.
        day: of the document; decides the rates.
        zone: of the box.
    """

    def __init__(
        self,
        view: OrderView,
        lists: Lists,
        rates: Sequence[VatRate],
        day: date,
        zone: ZoneInfo,
    ) -> None:
        self.view = view
        self.lists = lists
        self.rates = rates
        self.day = day
        self.zone = zone

    def doc(self, kind: PaperKind, number: str, *, payable: bool) -> dict[str, Any]:
        """The document's own head."""
        return {
            "title": TITLES[kind],
            "number": number,
            "day": formats.day(self.day),
            "day_words": f"{formats.day_words(self.day, year=True)} г.",
            "payable": payable,
        }

    def order(self) -> dict[str, Any]:
        """The order's head: numbers, money, delivery."""
        view = self.view
        delivery = view.delivery
        address = None if delivery.address is None else delivery.address.reveal()
        said = None if view.contact is None else view.contact.reveal()
        hours = "–".join(one for one in (delivery.time_from, delivery.time_to) if one)
        when = "" if delivery.date is None else formats.day_words(delivery.date)
        warehouse = self.lists.warehouses.get(view.shipment_store or "")
        left = max(view.total - view.paid_total, 0)
        weight = sum(one.weight_grams * one.quantity_milli for one in view.lines) // WHOLE_MILLI
        return {
            "number": view.shown_number or str(view.number),
            "day": formats.day(self._local(view.created_at)),
            "paid": _money(view.paid_total) if view.paid_total else "",
            "left": _money(left),
            "to_collect": _money(left) if left else "",
            "delivery": delivery.type_name or "",
            "when": ", ".join(one for one in (when, hours) if one),
            "address": "" if address is None else address_line(address),
            "notes": "" if address is None else address.notes,
            "comment": "" if said is None else said.customer_comment,
            "track": delivery.track_number,
            "warehouse": "" if warehouse is None else warehouse.name,
            "weight": f"{formats.quantity(weight)} кг" if weight else "",
            "shop": view.shop_name,
            "manager": view.manager_name,
        }

    def _local(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def lines(self, entity: OwnEntity | None) -> list[dict[str, Any]]:
        """Positions, and delivery where it costs something, each with its tax."""
        found = [self._line(place, one, entity) for place, one in enumerate(self.view.lines, 1)]
        delivery = self.view.delivery
        if delivery.cost:
            tax = self._percent(delivery.vat_rate, entity)
            found.append(
                self._row(
                    len(found) + 1,
                    f"Доставка: {delivery.type_name}" if delivery.type_name else "Доставка",
                    WHOLE_MILLI,
                    delivery.cost,
                    tax,
                )
                | {"service": True}
            )
        return found

    def _line(self, place: int, one: LineView, entity: OwnEntity | None) -> dict[str, Any]:
        units = self.lists.of(ReferenceKind.UNIT)
        unit = units.get(one.unit)
        about = ", ".join(f"{part.name}: {part.value}" for part in one.properties)
        row = self._row(
            place,
            f"{one.name}, {about}" if about else one.name,
            one.quantity_milli,
            one.total,
            self._percent(one.vat_rate, entity),
        )
        return row | {
            "sku": one.sku,
            "unit": "шт" if unit is None else str(unit.extra.get("sym") or unit.name),
            "barcode": one.barcode,
            "weight": formats.quantity(one.weight_grams) if one.weight_grams else "",
        }

    def _percent(self, code: str, entity: OwnEntity | None) -> int | None:
        regime = VAT_BY_GOODS if entity is None else entity.vat
        return percent_on(code if regime == VAT_BY_GOODS else regime, self.day, self.rates)

    @staticmethod
    def _row(place: int, name: str, milli: int, total: int, tax: int | None) -> dict[str, Any]:
        """One row of a document; the price is what one piece costs after every discount."""
        vat = 0 if tax is None else part_of(total, tax, _HUNDRED_PERCENT + tax)
        per_unit = part_of(total, WHOLE_MILLI, milli) if milli else 0
        return {
            "place": place,
            "name": name,
            "sku": "",
            "unit": "шт",
            "barcode": "",
            "weight": "",
            "service": False,
            "quantity": formats.quantity(milli),
            "price": _money(per_unit),
            "total": _money(total),
            "net": _money(total - vat),
            "net_price": _money(part_of(total - vat, WHOLE_MILLI, milli) if milli else 0),
            "vat": "без НДС" if tax is None else _money(vat),
            "vat_name": "без НДС" if tax is None else formats.percent(tax),
            "vat_kopecks": vat,
            "vat_percent": tax,
            "total_kopecks": total,
        }

    def totals(self, lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Sums of the document, and the tax by rate."""
        by_rate: dict[int, int] = {}
        for one in lines:
            if one["vat_percent"] is not None:
                rate = int(one["vat_percent"])
                by_rate[rate] = by_rate.get(rate, 0) + int(one["vat_kopecks"])
        vat = sum(by_rate.values())
        total = sum(int(one["total_kopecks"]) for one in lines)
        goods = [one for one in lines if not one["service"]]
        milli = sum(one.quantity_milli for one in self.view.lines)
        return {
            "discount": _money(self.view.discount_total) if self.view.discount_total else "",
            "total": _money(total),
            "net": _money(total - vat),
            "vat_sum": _money(vat) if by_rate else "без НДС",
            "vat": [
                {"name": f"НДС {formats.percent(rate)}", "sum": _money(tax)}
                for rate, tax in sorted(by_rate.items(), reverse=True)
            ],
            "count": len(lines),
            "goods_count": len(goods),
            "quantity": formats.quantity(milli),
            "words": roubles(total),
        }

    def buyer(self, requisites: RequisitesParts | None, *, sees_ids: bool) -> dict[str, Any]:
        """Who pays: the company where there is one, else the person of the order."""
        contact = None if self.view.contact is None else self.view.contact.reveal()
        parts = () if contact is None else (
            contact.last_name, contact.first_name, contact.patronymic
        )  # fmt: skip
        person = " ".join(one for one in parts if one)
        if not person and self.view.customer is not None and self.view.customer.name is not None:
            person = self.view.customer.name.reveal()
        given = requisites or RequisitesParts()
        address = self.view.delivery.address
        home = "" if address is None else address_line(address.reveal())
        return {
            "name": given.legal_name or person,
            "contact": person,
            "inn": given.inn if sees_ids else "",
            "kpp": given.kpp if sees_ids else "",
            "address": given.legal_address or ("" if given.legal_name else home),
            "bank": given.bank,
            "bik": given.bik if sees_ids else "",
            "account": given.bank_account if sees_ids else "",
            "corr_account": given.corr_account if sees_ids else "",
            "phone": "" if contact is None else contact.phone,
            "is_company": bool(given.legal_name),
        }


def seller_of(entity: OwnEntity | None) -> dict[str, Any]:
    """Our own side; every picture's field says whether it is there."""
    parts = OwnRequisites() if entity is None else entity.parts
    there = () if entity is None else entity.pictures
    return {
        **{
            name: getattr(parts, name)
            for name in (
                "name", "inn", "kpp", "ogrn", "address", "bank", "bik", "account", "corr_account",
                "phone", "email", "director", "accountant",
            )
        },
        "full_name": parts.full_name or parts.name,
        "director_post": parts.director_post or "Руководитель",
        **{role.value: role in there for role in PictureRole},
    }  # fmt: skip


def square(text: str) -> bytes:
    """A QR code as SVG; level M, as GOST R 56042 (6.3) recommends at least."""
    out = BytesIO()
    segno.make(text, error="m", micro=False, encoding="utf-8").save(out, kind="svg", border=2)
    return out.getvalue()


def payment_square(entity: OwnEntity, kopecks: int, purpose: str) -> bytes | None:
    """The code a bank's app reads; None where the requisites are not whole."""
    parts = entity.parts
    if not (parts.name and parts.account and parts.bank and parts.bik) or kopecks <= 0:
        return None
    return square(
        payment_codes.payment_text(
            name=parts.full_name or parts.name,
            account=parts.account,
            bank=parts.bank,
            bik=parts.bik,
            corr_account=parts.corr_account,
            kopecks=kopecks,
            purpose=purpose,
            inn=parts.inn,
            kpp=parts.kpp,
        )
    )


def framed(content: bytes) -> bytes:
    """A checked picture inside an SVG: what the typesetter takes from memory is text only."""
    found = images.read(content)
    size = f'width="{found.width}" height="{found.height}"'
    body = base64.b64encode(found.content).decode()
    link = f"data:{images.TYPES[found.kind]};base64,{body}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}><image {size} href="{link}"/></svg>'
    ).encode()


def order_codes(view: OrderView) -> dict[str, bytes]:
    """Bars and a square of the order's number, as the warehouse's scanner reads them."""
    return {"bars.svg": barcodes.drawing(str(view.number)), "order.svg": square(str(view.number))}


def address_line(parts: AddressParts) -> str:
    """An address on one line."""
    if parts.text:
        known = [parts.index, parts.region, parts.city]
        lead = [one for one in known if one and one not in parts.text]
        return ", ".join([*lead, parts.text])
    street = " ".join(one for one in (parts.street_type, parts.street) if one)
    house = [
        f"д. {parts.building or parts.house}" if parts.building or parts.house else "",
        f"корп. {parts.housing}" if parts.housing else "",
        f"кв. {parts.flat}" if parts.flat else "",
    ]
    every = [parts.index, parts.region, parts.city, street, *house]
    return ", ".join(one for one in every if one)
