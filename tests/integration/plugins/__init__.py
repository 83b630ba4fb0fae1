"""Plugins as an administrator and the host see them."""
