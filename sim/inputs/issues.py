"""The scales of the issues, ``calibration/issues.toml``: what 0 and 1 stand for on each."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, model_validator

from sim.engine.domain import Issue
from sim.errors import CalibrationError
from sim.inputs.tomlfile import FILE, load_toml

ISSUES = tuple(issue.name.lower() for issue in Issue)
"""The issues by name, in the order of `sim.engine.domain.Issue`."""


class Scale(BaseModel):
    """An issue's scale, from 0 (best for side U) to 1 (best for side R).

    Attributes
    ----------
    anchors
        What 0, .25, .5, .75 and 1 stand for.
    short
        The issue in a few words, as the lever of its offer is explained; ``meaning`` if empty.
    """

    model_config = FILE
    id: str
    name: str = Field(min_length=1)
    meaning: str = Field(min_length=1)
    anchors: tuple[str, str, str, str, str]
    short: str = ""


class _ScaleTable(BaseModel):
    model_config = FILE
    schema_: Literal["truce/issues/1"] = Field(alias="schema")
    issue: tuple[Scale, ...]

    @model_validator(mode="after")
    def _complete(self) -> _ScaleTable:
        if tuple(scale.id for scale in self.issue) != ISSUES:
            raise ValueError(f"the issues must be, in this order: {', '.join(ISSUES)}")
        return self


def load_scales(path: Path) -> dict[str, Scale]:
    """Read and check a table of scales, by issue.

    Raises
    ------
    CalibrationError
        Naming the file, the key and what is wrong with it.
    """
    return {scale.id: scale for scale in load_toml(path, _ScaleTable, CalibrationError).issue}
