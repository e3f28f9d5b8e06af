"""What came of comparing scenarios: differences with intervals, saved, opened and tabulated."""

from __future__ import annotations

import functools
import tokenize
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from sim.errors import StoreError
from sim.estimates import Odds
from sim.experiments.differences import QUANTITIES, Difference, PriceDifference
from sim.files import MANIFEST
from sim.frames import interval_columns
from sim.inputs.ensemble import told_of
from sim.reading import MAX_TABLE, open_regular
from sim.request import in_python, python_command, size_in_python, worlds_request
from sim.results import Results
from sim.store import Extra, Storable, key_of, scenario_in
from sim.tally import Tally
from sim.text import shown

if TYPE_CHECKING:
    import pandas as pd


SCHEMA = "truce/comparison/1"


COUNTS_FILE = "counts.npz"
"""The counts of all worlds, from which the odds of each scenario follow; see `sim.tally.Tally`."""
MOST_COUNTS = 4_000_000_000
"""The most bytes that they unpack to."""


@dataclass(frozen=True, repr=False, eq=False)
class Comparison(Storable):
    """What came of comparing scenarios with the first of them.

    Attributes
    ----------
    results
        By scenario, in the order given.
    differences
        By quantity (`held`, `agreed`), then one for each scenario but the first.
    rivals
        How much more often `held` comes under the second of two scenarios than under the first of
        them, by their places in ``results``; for each two that are not the first.
    made_by
        The command line that made it, if one did.
    worth
        By actor of a side, how much more a world is worth to it under each scenario but the first.
    """

    results: tuple[Results, ...]
    differences: dict[str, tuple[Difference, ...]]
    rivals: dict[tuple[int, int], Difference]
    made_by: str = field(default="", compare=False)
    worth: dict[str, tuple[PriceDifference, ...]] = field(default_factory=dict)
    kind: ClassVar[str] = "comparison"

    @property
    def worlds(self) -> int:
        """Worlds run of each scenario."""
        return self.results[0].tally.worlds

    @functools.cached_property
    def id(self) -> str:
        """A hash of all that decides the comparison."""
        return key_of({"runs": [result.run_id for result in self.results]})

    def __repr__(self) -> str:
        first, *others = (result.scenario.label for result in self.results)
        verdicts = ", ".join(
            f"{name} {found.verdict} {100.0 * found.mean:+.1f} points"
            for name, found in zip(others, self.differences["held"], strict=True)
        )
        return f"<Comparison with {first}, held: {verdicts}; {self.worlds:,} worlds of each>"

    def prices(self, n: int) -> dict[str, PriceDifference]:
        """By actor, how much more a world is worth under a scenario than under the first."""
        return {actor: each[n - 1] for actor, each in self.worth.items()}

    def odds(self, quantity: str) -> list[Odds]:
        """Odds of a quantity by scenario."""
        if quantity == "agreed":
            return [result.agreed for result in self.results]
        return [result.odds[quantity] for result in self.results]

    def level_with(self, one: int) -> list[int]:
        """The scenarios, but the first, that the dice tie with one in the odds of `held`."""
        tied = [pair for pair, found in self.rivals.items() if found.dice == "tied"]
        return [b if a == one else a for a, b in tied if one in (a, b)]

    def run(self, which: str) -> Results:
        """Return the results of one scenario, by its name or by the id of its run.

        Raises
        ------
        StoreError
            If the comparison has none, or several, of that name.
        """
        by_id = [result for result in self.results if result.run_id == which]
        found = by_id or [
            result
            for result in self.results
            if which in (result.scenario.name, result.scenario.label)
        ]
        if len(found) == 1:
            return found[0]
        there = ", ".join(f"{one.scenario.label} ({one.run_id})" for one in self.results)
        if not which:
            what = "holds several scenarios, and one must be named (--of, of= in Python)."
            raise StoreError(f"comparison {self.id}", what, f"There are: {there}.")
        what = f"has {'several scenarios' if found else 'no scenario'} called {shown(which)}."
        raise StoreError(f"comparison {self.id}", what, f"There are: {there}.")

    # -------------------------------------------------------------- as data

    @property
    def request(self) -> dict[str, Any]:
        """What the comparison was asked for, as plain data."""
        first = self.results[0]
        scenarios = [result.scenario for result in self.results]
        return worlds_request(scenarios, self.worlds, first.precision, first.seed)

    @property
    def command(self) -> str:
        """The line that makes the comparison again: of `truce` if that made it, else of Python."""
        asked = self.request
        scenarios = ", ".join(in_python(scenario) for scenario in asked["scenarios"])
        call = f"sim.compare([{scenarios}], {size_in_python(asked)})"
        return self.made_by or python_command(f"print({call}.summary())")

    def summary(self) -> dict[str, Any]:
        """Return the same as `as_dict`."""
        return self.as_dict()

    def as_dict(self) -> dict[str, Any]:
        """Return the comparison as plain data (schema `truce/comparison/1`)."""
        first = self.results[0]
        return {
            "schema": SCHEMA,
            "id": self.id,
            "as_of": first.scenario.as_of.isoformat(),
            "horizon_days": first.scenario.horizon_days,
            "seed": first.seed,
            "worlds": self.worlds,
            "ensemble": told_of(first.ensemble_id, first.ensemble_kind, first.ensemble_doubt),
            "request": self.request,
            "command": self.command,
            "scenarios": [self._scenario_document(n) for n in range(len(self.results))],
            "rivals": [
                {"first": a, "second": b, **found.as_dict()}
                for (a, b), found in self.rivals.items()
            ],
        }

    def _scenario_document(self, n: int) -> dict[str, Any]:
        result = self.results[n]
        differences = prices = None
        if n:
            differences = {name: each[n - 1].as_dict() for name, each in self.differences.items()}
            prices = {actor: each[n - 1].as_dict() for actor, each in self.worth.items()}
        return {
            "scenario": result.scenario.name,
            "title": result.scenario.title,
            "set": dict(result.scenario.overrides),
            "run_id": result.run_id,
            "odds": {name: odds.as_dict() for name, odds in result.odds.items()},
            "agreed": result.agreed.as_dict(),
            "difference": differences,
            "worth": {actor: one.as_dict() for actor, one in result.worth.items()},
            "worth_difference": prices,
        }

    def table(self) -> pd.DataFrame:
        """Return a row for each scenario but the first, and quantity.

        Columns: ``scenario``, ``quantity``, its odds (``odds``), the difference from the first
        scenario with its intervals as in `Results.table`, ``verdict``, that of the ``dice`` alone,
        the shares of members ``members_ahead`` and ``members_behind``, and the shares of worlds
        that ``gained`` and ``lost`` it. Then a row for each scenario and side, the quantity
        ``worth`` and the actor after a dot: ``worth`` and its difference in stakes.
        """
        import pandas as pd

        rows = []
        for quantity, each in self.differences.items():
            odds = self.odds(quantity)[1:]
            for result, one, found in zip(self.results[1:], odds, each, strict=True):
                rows.append(
                    {
                        "scenario": result.scenario.label,
                        "quantity": quantity,
                        "odds": one.mean,
                        **interval_columns(found),
                        **_verdict_columns(found),
                        "gained": found.gained,
                        "lost": found.lost,
                        "worth": None,
                    }
                )
        rows += [*self._price_rows()]
        return pd.DataFrame(rows)

    def _price_rows(self) -> Iterator[dict[str, Any]]:
        for actor, each in self.worth.items():
            for result, found in zip(self.results[1:], each, strict=True):
                yield {
                    "scenario": result.scenario.label,
                    "quantity": f"worth.{actor}",
                    **interval_columns(found),
                    **_verdict_columns(found),
                    "worth": result.worth[actor].mean,
                }

    # -------------------------------------------------------------- a folder

    def facts(self) -> dict[str, Any]:
        """Return what its manifest says of it; see `sim.store.manifest`."""
        first = self.results[0]
        each = [result.facts() for result in self.results]
        return {
            "about": {
                **each[0]["about"],
                "scenario": ", ".join(result.scenario.label for result in self.results),
                "held": None,
                "agreed": None,
            },
            "as_of": first.scenario.as_of.isoformat(),
            "runs": [result.run_id for result in self.results],
            "scenarios": [
                {name: facts[name] for name in ("scenario", "scenario_file", "claims", "command")}
                for facts in each
            ],
            **{name: each[0][name] for name in ("seed", "worlds", "precision", "ensemble")},
            "ensemble_members": first.tally.members,
            "request": self.request,
            "command": self.command,
            "source": first.source,
        }

    def save(self, out: Path | str, extra: Extra | None = None, files: Sequence[str] = ()) -> Path:
        """Write the comparison's folder below ``out``, and those of its runs.

        Runs whose worlds were not kept get no folder of their own; their counts lie in that of the
        comparison. See `sim.store.Storable.save`.
        """
        for result in self.results:
            if result.rows is not None:
                result.save(out)
        return super().save(out, extra, (COUNTS_FILE, *files))

    def write_data(self, folder: Path) -> None:
        """Write the counts of all worlds, by scenario."""
        arrays: dict[str, Any] = {
            f"{n}.{name}": counts
            for n, result in enumerate(self.results)
            for name, counts in result.tally.arrays().items()
        }
        np.savez_compressed(folder / COUNTS_FILE, **arrays)

    @classmethod
    def from_folder(
        cls, folder: Path, manifest: Mapping[str, Any], document: Mapping[str, Any]
    ) -> Comparison:
        """Return the comparison that a folder holds; the worlds are not kept."""
        results = tuple(_results_in(folder, manifest))
        others = [one["difference"] for one in document["scenarios"][1:]]
        differences = {
            name: tuple(Difference.from_dict(one[name]) for one in others) for name in QUANTITIES
        }
        prices = [one["worth_difference"] for one in document["scenarios"][1:]]
        actors = results[0].scenario.conflict.side_ids
        worth = {
            actor: tuple(PriceDifference.from_dict(one[actor]) for one in prices)
            for actor in actors
        }
        rivals = {
            (int(one["first"]), int(one["second"])): Difference.from_dict(one)
            for one in document["rivals"]
        }
        return cls(results, differences, rivals, str(manifest["command"]), worth)


