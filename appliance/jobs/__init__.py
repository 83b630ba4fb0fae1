"""The timetable: when which action runs."""
