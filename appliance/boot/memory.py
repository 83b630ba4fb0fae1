"""The collector of garbage, set up for a process that lives for months."""

import gc


def settle_memory() -> None:
    """Have the collector look at what requests make, not at what lives as long as the box.

    What was loaded is set apart (`gc.freeze`), and young objects are looked at every 20 000
    instead of 700: a page makes some thousands, nearly all of which are gone by themselves.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
