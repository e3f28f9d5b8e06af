"""Options that several commands share: each is declared once, and comes to them as one object."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NamedTuple, get_type_hints

import typer

from sim.cli.completion import complete_lever
from sim.cli.options import parse_folder
from sim.cli.table_files import STDOUT, check_files

Command = Callable[..., None]


class Shared(NamedTuple):
    """What was given with the shared options that a command has; None or False if it has not.

    Attributes
    ----------
    settings, as_of, horizon
        What a scenario is given beside its file: `--set`, `--as-of`, `--horizon`.
    workers
        `--workers`: threads; all processors if None.
    outcome, worlds, seed, out
        Of an analysis: `--outcome`, `--worlds` and `--seed`, which are None unless given, and
        `--out`, the folder below which its own goes.
    as_json
        `--json`: whether one JSON document alone is to be printed.
    csv, xlsx
        `--csv`, `--xlsx`: files to which the whole table is to be written; ``-`` as the CSV prints
        it alone.
    """

    settings: list[str] | None = None
    as_of: str | None = None
    horizon: int | None = None
    workers: int | None = None
    outcome: str = "held"
    worlds: int | None = None
    seed: int | None = None
    out: Path = Path("outputs")
    as_json: bool = False
    csv: str | None = None
    xlsx: str | None = None

    @property
    def tables(self) -> bool:
        """Whether the table is to be written anywhere."""
        return self.csv is not None or self.xlsx is not None

    @property
    def csv_alone(self) -> bool:
        """Whether the CSV alone is to be printed."""
        return self.csv == STDOUT


AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document alone.")]
OPTIONS: dict[str, Any] = {
    "settings": Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="LEVER=VALUE",
            help="Set a lever; may be repeated.",
            autocompletion=complete_lever,
        ),
    ],
    "as_of": Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help="Look ahead from this day, not the scenario's or that of the newest ensemble.",
        ),
    ],
    "horizon": Annotated[int | None, typer.Option(metavar="DAYS", help="1 to 365 days.")],
    "workers": Annotated[int | None, typer.Option(help="Threads; all processors if unset.")],
    "outcome": Annotated[str, typer.Option(help="One of the five outcomes, or `agreed`.")],
    "worlds": Annotated[int | None, typer.Option(help="Worlds of each policy, 256 or more.")],
    "seed": Annotated[int | None, typer.Option(help="0 to 2^63-1 (default 1).")],
    "out": Annotated[
        Path, typer.Option(parser=parse_folder, metavar="DIR", help="Where folders go.")
    ],
    "as_json": AsJson,
    "csv": Annotated[
        str | None,
        typer.Option(
            "--csv", metavar="FILE", help="Write the whole table there, too; '-' prints it alone."
        ),
    ],
    "xlsx": Annotated[
        str | None,
        typer.Option("--xlsx", metavar="FILE", help="Write the whole table there, for Excel."),
    ],
}
SCENARIO = ("settings", "as_of", "horizon")
"""The options that lead to a scenario."""
ANALYSIS = (*SCENARIO, "workers", "outcome", "worlds", "seed", "out")
"""The options of a command that asks something of scenarios."""
ANSWER = ("as_json", "csv", "xlsx")
"""The options of how a command that has a table answers; see `sim.cli.tables.answer`."""


def with_options(*names: str, **groups: type[Any]) -> Callable[[Command], Command]:
    """Give a command shared options behind its own; it takes them as ``shared``, its last argument.

    Parameters
    ----------
    names
        Fields of `Shared`, in the order in which `--help` shows them.
    groups
        By the name of an argument of the command: a NamedTuple, each field of which is an option.
    """

    def decorate(function: Command) -> Command:
        own = inspect.signature(function, eval_str=True).parameters.values()
        parameters = [one for one in own if one.name != "shared" and one.name not in groups]
        for group in groups.values():
            parameters += _options_of(group)
        parameters += [_option(name, Shared._field_defaults[name], OPTIONS[name]) for name in names]

        @functools.wraps(function)
        def command(**given: Any) -> None:
            shared = Shared(**{name: given.pop(name) for name in names})
            check_files(shared.csv, shared.xlsx, as_json=shared.as_json)
            for argument, group in groups.items():
                fields: tuple[str, ...] = vars(group)["_fields"]
                given[argument] = group(**{name: given.pop(name) for name in fields})
            function(**given, shared=shared)

        described: Any = command
        del described.__wrapped__
        described.__signature__ = inspect.Signature(parameters)
        described.__annotations__ = {one.name: one.annotation for one in parameters}
        return command

    return decorate


def _options_of(group: type[Any]) -> list[inspect.Parameter]:
    defaults: dict[str, Any] = vars(group)["_field_defaults"]
    hints = get_type_hints(group, include_extras=True)
    return [_option(name, defaults[name], hint) for name, hint in hints.items()]


def _option(name: str, default: Any, annotation: Any) -> inspect.Parameter:
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, kind, default=default, annotation=annotation)
