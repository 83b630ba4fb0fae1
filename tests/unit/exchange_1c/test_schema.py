"""Orders as 1C gets them fit the schemas of 1C, element for element."""

import os
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Tree

import pytest

from appliance.domain.personal import Personal
from plugins.exchange_1c.orders_out import OrderPayment, OrderShipment
from tests.unit.exchange_1c.schema import Schema
from tests.unit.exchange_1c.test_orders import NOW, order, read

FOLDER = Path(os.environ.get("KOROBKA_COMMERCEML", "/nowhere"))
"""Of `commerceml-2.08.xsd` and `commerceml-2.10.xsd`; without them nothing is collected here."""
KINDS: list[tuple[str, dict[str, Any]]] = [("2.08", {}), ("2.10", {"subordinate": True})]

if (FOLDER / "commerceml-2.08.xsd").exists():

    @pytest.mark.parametrize(("version", "how"), KINDS)
    def test_an_order_fits_the_schema(version: str, how: dict[str, Any]) -> None:
        full = order(
            email=Personal("p@example.org"),
            address=Personal("Тверь, Садовая, 1"),
            comment=Personal("Позвонить"),
            delivery_cost=30_000,
            payments=(
                OrderPayment(number=7, amount=70_000, at=NOW),
                OrderPayment(number=8, amount=-1_000, at=NOW, cashless=False),
            ),
            shipments=(OrderShipment(number=3, at=NOW, lines=((0, 1000),)),),
        )
        schema = Schema(FOLDER / f"commerceml-{version}.xsd")
        for one in read(full, order(), **how):
            for paper in one.iter("ПодчиненныйДокумент"):
                # The schema has no place for it; 1C reads it all the same (reference 9.9).
                found = paper.find("Основание")
                assert isinstance(found, Tree.Element)
                paper.remove(found)
            assert schema.faults(one, "Документ") == []
