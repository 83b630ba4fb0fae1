"""Snapshots, restore and drills."""
