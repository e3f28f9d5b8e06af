"""A result's folder: what it is of, what made it, and whether its files are whole."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

from sim.checkout import made_with
from sim.errors import StoreError
from sim.files import MANIFEST, json_bytes, result_folder, write_json, written_together
from sim.folders import folder_name, folder_of, is_named_after
from sim.frames import html_of
from sim.identity import RUNS, source_of
from sim.inputs.scenario import Scenario
from sim.inputs.scenario_document import scenario_from
from sim.inputs.scenario_file import Claim
from sim.journal import check_finished
from sim.owned import check_place
from sim.read_back import check_alike, is_whole, read_back, sha256_of
from sim.reading import read_document
from sim.text import printable, shown
from sim.typed import check_fields

if TYPE_CHECKING:
    import pandas as pd

MANIFEST_SCHEMA = "truce/manifest/1"


class Kind(NamedTuple):
    """A kind of result.

    Attributes
    ----------
    name
        As in a manifest and on the command line.
    document
        The file of its folder that holds the result as plain data.
    place
        The folder below the outputs in which its folders lie, see `sim.folders.folder_name`; a
        run's and a study's lie one deeper, below the name of their scenario.
    figure
        The function of `sim.plots` that draws it.
    """

    name: str
    document: str
    place: str
    figure: str


KINDS = {
    kind.name: kind
    for kind in (
        Kind("run", "summary.json", "", "odds"),
        Kind("comparison", "summary.json", "comparisons", "differences"),
        Kind("study", "summary.json", "sweeps", "surface"),
        Kind("timeline", "timeline.json", "timelines", "timeline"),
        Kind("influence", "influence.json", "influences", "influence"),
        Kind("explanation", "explanation.json", "explanations", "drivers"),
        Kind("why", "why.json", "whys", "waterfall"),
        Kind("world", "world.json", "turned", "turning_points"),
        Kind("sensitivity", "sensitivity.json", "sensitivities", "tornado"),
        Kind("watch", "watch.json", "watches", "watch"),
        Kind("redteam", "redteam.json", "redteams", "redteam"),
        Kind("optimise", "optimise.json", "optimised", "optimise"),
        Kind("explore", "explore.json", "explored", "explore"),
        Kind("discovery", "discovery.json", "discoveries", "discovery"),
        Kind("update", "update.json", "updates", "update"),
        Kind("views", "views.json", "views", "views"),
    )
}


def named_kinds(kinds: Sequence[str]) -> str:
    """Name kinds in a sentence, such as ``a run or a study``."""
    words = [f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}" for kind in kinds]
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


# ------------------------------------------------------------------ what a result is of


def key_of(deciding: Mapping[str, Any]) -> str:
    """Return an id: 12 hexadecimal digits of a hash of all that decides a result."""
    text = json.dumps(deciding, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def run_key(
    scenario: Scenario, seed: int, worlds: int, precision: float | None, ensemble_id: str
) -> str:
    """Return the id of a run: a hash of all that decides it, and of nothing else."""
    return key_of(
        {
            "scenario": scenario.resolved(),
            "seed": seed,
            "worlds": worlds if precision is None else None,
            "precision": precision,
            "ensemble": ensemble_id,
            "source": source_of(RUNS),
        }
    )


def manifest(kind: str, key: str, facts: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return the manifest of a result (schema `truce/manifest/1`), whose files lie in a folder.

    Parameters
    ----------
    kind
        One of `KINDS`.
    key
        The id of the result.
    facts
        What the result says of itself, as plain data: what was asked for (``request``), the id,
        kind and day of its members (``ensemble``), the hash of the code that made it
        (``source``), the line that makes it again (``command``), and whatever else its kind has.
    folder
        Its files, all of which are hashed; the manifest itself is not among them yet.
    """
    return {
        "schema": MANIFEST_SCHEMA,
        "kind": kind,
        "run_id": key,
        **facts,
        "made": _now(),
        **made_with(),
        "sha256": {path.name: sha256_of(path) for path in sorted(folder.iterdir())},
    }


# ------------------------------------------------------------------ results


