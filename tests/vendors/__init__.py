"""What the vendors themselves say of their interfaces, and how it is held against us."""