def _verdict_columns(found: Difference | PriceDifference) -> dict[str, str | float | None]:
    return {
        "verdict": found.verdict,
        "dice": found.dice,
        "members_ahead": found.members_ahead,
        "members_behind": found.members_behind,
    }


def _results_in(folder: Path, manifest: Mapping[str, Any]) -> Iterator[Results]:
    """The results of each scenario of a comparison, from the counts in its folder."""
    counts = _counts_in(folder / COUNTS_FILE)
    for n, (run_id, facts) in enumerate(zip(manifest["runs"], manifest["scenarios"], strict=True)):
        prefix = f"{n}."
        arrays: dict[str, Any] = {
            name.removeprefix(prefix): counts[name] for name in counts if name.startswith(prefix)
        }
        tally = Tally.from_arrays(arrays)
        tally.check(int(manifest["worlds"]))
        yield Results(
            scenario_in(facts, str(folder / MANIFEST)),
            str(manifest["ensemble"]["id"]),
            str(manifest["ensemble"]["kind"]),
            int(manifest["seed"]),
            manifest["precision"],
            tally,
            source=str(manifest["source"]),
            known_id=str(run_id),
            made_by=str(facts["command"]),
            ensemble_doubt=str(manifest["ensemble"].get("doubt", "")),
        )


def _counts_in(path: Path) -> dict[str, Any]:
    """The arrays of a file of counts, if what is packed in it is not far larger than it can be."""
    try:
        with open_regular(path, MAX_TABLE, links=False) as file:
            counts = np.load(file, allow_pickle=False)
            if not isinstance(counts, np.lib.npyio.NpzFile) or counts.zip is None:
                raise ValueError("its counts are no archive")
            size = sum(packed.file_size for packed in counts.zip.infolist())
            if size > MOST_COUNTS:
                raise ValueError(f"its counts have {size:,} bytes")
            return {name: counts[name] for name in counts.files}
    except (zipfile.BadZipFile, tokenize.TokenError, SyntaxError) as error:
        raise ValueError(str(error)) from None
