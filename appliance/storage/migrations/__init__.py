"""Numbered changes of the schema, `NNNN_name.py`, each with `async def up(m: Migration)`.

A released migration is never edited. Tables are taken from `appliance.storage.tables` as they are
today: on a new database 0001 makes them whole and the later `add_column` find their work done. A
migration that needs a table as it once was declares its own copy.
"""
