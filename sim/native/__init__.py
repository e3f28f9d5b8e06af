"""Worlds by machine code that was made beforehand, or else by Numba: the same bytes."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

from sim.engine.agenda import Agenda
from sim.engine.cases import consecutive
from sim.engine.dtypes import Records
from sim.engine.records import Workspace
from sim.identity import ENGINE
from sim.native.code import Entry


def _numba() -> Callable[..., Any]:
    from sim.engine.world import run_cases

    return run_cases


run_cases = Entry("world.run_cases", ENGINE, _numba)
"""Runs worlds: `sim.engine.world.run_cases`."""


def run_block(
    agenda: Agenda,
    members: Records,
    starts: Records,
    first_world: int,
    workspace: Workspace,
    table: Records,
) -> None:
    """Run consecutive worlds from ``first_world`` under one agenda.

    The parameters are those of `sim.engine.world.run_cases`.
    """
    cases = consecutive(first_world, len(table), len(members))
    run_cases(agenda.alone, members, starts, cases, workspace, table)


@functools.cache
def announce(entry: Entry = run_cases) -> None:
    """Tell the user, on stderr and once, if what comes first will wait for a compiler."""
    ready = entry.is_ready()
    if ready is None:
        from sim.engine import jit

        jit.announce(entry.numba_name)
    elif not ready:
        told = "Preparing the model for this processor, a few seconds, once."
        print(told, file=sys.stderr, flush=True)
