"""The log: entries drafted in the business transaction, sealed into a Merkle log, verified."""
