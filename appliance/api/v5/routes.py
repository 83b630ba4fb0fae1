"""What this door answers, and the handlers that hang it into an application."""

from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

from litestar import Litestar, Request, Response, asgi
from litestar.handlers import ASGIRouteHandler
from litestar.types import Receive, Scope, Send

from appliance.api.v5 import (
    carts,
    corporate,
    custom_fields,
    customers,
    files,
    history,
    loyalty,
    notes,
    orders,
    people,
    references,
    service,
    store,
    tasks,
    telephony,
)
from appliance.api.v5 import errors as words
from appliance.api.v5.call import Handler, Settings
from appliance.api.v5.door import Door, Pattern, Routes
from appliance.api.v5.service import empty_list, empty_page
from appliance.domain.corporate import PartKind
from appliance.domain.customers import CustomerKind
from appliance.errors import HouseError
from appliance.http.app import VENDOR_ALIAS
from appliance.http.authentication import OWN_DOOR
from appliance.http.frame import Frame

_GET: Final[dict[str, Handler]] = {
    "settings": service.settings,
    "statistic/update": service.statistic,
    "customers": customers.index,
    "customers/history": history.of_customers,
    "customers/*": customers.show,
    "orders": orders.index,
    "orders/history": history.orders,
    "orders/statuses": orders.statuses,
    "orders/*": orders.show,
    "reference/sites": references.sites,
    "reference/statuses": references.statuses,
    "reference/status-groups": references.status_groups,
    "reference/stores": references.stores,
    "reference/countries": references.countries,
    "reference/couriers": people.couriers,
    "reference/currencies": references.currencies,
    "reference/cost-groups": empty_list("costGroups"),
    "reference/cost-items": empty_list("costItems"),
    "reference/legal-entities": references.legal_entities,
    "reference/mg-channels": empty_list("mgChannels"),
    "reference/subscriptions": empty_list("subscriptions"),
    "store/inventories": store.inventories,
    "store/products": store.product_list,
    "store/offers": store.offers,
    "store/product-groups": store.groups,
    "store/products/properties": empty_page("properties"),
    "store/products/properties/values": empty_page("productPropertyValues"),
    "files": files.index,
    "files/*": files.show,
    "files/*/download": files.download,
    "telephony/manager": telephony.manager,
    "users": people.users,
    "users/*": people.user,
    "user-groups": people.groups,
    "segments": empty_page("segments"),
    "features/check": service.features,
    "integration-modules/*": service.module,
    "tasks": tasks.index,
    "tasks/history": tasks.history,
    "tasks/*": tasks.show,
    "tasks/*/comments": tasks.comments,
    "custom-fields": custom_fields.index,
    "custom-fields/dictionaries": custom_fields.dictionaries,
    "custom-fields/dictionaries/*": custom_fields.dictionary,
    "custom-fields/*/*": custom_fields.show,
    "customers/notes": notes.lister(CustomerKind.PERSON),
    "customers-corporate": corporate.index,
    "customers-corporate/history": history.of_companies,
    "customers-corporate/notes": notes.lister(CustomerKind.COMPANY),
    "customers-corporate/*": corporate.show,
    "customers-corporate/*/addresses": corporate.addresses,
    "customers-corporate/*/companies": corporate.companies,
    "customers-corporate/*/contacts": corporate.contacts,
    "customer-interaction/*/cart/*": carts.show,
    "loyalty/accounts": loyalty.accounts,
    "loyalty/account/*": loyalty.absent,
    "loyalty/account/*/bonus/operations": loyalty.absent,
    "loyalty/account/*/bonus/*/details": loyalty.absent,
    "loyalty/bonus/operations": loyalty.operations,
    "loyalty/loyalties": loyalty.programmes,
    "loyalty/loyalties/*": loyalty.absent,
    "verification/sms/*/status": loyalty.absent,
}
_POST: Final[dict[str, Handler]] = {
    "customers/create": customers.create,
    "customers/upload": customers.upload,
    "customers/fix-external-ids": customers.fix_external_ids,
    "customers/combine": customers.combine,
    "customers/notes/create": notes.maker(CustomerKind.PERSON),
    "customers/notes/*/delete": notes.deleter(CustomerKind.PERSON),
    "customers-corporate/combine": customers.combine,
    "customers-corporate/notes/create": notes.maker(CustomerKind.COMPANY),
    "customers-corporate/notes/*/delete": notes.deleter(CustomerKind.COMPANY),
    "orders/combine": orders.combine,
    "orders/links/create": orders.link,
    "customers/*/edit": customers.edit,
    "customers-corporate/create": corporate.create,
    "customers-corporate/upload": corporate.upload,
    "customers-corporate/fix-external-ids": corporate.fix_external_ids,
    "customers-corporate/*/edit": corporate.edit,
    "customers-corporate/*/addresses/create": corporate.maker(PartKind.ADDRESS),
    "customers-corporate/*/addresses/*/edit": corporate.changer(PartKind.ADDRESS),
    "customers-corporate/*/companies/create": corporate.maker(PartKind.COMPANY),
    "customers-corporate/*/companies/*/edit": corporate.changer(PartKind.COMPANY),
    "customers-corporate/*/contacts/create": corporate.contact_create,
    "customers-corporate/*/contacts/*/edit": corporate.contact_edit,
    "orders/create": orders.create,
    "orders/upload": orders.upload,
    "orders/fix-external-ids": orders.fix_external_ids,
    "orders/payments/create": orders.payment_create,
    "orders/payments/*/edit": orders.payment_edit,
    "orders/payments/*/delete": orders.payment_delete,
    "orders/*/edit": orders.edit,
    "reference/sites/*/edit": references.site_edit,
    "reference/statuses/*/edit": references.status_edit,
    "reference/stores/*/edit": references.store_edit,
    "store/inventories/upload": store.inventories_upload,
    "store/prices/upload": store.prices_upload,
    "integration-modules/*/edit": service.integration_module,
    "loyalty/account/create": loyalty.refuse,
    "loyalty/account/*/activate": loyalty.absent,
    "loyalty/account/*/edit": loyalty.absent,
    "loyalty/calculate": loyalty.calculate,
    "orders/loyalty/apply": loyalty.refuse,
    "orders/loyalty/cancel-bonus-operations": loyalty.refuse,
    "verification/sms/confirm": loyalty.check_confirm,
    "customer-interaction/*/cart/set": carts.put,
    "customer-interaction/*/cart/clear": carts.clear,
    "files/upload": files.upload,
    "files/*/edit": files.edit,
    "files/*/delete": files.delete,
    "telephony/call/event": telephony.event,
    "telephony/calls/upload": telephony.upload,
    "tasks/create": tasks.create,
    "tasks/*/edit": tasks.edit,
    "custom-fields/*/create": custom_fields.create,
    "custom-fields/dictionaries/*/edit": custom_fields.dictionary_edit,
    "custom-fields/*/*/edit": custom_fields.edit,
}


