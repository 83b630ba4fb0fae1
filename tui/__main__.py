"""`python -m tui SOCKET`: started by `korobka console`, which prepares terminal and language."""

import sys
from pathlib import Path


def main() -> None:
    """Run the console on the socket named by the first argument; `--setup`: the first run."""
    from tui.app import ConsoleApp  # noqa: PLC0415 - only after the language is known
    from tui.box import SocketBox  # noqa: PLC0415 - of this

    ConsoleApp(SocketBox(Path(sys.argv[1])), setup="--setup" in sys.argv[2:]).run()


if __name__ == "__main__":
    main()
