"""A shop with a module of retailCRM in it: what the four stock modules do on the wire."""
