"""The native open API, `/api/v1`: what people can do in the box, programs can do with a key."""
