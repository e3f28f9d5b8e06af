"""Draw the pictures of README and of docs/figures.md: `make gallery`, with fixed seeds."""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from matplotlib.figure import Figure
from PIL import Image

import sim
from sim.attribution.views.feedback import feedback
from sim.inputs.conflict import shipped
from sim.live.serve import listening, served
from sim.plots import style

FOLDER = Path(__file__).parent / "gallery"
SEED, PARTICLES = 1, 16_384
DPI = 84
"""Of the pictures: pages of 672 pixels."""
COLOURS = 96


def run_figures(folder: Path) -> Iterator[tuple[str, Figure]]:
    """Draw what one run gives."""
    results = sim.run("baseline", worlds=20_000, seed=SEED)
    for draw in (sim.plots.odds, sim.plots.endings, sim.plots.incidence, sim.plots.roads,
                 sim.plots.blockers, sim.plots.ignorance):  # fmt: skip
        yield draw.__name__, draw(results, size="page")
    yield "drivers", sim.plots.drivers(sim.explain(results), size="page")
    yield "strip", sim.plots.strip(sim.replay(results, nearest="collapsed"), size="page")


def comparison_figures(folder: Path) -> Iterator[tuple[str, Figure]]:
    """Draw what a comparison gives."""
    names = ["baseline", "joint-ultimatum", "us-backstop", "april-package", "walk-away"]
    comparison = sim.compare(names, worlds=8_000, seed=SEED)
    yield "differences", sim.plots.differences(comparison, size="page")
    yield "outcomes", sim.plots.outcomes(comparison, size="page")


def sweep_figures(folder: Path) -> Iterator[tuple[str, Figure]]:
    """Draw what a sweep gives."""
    vary = {"sanctions.us_threat": (0.0, 1.0, 6), "guarantee.us_backstop": (0.0, 1.0, 6)}
    study = sim.sweep("april-package", vary, worlds=2_000, seed=SEED, out=folder)
    yield "surface", sim.plots.surface(study, size="page")


def evidence_figures(folder: Path) -> Iterator[tuple[str, Figure]]:
    """Draw what the record gives, from fewer pasts than the commands take."""
    last = sim.load_scenario("baseline").as_of
    odds_by_day = sim.timeline(last, particles=PARTICLES, worlds=4_000, seed=SEED)
    yield "timeline", sim.plots.timeline(odds_by_day, size="page")
    influence = sim.influence(last, particles=PARTICLES, seed=SEED)
    yield "influence", sim.plots.influence(influence, size="page")


def why_figures(folder: Path) -> Iterator[tuple[str, Figure]]:
    """Draw why two scenarios differ, and what decided a world."""
    yield "waterfall", sim.plots.waterfall(sim.why("baseline", "joint-ultimatum"), size="page")
    world = sim.why(sim.run("joint-ultimatum", worlds=20_000, seed=SEED), world=0)
    yield "turning_points", sim.plots.turning_points(world, size="page")


def watch_figures(folder: Path) -> Iterator[tuple[str, Figure]]:
    """Draw what to watch, and what would turn a choice."""
    yield "watch", sim.plots.watch(sim.watch("baseline", seed=SEED), size="page")
    choice = sim.watch("joint-ultimatum", "us-backstop", worlds=65_536, seed=SEED)
    yield "watch_choice", sim.plots.watch(choice, size="page")


def analyst_figures(folder: Path) -> Iterator[tuple[str, Figure]]:
    """Draw what an analyst believes, who is made up."""
    stated = {"resolve.r": (-0.04, 0.15, 0.34), "exit_hazard": (0.004, 0.01, 0.024)}
    lines = ['schema = "truce/analyst/1"', 'name = "a-desk"', 'title = "A desk"']
    for name, (low, middle, high) in stated.items():
        lines += ["[[number]]", f'name = "{name}"', f"low = {low}", f"high = {high}"]
        lines += [f"middle = {middle}"]
    path = folder / "a-desk.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    found = feedback(sim.Analyst.open(path), seed=SEED)
    yield "analyst", sim.plots.analyst(found, size="page")


def sensitivity_figures(folder: Path) -> Iterator[tuple[str, Figure]]:
    """Draw what matters, from fewer worlds than the command takes."""
    vary = {
        "sanctions.us_threat": (0.0, 1.0),
        "aid.level": (0.0, 1.5),
        "offer.territory": (0.5, 1.0),
    }
    found = sim.sensitivity(
        "baseline", vary, unknowns=["otherwise", "learned"], dice=True,
        rank=["joint-ultimatum", "us-backstop"], worlds=8_192, seed=SEED,
    )  # fmt: skip
    shares = ("sobol", "split", "dice", "learned")
    for name, draw in sim.plots.sensitivity_figures(found).items():
        yield f"shares_{name}" if name in shares else name, draw(size="page")


