"""Does not even start."""

raise RuntimeError("Анна Орлова")
