"""The filter's compiled functions, by code that was made beforehand, or else by Numba."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sim.identity import FILTER
from sim.native.code import Entry


def _filter_block() -> Callable[..., Any]:
    from sim.calibrate.filter import filter_block

    return filter_block


def _weigh_war_so_far() -> Callable[..., Any]:
    from sim.calibrate.war_so_far import weigh_war_so_far

    return weigh_war_so_far


filter_block = Entry("filter.filter_block", FILTER, _filter_block)
"""Runs pasts through the record: `sim.calibrate.filter.filter_block`."""

weigh_war_so_far = Entry("war_so_far.weigh_war_so_far", FILTER, _weigh_war_so_far)
"""Weighs pasts by the war before the record: `sim.calibrate.war_so_far.weigh_war_so_far`."""
