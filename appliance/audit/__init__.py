"""The log that outsiders verify: append, seal, verify."""
