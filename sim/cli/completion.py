"""What the shell completes with the tabulator: scenarios, levers, and the names of results."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from sim.errors import SimError

if TYPE_CHECKING:
    from sim.inputs.conflict import Conflict

Words = Iterator[tuple[str, str]]
"""What a word may become, each with its explanation for shells that show one."""


def complete_scenario(ctx: typer.Context, incomplete: str) -> Words:
    """Complete the name of a scenario; behind a ``+`` in it, that of a lever."""
    before, plus, lever = incomplete.rpartition("+")
    if plus:
        found = complete_lever(ctx, lever)
        yield from ((f"{before}+{word}", told) for word, told in found)
        return
    with suppress(SimError, OSError):
        from sim.inputs.scenario_file import scenario_names

        names = scenario_names(_conflict(ctx))
        yield from ((name, "") for name in names if name.startswith(incomplete))


def complete_lever(ctx: typer.Context, incomplete: str) -> Words:
    """Complete the name of a lever, with the ``=`` that comes before its value."""
    with suppress(SimError, OSError):
        from sim.inputs.levers import LEVERS

        conflict = _conflict(ctx)
        for name in LEVERS:
            if name.startswith(incomplete):
                yield f"{name}=", conflict.lever(name).meaning


def complete_result(ctx: typer.Context, incomplete: str) -> Words:
    """Complete the id of a result, ``last``, or ``last-`` with a kind of which there is one."""
    with suppress(SimError, OSError):
        from sim.runs import LAST, OUTPUTS, entries

        place = ctx.params.get("out" if ctx.info_name != "brief" else "runs")
        found = entries(Path(place or OUTPUTS))
        words = {LAST: "the newest"} if found else {}
        words |= {f"{LAST}-{one.kind}": f"the newest {one.kind}" for one in found}
        words |= {one.id: f"{one.kind} of {one.manifest['about']['scenario']}" for one in found}
        yield from ((word, told) for word, told in words.items() if word.startswith(incomplete))


def complete_scenario_or_result(ctx: typer.Context, incomplete: str) -> Words:
    """Complete the name of a scenario or of a result."""
    yield from complete_scenario(ctx, incomplete)
    yield from complete_result(ctx, incomplete)


def _conflict(ctx: typer.Context) -> Conflict:
    """The conflict that the line is about; one without ``--data`` is about that which ships."""
    from sim.inputs import conflict

    folder = ctx.find_root().params.get("data")
    return conflict.shipped() if folder is None else conflict.Conflict(folder)
