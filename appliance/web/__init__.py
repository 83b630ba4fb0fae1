"""Pages for people: thin controllers, templates, static files."""
