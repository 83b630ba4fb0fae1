"""A 1C base that can be told to behave badly: replays what stock clients send."""
