"""Make the code of the filter beforehand: a part of ``make kernel``."""

from __future__ import annotations

from sim.calibrate.entries import filter_block, weigh_war_so_far
from sim.calibrate.fit import filter_of
from sim.inputs.conflict import shipped
from sim.native.make import arguments_of, make


def make_filter() -> None:
    """Make the text of what weighs pasts, for the record of the newest ensemble."""
    chosen = filter_of(shipped().newest_day(), 1, shipped())
    for entry in (filter_block, weigh_war_so_far):
        make(entry, arguments_of(entry, lambda: chosen.block(0, 2)))
