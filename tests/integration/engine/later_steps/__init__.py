"""The same history one release later."""
