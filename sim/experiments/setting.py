"""What an analysis is put to: scenarios of one day, an ensemble, luck, and how many worlds."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from sim.files import MANIFEST
from sim.identity import RUNS, source_of
from sim.inputs.ensemble import Ensemble, told_of
from sim.inputs.scenario import Scenario
from sim.request import in_python, worlds_request
from sim.store import Storable, scenario_in
from sim.text import days_word


class OfSetting(Storable):
    """A result of scenarios, members and luck, of which its manifest says no more than was asked.

    Attributes
    ----------
    setting
        What it was put to.
    """

    setting: Setting

    @property
    @abstractmethod
    def request(self) -> dict[str, Any]:
        """What was asked for, as plain data."""

    @property
    @abstractmethod
    def command(self) -> str:
        """The line that makes it again."""

    def facts(self) -> dict[str, Any]:
        """Return what its manifest says of it; see `sim.store.manifest`."""
        return {**self.setting.facts(), "request": self.request, "command": self.command}

    @classmethod
    @abstractmethod
    def from_document(cls, setting: Setting, document: Mapping[str, Any], made_by: str) -> Self:
        """Return the result whose plain data `as_dict` gave, made by a command.

        Raises
        ------
        LookupError, TypeError, ValueError
            If the data are not whole.
        """

    @classmethod
    def from_folder(
        cls, folder: Path, manifest: Mapping[str, Any], document: Mapping[str, Any]
    ) -> Self:
        """Return what a folder holds."""
        setting = Setting.from_manifest(folder, manifest)
        return cls.from_document(setting, document, str(manifest["command"]))


@dataclass(frozen=True)
class Setting:
    """What an analysis is put to.

    Attributes
    ----------
    scenarios
        One or more, of one as-of day, one horizon and one conflict.
    ensemble_id, ensemble_kind, ensemble_doubt
        Of the members; the last says why they are weak, if they are.
    seed, worlds
        The luck, and how many worlds of each policy.
    """

    scenarios: tuple[Scenario, ...]
    ensemble_id: str
    ensemble_kind: str
    ensemble_doubt: str
    seed: int
    worlds: int

    @classmethod
    def of(
        cls, scenarios: tuple[Scenario, ...], ensemble: Ensemble, seed: int, worlds: int
    ) -> Setting:
        """Return the setting with an ensemble that was loaded."""
        return cls(scenarios, ensemble.id, ensemble.kind, ensemble.doubt, seed, worlds)

    @property
    def first(self) -> Scenario:
        """The scenario that others are set against."""
        return self.scenarios[0]

    @property
    def request(self) -> dict[str, Any]:
        """What was asked for, as plain data."""
        return worlds_request(self.scenarios, self.worlds, None, self.seed)

    @property
    def in_python(self) -> str:
        """The scenarios as arguments of a call in Python."""
        return ", ".join(in_python(scenario) for scenario in self.request["scenarios"])

    @property
    def deciding(self) -> dict[str, Any]:
        """All of it that decides a result, for `sim.store.key_of`."""
        return {
            "scenarios": [scenario.resolved() for scenario in self.scenarios],
            "worlds": self.worlds,
            "seed": self.seed,
            "ensemble": self.ensemble_id,
            "source": self.source,
        }

    @property
    def source(self) -> str:
        """Hash of the code that decides the numbers."""
        return source_of((*RUNS, "experiments", "attribution"))

    def as_dict(self) -> dict[str, Any]:
        """Return what a result's document says of it."""
        return {
            "scenarios": [scenario.label for scenario in self.scenarios],
            "titles": [scenario.title for scenario in self.scenarios],
            "as_of": self.first.as_of.isoformat(),
            "horizon_days": self.first.horizon_days,
            "seed": self.seed,
            "worlds": self.worlds,
            "ensemble": told_of(self.ensemble_id, self.ensemble_kind, self.ensemble_doubt),
        }

    def facts(self) -> dict[str, Any]:
        """Return what a result's manifest says of it; see `sim.store.manifest`."""
        return {
            "about": {
                "scenario": ", ".join(scenario.label for scenario in self.scenarios),
                "as_of": self.first.as_of.isoformat(),
                "horizon_days": self.first.horizon_days,
                "worlds": self.worlds,
                "seed": self.seed,
                "held": None,
                "agreed": None,
            },
            "scenarios": [
                {
                    "scenario": scenario.as_dict(),
                    "claims": [claim.model_dump() for claim in scenario.claims],
                }
                for scenario in self.scenarios
            ],
            "ensemble": told_of(self.ensemble_id, self.ensemble_kind, self.ensemble_doubt),
            "source": self.source,
        }

    @classmethod
    def from_manifest(cls, folder: Path, manifest: Mapping[str, Any]) -> Setting:
        """Return the setting whose `facts` a manifest holds.

        Raises
        ------
        LookupError, TypeError, ValueError
            If it holds none.
        ScenarioError
            If a scenario no longer fits the levers that there are.
        """
        ensemble, about = manifest["ensemble"], manifest["about"]
        place = str(folder / MANIFEST)
        return cls(
            tuple(scenario_in(one, place) for one in manifest["scenarios"]),
            str(ensemble["id"]),
            str(ensemble["kind"]),
            str(ensemble.get("doubt", "")),
            int(about["seed"]),
            int(about["worlds"]),
        )

    @property
    def caption(self) -> str:
        """Say in a line what the numbers depend on, to stand below a figure."""
        doubt = f" · {self.ensemble_doubt}" if self.ensemble_doubt else ""
        return (
            f"Conditional on model and evidence to {self.first.as_of} · {self.worlds:,} worlds of "
            f"each policy, seed {self.seed} · ensemble {self.ensemble_id} · horizon "
            f"{days_word(self.first.horizon_days)}{doubt}"
        )
