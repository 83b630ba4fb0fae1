"""Permissions, scopes and field rights as data."""
