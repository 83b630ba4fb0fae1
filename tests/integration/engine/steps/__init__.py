"""A history of migrations as a first release would have it."""
