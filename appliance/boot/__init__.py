"""Builds the house: config → lock → vault → database → log → index → doors. Knows everybody."""
