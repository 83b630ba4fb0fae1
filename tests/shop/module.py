"""A shop: its customers and orders, its module's export, edits and pulls of the history."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import httpx

from tests.shop.wire import DIALECTS, Wire

BATCH = 50
FIELDS = {
    "status": "status",
    "customer_comment": "customerComment",
    "manager_comment": "managerComment",
    "first_name": "firstName",
    "last_name": "lastName",
    "phone": "phone",
    "email": "email",
    "number": "number",
    "delivery_cost": None,
    "order_product": None,
    "order_product.quantity": None,
    "order_product.initial_price": None,
    "delivery_address.city": None,
    "discount_manual_amount": None,
}
"""Field of the history → key of the order; None: the order is read whole."""


def goods(number: int) -> list[dict[str, Any]]:
    """Two lines of an order, as exported."""
    return [
        {"externalId": str(100 + number % 7), "name": f"Лампа {number % 7}", "price": 1200,
         "quantity": 1 + number % 3},
        {"externalId": str(200 + number % 5), "name": f"Плафон {number % 5}", "price": 450,
         "quantity": 1},
    ]  # fmt: skip


class Shop:
    """What the shop's own database holds, and the module that keeps it equal with the box."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        key: str,
        module: str,
        site: str = "main",
        catalogue: str = "https://shop.example/simla.xml",
    ) -> None:
        self.dialect = DIALECTS[module]
        self.wire = Wire(http, key, self.dialect)
        self.site, self.catalogue = site, catalogue
        self.customers: dict[str, dict[str, Any]] = {}
        self.orders: dict[str, dict[str, Any]] = {}
        self.by_number: dict[int, str] = {}
        self.since = 0
        self.customers_since = 0
        self.failed: list[str] = []
        self.next_id = 10_000

    # --- connecting ---

    async def connect(self) -> None:
        """What the settings page of the module does when it is saved."""
        if self.dialect.name == "prestashop":
            versions = (await self.wire.get("/api/api-versions"))["versions"]
            assert any(one.startswith("5") for one in versions)
            assert len(self.wire.key) == 32
        if self.dialect.name != "opencart":
            access = await self.wire.get("/api/credentials")
            assert access["siteAccess"] == "access_selective"
            assert access["sitesAvailable"] == [self.site]
            assert {"order_read", "order_write", "customer_write"} <= set(access["scopes"])
        (site,) = (await self.wire.get("reference/sites"))["sites"].values()
        assert site["currency"] == "RUB"
        module = {
            "code": self.dialect.code,
            "integrationCode": self.dialect.name,
            "active": True,
            "name": self.dialect.name.title(),
            "clientId": self.dialect.code.partition("-")[2],
            "baseUrl": "https://shop.example",
            "accountUrl": "https://shop.example/admin",
        }
        path = f"integration-modules/{self.dialect.code}/edit"
        await self.wire.post(path, integrationModule=module)
        for name in ("delivery-types", "payment-types", "statuses", "price-types", "stores"):
            await self.wire.get(f"reference/{name}")
        if self.dialect.name in {"woocommerce", "prestashop"}:
            told = {"code": self.site, "ymlUrl": self.catalogue}
            await self.wire.post(f"reference/sites/{self.site}/edit", site=told)
            await self.wire.get("statistic/update")

    # --- shop → box ---

    def fill(self, orders: int) -> None:
        """Sell so many orders to half as many customers, before the module was there."""
        for number in range(1, orders + 1):
            customer = str(1 + (number - 1) // 2)
            self.customers[customer] = {
                "firstName": f"Имя{customer}",
                "lastName": f"Фамилин{customer}",
                "email": f"buyer{customer}@example.ru",
                "phone": f"8 905 111 {int(customer):04d}",
            }
            self.orders[str(number)] = {
                "customer": customer,
                "status": "new",
                "customerComment": "",
                "items": goods(number),
                "delivery": 300,
                "city": "Москва",
            }

    async def export(self) -> None:
        """Send everything, in batches; sent again it must double nothing."""
        for batch in _batches(list(self.customers.items())):
            await self.wire.post(
                "customers/upload",
                customers=[self._customer(code, one) for code, one in batch],
                site=self.site,
            )
        for batch in _batches(list(self.orders.items())):
            answer = await self.wire.post(
                "orders/upload", orders=[self._order(code, one) for code, one in batch],
                site=self.site,
            )  # fmt: skip
            for one in answer.get("uploadedOrders", ()):
                self.by_number[one["id"]] = one["externalId"]
            lost = [one["externalId"] for one in answer.get("failedOrders", ())]
            if self.dialect.name == "prestashop" and lost:
                known = await self.wire.get("orders", filter={"externalIds": lost}, limit=50)
                lost = [
                    one for one in lost if one not in {it["externalId"] for it in known["orders"]}
                ]
            self.failed += lost

    def _customer(self, code: str, one: dict[str, Any]) -> dict[str, Any]:
        return {
            "externalId": int(code),
            "firstName": one["firstName"],
            "lastName": one["lastName"],
            "email": one["email"],
            "phones": [{"number": one["phone"]}],
            "contragent": {"contragentType": "individual"},
            "customFields": [],
        }

    def _order(self, code: str, one: dict[str, Any]) -> dict[str, Any]:
        person = self.customers[one["customer"]]
        as_text = self.dialect.name == "opencart"
        return {
            "externalId": int(code),
            "number": code,
            "createdAt": "2026-01-20 10:00:00",
            "status": one["status"],
            "orderMethod": "shopping-cart",
            "firstName": person["firstName"],
            "lastName": person["lastName"],
            "email": person["email"],
            "phone": person["phone"],
            "countryIso": "RU",
            "customerComment": one["customerComment"],
            "customer": {"externalId": one["customer"]},
            "delivery": {
                "code": "courier",
                "cost": one["delivery"],
                "address": {"city": one["city"], "index": "101000", "text": "ул. Ленина, 1"},
            },
            "items": [self._line(code, line, as_text=as_text) for line in one["items"]],
            "payments": [{"externalId": f"{code}-65c0", "type": "cash", "status": "not-paid"}],
        }

    def _line(self, code: str, line: dict[str, Any], *, as_text: bool) -> dict[str, Any]:
        sent = {
            "productName": line["name"],
            "initialPrice": f"{line['price']:.4f}" if as_text else line["price"],
            "quantity": str(line["quantity"]) if as_text else line["quantity"],
            "offer": {"externalId": line["externalId"]},
        }
        if self.dialect.names_lines:
            value = f"{line['externalId']}_{code}"
            sent["externalIds"] = [{"code": self.dialect.names_lines, "value": value}]
        return sent

    async def sell(self, code: str, customer: str) -> None:
        """A buyer at the till of the site: the order goes to the box at once."""
        found = await self.wire.get(
            "customers", filter={"email": self.customers[customer]["email"]}, limit=20
        )
        assert len(found["customers"]) == 1
        self.orders[code] = {
            "customer": customer, "status": "new", "customerComment": "позвонить",
            "items": goods(int(code)), "delivery": 300, "city": "Тверь",
        }  # fmt: skip
        answer = await self.wire.post(
            "orders/create", order=self._order(code, self.orders[code]), site=self.site
        )
        assert answer["order"]["externalId"] == code
        self.by_number[answer["id"]] = code

    async def change(self, code: str, **fields: Any) -> None:
        """A change in the shop's admin goes to the box at once."""
        self.orders[code] |= fields
        await self.wire.post(f"orders/{code}/edit", order=fields, by="externalId", site=self.site)

    # --- box → shop ---

    async def pull(self) -> int:
        """One run of the module's timer; how many rows of the shop it wrote."""
        return await (self._pull_page() if self.dialect.one_page else self._pull_all())

    async def pull_until_quiet(self, most: int = 12) -> int:
        """Run after run until one writes nothing that differs; how many rows differed."""
        written = 0
        for _ in range(most):
            differing = await self.pull()
            if not differing:
                return written
            written += differing
        raise AssertionError("the shop and the box never come to rest")

    async def _pull_all(self) -> int:
        entries: list[dict[str, Any]] = []
        for _ in range(50):
            page = await self.wire.get("orders/history", filter={"sinceId": self.since}, limit=100)
            entries += page["history"]
            if page["history"]:
                self.since = page["history"][-1]["id"]
            if page["pagination"]["currentPage"] >= page["pagination"]["totalPageCount"]:
                break
        return await self._apply(self._foreign(entries))

    def _foreign(self, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Without the shop's own changes, but for those of a field somebody else changed before."""
        kept: list[dict[str, Any]] = []
        changed: set[tuple[int, str]] = set()
        for one in entries:
            place = one["order"]["id"], one["field"]
            if not self._is_own(one):
                changed.add(place)
            elif place not in changed:
                continue
            kept.append(one)
        return kept

    def _is_own(self, entry: dict[str, Any]) -> bool:
        own = entry["source"] == "api" and entry.get("apiKey", {}).get("current") is True
        return own and "externalId" in entry["order"]

    async def _apply(self, entries: list[dict[str, Any]]) -> int:
        whole: dict[int, bool] = {}
        differing = 0
        for entry in entries:
            number, field = entry["order"]["id"], entry["field"]
            code = entry["order"].get("externalId") or self.by_number.get(number)
            if code is None:
                if entry.get("created"):
                    whole[number] = True
            elif field not in FIELDS:
                continue
            elif FIELDS[field] is None:
                whole[number] = True
            else:
                value = entry["newValue"]
                value = value["code"] if isinstance(value, dict) else value
                differing += self._write(code, {FIELDS[field]: value})
        for number in whole:
            order = (await self.wire.get(f"orders/{number}", by="id", site=self.site))["order"]
            differing += await self._take(order)
        return differing

    async def _pull_page(self) -> int:
        """OpenCart's way: ids of a page, the orders whole, its own changes among them."""
        orders = await self.wire.get("orders/history", filter={"sinceId": self.since})
        people = await self.wire.get("customers/history", filter={"sinceId": self.customers_since})
        ids = list(dict.fromkeys(one["order"]["id"] for one in orders["history"]))
        differing = 0
        if ids:
            for order in (await self.wire.get("orders", filter={"ids": ids}))["orders"]:
                differing += await self._take(order)
        if orders["history"] and people["history"]:
            self.since = orders["history"][-1]["id"]
            self.customers_since = people["history"][-1]["id"]
        return differing

    async def _take(self, order: dict[str, Any]) -> int:
        """Write an order of the box over the shop's, or make it here and tell its id back."""
        code = order.get("externalId") or self.by_number.get(order["id"])
        fields = {
            "status": order["status"],
            "customerComment": order.get("customerComment", ""),
            "delivery": order["delivery"]["cost"],
            "city": order["delivery"]["address"].get("city", ""),
            "items": [
                {
                    "externalId": line["offer"].get("externalId", ""),
                    "name": line["offer"]["displayName"],
                    "price": line["initialPrice"],
                    "quantity": line["quantity"],
                }
                for line in order["items"]
            ],
        }
        if code is not None and code in self.orders:
            return self._write(code, fields)
        self.next_id += 1
        code = str(self.next_id)
        self.orders[code] = {"customer": order["customer"].get("externalId", ""), **fields}
        self.by_number[order["id"]] = code
        told = [{"id": order["id"], "externalId": code}]
        await self.wire.post("orders/fix-external-ids", orders=told, site=self.site)
        return 1

    def _write(self, code: str, fields: dict[str, Any]) -> int:
        known = self.orders[code]
        differing = {
            name: value
            for name, value in fields.items()
            if _plain(known.get(name)) != _plain(value)
        }
        known |= differing
        return len(differing)


def _plain(value: Any) -> Any:
    """Numbers as numbers: shops keep «2» and 2.0 in one column."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return float(value) if isinstance(value, int | float) else value or ""


def _batches(rows: list[Any]) -> Iterator[list[Any]]:
    source = iter(rows)
    while batch := list(islice(source, BATCH)):
        yield batch
