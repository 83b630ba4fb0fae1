"""The database: engine, tables, transaction, one file per noun."""
