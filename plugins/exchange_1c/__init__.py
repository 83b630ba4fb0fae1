"""The server side of the CommerceML exchange: a 1C base connects by address, login and password."""
