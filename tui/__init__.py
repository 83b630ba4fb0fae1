"""`korobka console`: the administrator's full-screen program. A client of the box, nothing more.

It asks the running box over its admin socket, as the commands do, and holds no data and no keys.
"""