class Storable(ABC):
    """A result that can be kept in a folder and opened again, and shows itself in a notebook.

    Each kind of result has ``from_folder``, by which `open` returns what `save` wrote.
    """

    kind: ClassVar[str]
    """One of `KINDS`."""

    @classmethod
    def open(cls, folder: Path | str) -> Self:
        """Return what a folder holds, checked: whoever made it may have put anything into it.

        Raises
        ------
        StoreError
            If it holds nothing of this kind, is damaged, cannot be read, or is of another version.
        ScenarioError
            If a scenario no longer fits the levers that there are.
        """
        folder = Path(folder)
        document, there = opened(folder, cls.kind)
        with read_back(folder):
            result = cls.from_folder(folder, document, there)
            check_fields(result)
            check_alike(there, json.loads(json_bytes(result.as_dict())))
        return result

    @classmethod
    def from_folder(
        cls, folder: Path, manifest: Mapping[str, Any], document: Mapping[str, Any]
    ) -> Self:
        """Return the result of a folder, given the manifest and the document that it holds.

        Whatever it raises for data that are not whole, `open` tells as a fault of the folder.
        """
        raise NotImplementedError(f"{cls.__name__} is not kept")

    @property
    @abstractmethod
    def id(self) -> str:
        """A hash of all that decides the result."""

    @property
    def place(self) -> Path:
        """Where its folder lies below the outputs, if none of its id is there."""
        about = self.facts()["about"]
        name = folder_name(about["scenario"].split(", "), about["as_of"], self.in_short, self.id)
        return Path(KINDS[self.kind].place) / name

    @property
    def in_short(self) -> str:
        """What was asked beside scenario and day, for the folder's name; empty if nothing was."""
        outcome = getattr(self, "outcome", "held")
        return "" if outcome == "held" else str(outcome)

    @abstractmethod
    def as_dict(self) -> dict[str, Any]:
        """Return the result as plain data, as its command prints with ``--json``."""

    @abstractmethod
    def table(self) -> pd.DataFrame:
        """Return its numbers as a table."""

    @abstractmethod
    def facts(self) -> dict[str, Any]:
        """Return what its manifest says of it; see `manifest`."""

    def write_data(self, folder: Path) -> None:  # noqa: B027  most kinds have no more
        """Write what is kept beside the document; nothing unless a kind of result has more."""

    def save(self, out: Path | str, extra: Extra | None = None, files: Sequence[str] = ()) -> Path:
        """Write the result's folder below ``out`` and return it.

        One that is there and whole stays; its manifest notes that it was asked for again.

        Parameters
        ----------
        extra
            Writes further files into the folder, such as `sim.plots.write_odds`.
        files
            Names of files without which a folder is not whole, such as those of ``extra``.

        Raises
        ------
        StoreError
            If it cannot be written, or what is to be kept is not there.
        """
        out = Path(out)
        final = folder_of(out / self.place, self.id)
        check_place(final, out)
        if verified(final, (KINDS[self.kind].document, *files)) is None:
            with result_folder(final, out) as folder:
                self.write_data(folder)
                self.finish(folder, extra)
        else:
            asked_again(final)
        return final

    def finish(self, folder: Path, extra: Extra | None = None) -> None:
        """Add document, further files and, last, the manifest to a folder that has the data."""
        write_json(folder / KINDS[self.kind].document, self.as_dict())
        if extra:
            extra(self, folder)
        write_json(folder / MANIFEST, manifest(self.kind, self.id, self.facts(), folder))

    def plot(self, **options: Any) -> Any:
        """Return its figure, by the function of `sim.plots` that draws it.

        Parameters
        ----------
        **options
            As of that function: ``size``, ``bare``.
        """
        draw = getattr(import_module("sim.plots"), KINDS[self.kind].figure)
        return draw(self, **options)

    def _repr_html_(self) -> str:
        return html_of(repr(self)[1:-1], self.table())


Extra = Callable[[Any, Path], None]
"""Writes further files of a result, such as figures, into its folder."""


# ------------------------------------------------------------------ folders


