"""Tasks, projects, the day, notifications, reports."""

from typing import Final

from appliance.actions import (
    day,
    deeds,
    desk,
    fields,
    notices,
    palette,
    projects,
    reports,
    task_pages,
    tasks,
    views,
    workdays,
)
from appliance.api.v1.operation import Operation, group

op = group("tasks")
own = group("day")
figures = group("reports")
OPERATIONS: Final[tuple[Operation, ...]] = (
    op("GET", "/tasks", task_pages.index, covers=("task_pages.index", "task_pages.list_page")),
    op("POST", "/tasks/search", task_pages.list_page, following="after"),
    op("POST", "/tasks", tasks.create, made=True),
    op("GET", "/tasks/calendar", task_pages.calendar),
    op("GET", "/tasks/team", task_pages.team),
    op("GET", "/tasks/words", task_pages.words),
    op("GET", "/tasks/{number}", task_pages.get, covers=("task_pages.get", "task_pages.card")),
    op("PATCH", "/tasks/{number}", tasks.edit),
    op("POST", "/tasks/{number}/close", tasks.close),
    op("POST", "/tasks/{number}/cancel", tasks.cancel),
    op("POST", "/tasks/{number}/undo", tasks.undo),
    op("PUT", "/tasks/{number}/due", tasks.move),
    op("PUT", "/tasks/{number}/items/{item}", tasks.tick),
    op("GET", "/tasks/{number}/fields", fields.of_task),
    op("PUT", "/tasks/{number}/fields", fields.fill_task, gives="version"),
    op("GET", "/projects", projects.index),
    op("POST", "/projects", projects.create, made=True),
    op("GET", "/projects/{number}", projects.card),
    op("PATCH", "/projects/{number}", projects.edit),
    op("PUT", "/projects/{number}/open", projects.set_open),
    own("GET", "/today", desk.today),
    own("POST", "/find", palette.find),
    own("POST", "/day", day.screen),
    own("POST", "/day/plan", day.plan),
    own("PUT", "/day/plan", day.set_plan),
    own("GET", "/notices", notices.index),
    own("GET", "/notices/bell", notices.bell),
    own("POST", "/notices/read", notices.mark_read, gives="unread"),
    own("GET", "/deeds", deeds.mine),
    own("GET", "/deeds/{set_id}", deeds.look),
    own("POST", "/deeds/{set_id}/undo", deeds.take_back, gives="undone"),
    own("GET", "/views/{section}", views.index),
    own("POST", "/views/{section}", views.save, made=True),
    own("DELETE", "/views/one/{view_id}", views.remove, gives="section"),
    own("GET", "/workdays/{year}", workdays.setup),
    own("GET", "/workdays", workdays.file),
    own("POST", "/workdays/check", workdays.check),
    own("POST", "/workdays", workdays.load),
    own("POST", "/workdays/revert", workdays.revert),
    own("PUT", "/working-hours", workdays.set_hours),
    figures("POST", "/reports/sales", reports.sales),
    figures("POST", "/reports/funnel", reports.funnel),
    figures("GET", "/reports/stock", reports.stock),
)  # fmt: skip
