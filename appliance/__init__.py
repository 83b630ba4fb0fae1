"""The server: one process that holds keys, index, writer, live hub and clock."""

__version__ = "0.1.0"
