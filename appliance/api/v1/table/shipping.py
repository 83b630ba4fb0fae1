"""Shipments, the warehouse's board, the courier's day."""

from typing import Final

from appliance.actions import courier, dispatch, operators, parcels, shipments
from appliance.api.v1.operation import Operation, group

op = group("shipments")
work = group("warehouse")
OPERATIONS: Final[tuple[Operation, ...]] = (
    op("POST", "/orders/{number}/shipments", shipments.create, names={"number": "order_number"},
       made=True),
    op("POST", "/orders/{number}/delivered", shipments.deliver_whole,
       names={"number": "order_number"}),
    op("PATCH", "/shipments/{number}", shipments.edit),
    op("DELETE", "/shipments/{number}", shipments.cancel),
    op("POST", "/shipments/{number}/dispatch", shipments.dispatch),
    op("POST", "/shipments/{number}/deliver", shipments.deliver),
    op("POST", "/orders/{number}/operator", operators.send, names={"number": "order_number"}),
    op("DELETE", "/orders/{number}/operator", operators.call_off,
       names={"number": "order_number"}),
    op("POST", "/orders/{number}/operator/settled", operators.settle,
       names={"number": "order_number"}),
    op("POST", "/parcels/{number}/book", parcels.book),
    op("POST", "/parcels/{number}/label", parcels.want_label),
    op("DELETE", "/parcels/{number}", parcels.cancel),
    op("GET", "/parcels/usual", parcels.usual),
    op("PUT", "/parcels/usual", parcels.set_usual),
    work("GET", "/warehouse", dispatch.board),
    work("POST", "/warehouse/scan", dispatch.scan),
    work("POST", "/warehouse/{number}/take", dispatch.take),
    work("POST", "/warehouse/{number}/take-back", dispatch.take_back),
    work("POST", "/warehouse/{number}/pick-all", dispatch.pick_all),
    work("PUT", "/warehouse/{number}/lines/{line_id}", dispatch.put),
    work("PUT", "/warehouse/{number}/lines/{line_id}/missing", dispatch.miss, gives="said"),
    work("POST", "/warehouse/{number}/pack", dispatch.pack),
    work("POST", "/warehouse/{number}/hand-over", dispatch.hand_over),
    work("POST", "/warehouse/{number}/brought", dispatch.brought),
    work("POST", "/warehouse/{number}/back", dispatch.back),
    work("GET", "/courier", courier.day),
    work("POST", "/courier/marks", courier.mark),
    work("POST", "/courier/{number}/phone", courier.reveal, gives="phone"),
)  # fmt: skip
