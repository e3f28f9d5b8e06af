"""What the authors would not lean on: ``calibration/doubts.toml``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field

from sim.errors import CalibrationError
from sim.inputs.levers import LEVERS
from sim.inputs.tomlfile import FILE, STRICT, load_toml


class Doubt(BaseModel):
    """One doubt, in a clause and in full.

    ``levers`` are names of levers, or what names begin with; if there are none it bears on every
    result.
    """

    model_config = STRICT
    name: str = Field(min_length=1)
    short: str = Field(min_length=1, max_length=120)
    text: str = Field(min_length=1)
    levers: tuple[str, ...] = Field(strict=False)

    def bears_on(self, lever: str) -> bool:
        """Whether it is about a lever."""
        return lever.startswith(self.levers) if self.levers else False


class _DoubtsFile(BaseModel):
    model_config = FILE
    schema_: Literal["truce/doubts/1"] = Field(alias="schema")
    doubt: tuple[Doubt, ...] = Field(min_length=1)


def load_doubts(path: Path) -> tuple[Doubt, ...]:
    """Read and check the doubts, in the order of the file.

    Raises
    ------
    CalibrationError
        Naming the file, the key and what is wrong with it; also if a doubt names no lever.
    """
    found = load_toml(path, _DoubtsFile, CalibrationError).doubt
    for doubt in found:
        for word in doubt.levers:
            if not any(lever.startswith(word) for lever in LEVERS):
                what = f"no lever begins with '{word}'."
                raise CalibrationError(f"{path.name}: {doubt.name}", what, "Correct it.")
    return found


def doubts_about(doubts: Iterable[Doubt], levers: Iterable[str]) -> tuple[Doubt, ...]:
    """Return the doubts that bear on some levers, or the first of all if none does."""
    doubts, levers = tuple(doubts), tuple(levers)
    found = tuple(doubt for doubt in doubts if any(map(doubt.bears_on, levers)))
    return found or doubts[:1]
