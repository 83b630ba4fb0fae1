"""Hands orders to a fulfilment operator by our own contract and takes what became of them."""