def make_routes() -> Routes:
    """Everything this door answers."""
    routes: dict[tuple[str, Pattern], Handler] = {
        (method, ("v5", *path.split("/"))): handler
        for method, table in (("GET", _GET), ("POST", _POST))
        for path, handler in table.items()
    }
    for name, form in references.FORMS.items():
        routes["GET", ("v5", "reference", name)] = references.lister(form)
        routes["POST", ("v5", "reference", name, "*", "edit")] = references.editor(form)
    routes["GET", ("api-versions",)] = service.versions
    routes["GET", ("system-info",)] = service.system_info
    listed = service.templates(routes)
    routes["GET", ("credentials",)] = service.credentials_of([*listed, "/api/credentials"])
    return routes


MOUNTS: Final = ("/api", f"{VENDOR_ALIAS}/api")
NATIVE: Final = b"/api/v1/"
MOSCOW: Final = ZoneInfo("Europe/Moscow")


class Native(Protocol):
    """The door of `/api/v1`, which hangs beside this one."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...

    def refused(self, request: Request[Any, Any, Any], error: HouseError) -> Response[Any]:
        """Word what was refused before it was asked."""
        ...


def _before_the_door(request: Request[Any, Any, Any], error: HouseError) -> Response[Any]:
    """Word what the application refused before this door was asked: the box is sealed."""
    trouble = words.of_house(error)
    return Response(trouble.body(), status_code=trouble.status)


def make_v5_handlers(
    zone: ZoneInfo | str = MOSCOW, *, public_url: str = "", native: Native | None = None
) -> list[ASGIRouteHandler]:
    """Handlers for the staff door and for the outer one.

    They take everything under `/api` that no other route does, so that each answer there is JSON
    of this door, and admit callers by key themselves (`own_door`): sign-in leaves them alone.

    Args:
        zone: of the box; times on the wire are meant in it.
        public_url: where the box is reached from outside; empty: as the request names it.
        native: answers under `/api/v1`; a mount of its own would never be asked beside this one.
    """
    settings = Settings(ZoneInfo(zone) if isinstance(zone, str) else zone, public_url)
    door = Door(make_routes(), settings)

    def before(request: Request[Any, Any, Any], error: HouseError) -> Response[Any]:
        if native is not None and request.scope["raw_path"].startswith(NATIVE):
            return native.refused(request, error)
        return _before_the_door(request, error)

    @asgi(
        list(MOUNTS),
        is_mount=True,
        opt={OWN_DOOR: True},
        copy_scope=False,
        exception_handlers={HouseError: before},
    )
    async def v5(scope: Scope, receive: Receive, send: Send) -> None:
        if native is not None and scope["raw_path"].startswith(NATIVE):
            await native(scope, receive, send)
            return
        await door(scope, receive, send)

    return [v5]


def make_v5_app(zone: ZoneInfo = MOSCOW) -> Litestar:
    """This door alone, for tests and measurements."""
    app = Litestar(route_handlers=make_v5_handlers(zone), openapi_config=None, logging_config=None)
    app.asgi_handler = Frame(app.asgi_handler)
    return app
