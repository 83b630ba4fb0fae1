"""What happened to orders, deals and clients: notes, calls, files, letters."""

from typing import Final

from appliance.actions import calls, letters, messages, timeline
from appliance.api.v1.operation import Operation, group

op = group("stream")
OPERATIONS: Final[tuple[Operation, ...]] = (
    op("GET", "/orders/{number}/stream", timeline.of_order),
    op("GET", "/clients/{number}/stream", timeline.of_client),
    op("GET", "/deals/{number}/stream", timeline.of_deal),
    op("POST", "/stream", timeline.write, made=True),
    op("POST", "/stream/files", timeline.attach, made=True),
    op("GET", "/stream/{entry_id}", timeline.entry),
    op("PATCH", "/stream/{entry_id}", timeline.edit),
    op("DELETE", "/stream/{entry_id}", timeline.remove),
    op("POST", "/stream/{entry_id}/restore", timeline.restore),
    op("PUT", "/stream/{entry_id}/progress", timeline.progress),
    op("GET", "/stream/{entry_id}/history", timeline.history),
    op("GET", "/stream/{entry_id}/file", timeline.download),
    op("GET", "/calls/{call_id}", calls.card),
    op("POST", "/calls/{call_id}/put-away", calls.put_away),
    op("POST", "/letters/compose", letters.compose),
    op("POST", "/letters", letters.send, made=True),
    op("GET", "/letters", letters.page),
    op("DELETE", "/letters/{number}", letters.cancel),
    op("POST", "/messages/compose", messages.compose),
    op("POST", "/messages", messages.send, made=True),
    op("GET", "/messages", messages.page),
    op("DELETE", "/messages/{number}", messages.cancel),
)  # fmt: skip
