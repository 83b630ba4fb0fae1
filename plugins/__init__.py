"""Plugins; each is a folder with a manifest."""
