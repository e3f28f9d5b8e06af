from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sim.inputs.conflict import Conflict
from sim.inputs.views import View


@dataclass(frozen=True)
class Analyst:
    name: str
    title: str
    path: Path | None
    view: View

    @classmethod
    def open(cls, path: Path | str, conflict: Conflict | None = None) -> Analyst:
        raise NotImplementedError