def verified(folder: Path, files: Sequence[str] = ()) -> dict[str, Any] | None:
    """Return the manifest of a finished result's folder, or None if it is not whole.

    Whole is a folder whose name is the id of its result, or ends with it, in which all of ``files``
    are, and all that the manifest names have the contents that it names.

    Raises
    ------
    StoreError
        If something in it cannot be read, or is no regular file.
    """
    document = read_document(folder / MANIFEST)
    kind = kind_of(document)
    if document is None or kind is None or not is_named_after(folder, document.get("run_id")):
        return None
    from sim.shapes import manifest_problem  # here, since only what is opened is checked

    if manifest_problem(document, kind):
        return None
    return document if is_whole(folder, document.get("sha256"), files) else None


def kind_of(document: Mapping[str, Any] | None) -> str | None:
    """Return the kind of result that a manifest is of; None if it is no manifest that we read."""
    if document is None or document.get("schema") != MANIFEST_SCHEMA:
        return None
    kind = document.get("kind", "run")
    return kind if isinstance(kind, str) and kind in KINDS else None


def opened(folder: Path | str, kind: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the manifest and the document of a finished result of one kind.

    Raises
    ------
    StoreError
        If the folder holds none, it is of another kind, it is not whole, or it cannot be read.
    """
    folder = Path(folder)
    document = read_document(folder / MANIFEST)
    there = kind_of(document)
    if document is None:
        what = "holds no finished result: its manifest.json is missing or damaged."
        raise StoreError(str(folder), what, "Make it again, or name another folder.")
    if there is None:
        what = (
            f"is of the format {shown(document.get('schema'))}, which this version does not read."
        )
        raise StoreError(str(folder), what, "Make it again with this version.")
    if there != kind:
        what = f"is {named_kinds([there])}, not {named_kinds([kind])}."
        raise StoreError(str(folder), what, "`truce runs` lists what is there of each kind.")
    name = KINDS[kind].document
    result = (
        read_document(folder / name) if is_whole(folder, document.get("sha256"), (name,)) else None
    )
    if result is None:
        what = "is damaged or unfinished: a file is missing or not what its manifest names."
        raise StoreError(str(folder), what, again(document))
    from sim.shapes import manifest_problem

    if wrong := manifest_problem(document, kind):
        raise damaged_manifest(folder, wrong)
    return document, result


def scenario_in(document: Mapping[str, Any], where: str) -> Scenario:
    """Return the scenario that a manifest is of, with its claims as they stood when it was run.

    Raises
    ------
    ScenarioError
        If it no longer fits the levers that there are.
    """
    claims = tuple(Claim(**claim) for claim in document.get("claims", ()))
    if data := document["scenario"].get(
        "data"
    ):  # named by whoever made it: nothing is mended there
        check_finished(Path(data["calibration"]))
    return scenario_from(document["scenario"], where, claims)


def damaged_manifest(folder: Path, wrong: str) -> StoreError:
    """Return the error of a folder whose manifest says what none of ours does."""
    what = f"is damaged, or of another version (its {MANIFEST}: {wrong})."
    return StoreError(str(folder), what, "Make it again, or name another folder.")


def again(document: Mapping[str, Any]) -> str:
    """Say how a result is made again, from its manifest."""
    command = document.get("command")
    if not isinstance(command, str) or not command:
        return "Make it again."
    return f"Make it again: {printable(command)[:1500]}."


def asked_again(folder: Path) -> None:
    """Note in the manifest of a result that is there that it was asked for just now.

    So `last` is what was asked for last. Where nothing can be written, it stays as it was.
    """
    document = read_document(folder / MANIFEST)
    if document is not None:
        with contextlib.suppress(StoreError), written_together(folder) as aside:
            write_json(aside / MANIFEST, {**document, "asked": _now()})


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def renew_claims(folder: Path, scenario: Scenario) -> bool:
    """Let the manifest of a finished run say who says so, and where its data are, as of now.

    Neither decides a world, so that a run stays the same run: the same data may lie elsewhere by
    now. Returns whether the claims were others.
    """
    document = read_document(folder / MANIFEST)
    if document is None:
        return False
    claims = json.loads(json.dumps([claim.model_dump() for claim in scenario.claims]))
    data = scenario.conflict.document
    others = bool(document.get("claims") != claims)
    if others or document["scenario"].get("data") != data:
        renewed = {**document, "claims": claims, "scenario": {**document["scenario"], "data": data}}
        with written_together(folder, within=folder.parent) as aside:
            write_json(aside / MANIFEST, renewed)
    return others
