"""The shipped data with an ensemble of few members, so that what is asked of all is soon done."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np

from sim.inputs.conflict import Conflict, shipped
from sim.inputs.ensemble import load_ensemble, save_ensemble


def write_few(folder: Path, members: int, copies: int = 1) -> Conflict:
    """Write the shipped data below a folder, with the first members of the newest ensemble.

    Parameters
    ----------
    copies
        Of each member.
    """
    for source in shipped().folders:
        leave = shutil.ignore_patterns("ensembles")
        shutil.copytree(source, folder / source.name, ignore=leave)
    conflict, day = Conflict(folder), shipped().newest_day()
    whole = load_ensemble(day)
    records = [np.tile(part[:members], copies) for part in (whole.members, whole.starts)]
    save_ensemble(conflict.ensembles, "prior", day, (records[0], records[1]), {}, conflict)
    return conflict
