"""How the command answers: text for people, JSON for programs, an exit code for both."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Never, cast

import cyclopts
import msgspec
from cyclopts import Parameter

from appliance import config as settings
from appliance.cli.texts import sentence, translate
from appliance.config import Config
from appliance.errors import ConfigError, Damaged, HouseError

# Exit codes; 2 is the shell's custom for a wrong command line.
OK, FAILED, USAGE, NOT_RUNNING, SEALED, UNFIT = range(6)

_HOPELESS = frozenset({"schema_newer", "audit_log_missing"})
_EXITS = {"not_running": NOT_RUNNING, "sealed": SEALED}

DEFAULT_DATA = Path("/var/lib/korobka")


def about(text: str, *, name: str | None = None, negative: tuple[()] | None = None) -> Parameter:
    """Say what an option is; `negative=()` leaves out its `--no-…`."""
    return Parameter(
        help=translate(text),
        name=name,
        negative=negative,
        allow_leading_hyphen=True,  # `-` is standard input
    )


@Parameter(name="*")
@dataclass(frozen=True)
class Common:
    """What every verb takes."""

    data: Annotated[Path | None, about("папка данных коробки")] = None
    config: Annotated[Path | None, about("файл korobka.toml")] = None
    json: Annotated[bool, about("ответ в JSON", negative=())] = False

    def load(self) -> Config:
        """Read the settings: `--config`, `--data`, KOROBKA_CONFIG, the service's folder.

        Raises:
            ConfigError: E001…; nothing there, or unfit.
        """
        named = os.environ.get("KOROBKA_CONFIG")
        path = self.config or self.data or (Path(named) if named else DEFAULT_DATA)
        return settings.load(path)

    def socket(self) -> Path:
        """Where the running box listens, also for its helpers whom the data folder is closed to.

        Raises:
            ConfigError: as `load`.
        """
        try:
            return self.load().admin_socket
        except ConfigError as error:
            place = settings.SERVICE_RUNTIME / settings.SOCKET_NAME
            if error.code != "E004" or not os.access(place, os.W_OK):
                raise
            return place

    def answer(self, facts: Mapping[str, object], text: str = "") -> None:
        """Print the facts as one JSON line, or `text` (else the facts, one a line)."""
        if self.json:
            print(msgspec.json.encode(facts).decode())
        elif text:
            print(text)
        else:
            print("\n".join(f"{key}: {_plain(value)}" for key, value in facts.items()))


def guarded(app: cyclopts.App) -> Never:
    """Run the command line and turn every refusal of the house into sentence, code and exit."""
    as_json = "--json" in sys.argv
    try:
        code = app(exit_on_error=False, print_error=False, result_action="return_value")
        sys.stdout.flush()
        sys.exit(code if isinstance(code, int) else OK)
    except HouseError as error:
        _refuse(error, as_json=as_json)
        sys.exit(exit_code(error))
    except cyclopts.CycloptsError as error:
        problem = HouseError("usage", problem=str(error).splitlines()[0])
        _refuse(problem, as_json=as_json)
        sys.exit(USAGE)
    except BrokenPipeError:  # the reader of a pipe had enough; nothing more can be said to it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)
    except KeyboardInterrupt:
        sys.exit(130)


def exit_code(error: HouseError) -> int:
    """The exit code of a refusal: programs tell a sealed box from a missing one by it.

    `UNFIT` is also what another try does not mend: a supervisor then lets it be.
    """
    if isinstance(error, ConfigError | Damaged) or error.code in _HOPELESS:
        return UNFIT
    return _EXITS.get(error.code, FAILED)


def _refuse(error: HouseError, *, as_json: bool) -> None:
    text = sentence(error.code, error.params)
    if as_json:
        body = {"error": {"code": error.code, "text": text, "params": dict(error.params)}}
        print(msgspec.json.encode(body).decode())
    else:
        print(f"{translate('Ошибка')} {error.code}. {text}", file=sys.stderr)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return translate("да") if value else translate("нет")
    if isinstance(value, list):
        items = cast("list[object]", value)
        apart = "\n  " if any(isinstance(one, dict) for one in items) else ", "
        return ("" if apart == ", " else apart) + apart.join(_plain(one) for one in items)
    if isinstance(value, dict):
        pairs = cast("dict[str, object]", value).items()
        return " ".join(f"{key}={_plain(one)}" for key, one in pairs)
    return "—" if value is None else str(value)
