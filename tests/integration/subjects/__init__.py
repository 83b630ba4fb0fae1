"""Requests of people about their data, blocks, approvals, destruction."""
