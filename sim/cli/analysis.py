"""What the commands that ask something of scenarios share: how the work is begun and left."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from sim.cli.ending import Interrupted
from sim.cli.shared import Shared
from sim.cli.tables import progress_bar
from sim.paths import check_writable
from sim.text import printable

if TYPE_CHECKING:
    from sim.inputs.scenario import Scenario

Found = TypeVar("Found")


def run_analysis(
    shared: Shared,
    folder: str,
    scenarios: Sequence[Scenario],
    worlds: int,
    ask: Callable[..., Found],
) -> Found:
    """Ask something of scenarios as the shared options say, with a bar of progress.

    Parameters
    ----------
    folder
        That of its kind below the outputs; whether it can be written is seen to first.
    worlds
        How many, unless `--worlds` says.
    ask
        Takes ``outcome`` and what `sim.experiments.how.How` has; returns the result.
    """
    from sim.experiments.kernel import UNFINISHED

    for place in (folder, UNFINISHED):
        check_writable(shared.out / place)
    for scenario in scenarios:
        sys.stderr.write(f"Scenario {printable(scenario.path)}, as of {scenario.as_of}.\n")
    try:
        with progress_bar("worlds") as bar:
            return ask(
                outcome=shared.outcome,
                worlds=worlds if shared.worlds is None else shared.worlds,
                seed=1 if shared.seed is None else shared.seed,
                workers=shared.workers,
                progress=bar,
                kept=shared.out / UNFINISHED,
            )
    except KeyboardInterrupt:
        raise Interrupted("the same command goes on from here") from None
