"""Doors for programs: /api/v5 (retailCRM-compatible)."""
