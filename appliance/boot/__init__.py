"""Builds the house: config → lock → vault → database → log → index → doors. Knows everybody.

Its modules are what the command line calls: `first_start.init`, `serve.serve`, `rescue.migrate`,
`rescue.verify_audit`, `demo.fill`.
"""
