"""Pure rules and shapes of the trade: no I/O, no clock, no framework."""
