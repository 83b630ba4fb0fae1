"""Keys, cells, blind indexes and name search; the only home of `cryptography`."""