def redteam_figures(folder: Path) -> Iterator[tuple[str, Figure]]:
    """Draw which move takes most, from fewer worlds than the command takes."""
    found = sim.redteam("joint-ultimatum", worlds=16_384, seed=SEED)
    yield "redteam", sim.plots.redteam(found, size="page")


def update_figures(folder: Path) -> Iterator[tuple[str, Figure]]:
    """Draw what moved the odds since the ensemble before."""
    yield "update", sim.plots.update(sim.update(out=folder, seed=SEED), size="page")


def ledger_figures(folder: Path) -> Iterator[tuple[str, Figure]]:
    """Draw how the hindcasts that ship have fared."""
    page = sim.ledger.score(shipped().calibration / "ledger.jsonl")
    yield "scores", sim.plots.scores(page, size="page")


def discover_figures(folder: Path) -> Iterator[tuple[str, Figure]]:
    """Draw in which members odds are low."""
    found = sim.discover(sim.run("baseline", worlds=4_096, seed=SEED), where="held<.05")
    yield "discovery", sim.plots.discovery(found, size="page")


def optimise_figures(folder: Path) -> Iterator[tuple[str, Figure]]:
    """Draw which packages no other beats, from fewer worlds than the command takes."""
    vary = {"aid.level": (0.0, 2.0), "offer.territory": (0.5, 1.0), "monitoring.strength": (0, 1)}
    found = sim.optimise("baseline", vary, worlds=4_096, points=64, seed=SEED)
    yield "optimise", sim.plots.optimise(found, size="page")


def explore_figures(folder: Path) -> Iterator[tuple[str, Figure]]:
    """Draw a formula of the odds, fitted to fewer worlds than the command takes."""
    vary = {"aid.level": (0.0, 2.0), "monitoring.strength": (0.0, 1.0)}
    found = sim.explore("baseline", vary, worlds=32_768, seed=SEED)
    yield "explore", sim.plots.explore(found, size="page")


def views_figures(folder: Path) -> Iterator[tuple[str, Figure]]:
    """Draw how far two scenarios differ by the model and by its variants."""
    found = sim.views(["baseline", "joint-ultimatum"], variants=True, seed=SEED)
    yield "views", sim.plots.views(found, size="page")


def page_pictures(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Take the page of `truce explore` with two levers moved, where there is a Chromium."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.stderr.write("Chromium is not here: the picture of the page stays as it is.\n")
        return
    from playwright.sync_api import sync_playwright

    scenario = sim.load_scenario("baseline")
    with served(scenario, listening(0), SEED) as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        page.goto(f"{address}#offer.territory=0.85&aid.level=0.6")
        page.wait_for_selector('.lv-right[aria-busy="false"]')
        page.wait_for_selector('.lv-how:has-text("32,768")')
        yield "levers_page", page.screenshot()
        browser.close()


GROUPS: dict[str, Callable[[Path], Iterator[tuple[str, Figure | bytes]]]] = {
    "run": run_figures,
    "comparison": comparison_figures,
    "sweep": sweep_figures,
    "evidence": evidence_figures,
    "why": why_figures,
    "watch": watch_figures,
    "analyst": analyst_figures,
    "sensitivity": sensitivity_figures,
    "redteam": redteam_figures,
    "update": update_figures,
    "ledger": ledger_figures,
    "discover": discover_figures,
    "optimise": optimise_figures,
    "explore": explore_figures,
    "views": views_figures,
    "page": page_pictures,
}


def write(figure: Figure | bytes, path: Path) -> None:
    """Write a picture of few colours, which takes half the room."""
    drawn = io.BytesIO(figure if isinstance(figure, bytes) else b"")
    if isinstance(figure, Figure):
        with style.style():
            figure.savefig(drawn, format="png", dpi=DPI)
    Image.open(drawn).convert("RGB").quantize(COLOURS).save(path, optimize=True)


def main(groups: list[str]) -> None:
    """Draw all groups, or those that are named."""
    FOLDER.mkdir(exist_ok=True)
    for group in groups or list(GROUPS):
        with tempfile.TemporaryDirectory() as folder:
            for name, figure in GROUPS[group](Path(folder)):
                write(figure, FOLDER / f"{name}.png")
                sys.stdout.write(f"docs/gallery/{name}.png\n")


if __name__ == "__main__":
    main(sys.argv[1:])
