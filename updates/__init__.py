"""Releases: one signed file, tried on a copy, put in place by steps that each lead back."""
