"""How long an answer takes, on two cores of this machine: `make bench`.

Each line gives the seconds, what they are meant to stay under on two quiet cores, and how well the
answer is known by then. The first run of all compiles, and is not counted.
"""

from __future__ import annotations

import datetime as dt
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import sim
from sim.attribution.sensitivity.result import Sensitivity
from sim.inputs.conflict import shipped
from sim.inputs.parameters import find
from sim.inputs.views import Belief, View

EIGHT = {
    "sanctions.us_threat": (0.0, 1.0),
    "sanctions.europe_threat": (0.0, 1.0),
    "aid.level": (0.0, 1.5),
    "offer.territory": (0.5, 1.0),
    "offer.recognition": (0.5, 1.0),
    "guarantee.us_backstop": (0.0, 1.0),
    "monitoring.strength": (0.0, 1.0),
    "concede.nato": [True, False],
}


def half_of(both: Any) -> float:
    return 100.0 * (both[1] - both[0]) / 2.0


def why() -> str:
    found = sim.why("baseline", "joint-ultimatum", workers=2)
    widest = max(one.share.half_width for one in found.levers)
    return f"5 levers, {found.worlds_run:,} runs, widest share +-{100.0 * widest:.2f} points"


def watch() -> str:
    found = sim.watch("baseline", workers=2)
    widest = max(half_of(event.difference.mc) for event in found.clear)
    return f"{found.setting.worlds:,} worlds, widest difference that is told +-{widest:.1f} points"


def tornado() -> str:
    found = sim.sensitivity("baseline", workers=2)
    widest = max(end.difference.half_width for bar in found.tornado for end in bar.ends)
    return f"{len(found.tornado)} levers, widest difference +-{100.0 * widest:.2f} points"


def beyond_the_tornado(**asked: Any) -> Sensitivity:
    """An answer of which the tornado takes next to nothing."""
    return sim.sensitivity("baseline", worlds=256, workers=2, **asked)


def sobol() -> str:
    shares = beyond_the_tornado(vary=EIGHT).parts["sobol"]
    widest = max(half_of(one["shapley"]["mc"]) for one in shares.values())
    return f"8 levers, with the split, widest share +-{widest:.1f} %"


def otherwise() -> str:
    found = beyond_the_tornado(unknowns="otherwise").parts["unknowns"]["otherwise"]
    widest = max(half_of(one["mc"]) for one in found)
    return f"{len(found)} numbers, widest difference +-{widest:.2f} points"


def learned() -> str:
    found = beyond_the_tornado(unknowns="learned").parts["unknowns"]["learned"]
    return f"{len(found['groups'])} groups"


def ranking() -> str:
    found = beyond_the_tornado(
        rank=["joint-ultimatum", "us-backstop"], unknowns="worth", dice=True
    ).parts
    return f"{len(found['ranking']['scenarios'])} scenarios, with worth and dice"


def redteam() -> str:
    found = sim.redteam("joint-ultimatum", workers=2)
    widest = max(one.difference.half_width for one in found.exploits)
    return f"{len(found.screened)} moves, widest difference +-{100.0 * widest:.2f} points"


def update() -> str:
    found = sim.update(workers=2)
    return f"{len(found.rows)} rows, change +-{100.0 * found.change().half_width:.1f} points"


def ledger() -> str:
    results = sim.run("baseline", seed=1)
    by = results.scenario.as_of + dt.timedelta(days=60)
    question = {"text": "?", "resolves": by, "rule": "r", "source": "s", "event": "truce_starts"}
    with tempfile.TemporaryDirectory() as folder:
        one = sim.ledger.seal(results, question, Path(folder) / "ledger.jsonl", hindcast=True)
        score = sim.ledger.score()
    return f"sealed {one.id}; {score.hindcasts.n} hindcasts scored"


FIVE = {
    name: EIGHT[name]
    for name in (
        "sanctions.us_threat",
        "aid.level",
        "offer.territory",
        "guarantee.us_backstop",
        "monitoring.strength",
    )
}


def optimise() -> str:
    found = sim.optimise("baseline", FIVE, workers=2)
    best = found.best
    assert best is not None
    told = f"best {100.0 * best.odds.mean:.1f} % against {100.0 * found.base.odds.mean:.1f} %"
    return f"{found.screened} packages of 5 levers, {told}"


def search() -> str:
    rng = np.random.default_rng(1)
    x = rng.random((4096, 170))
    inside = (x[:, 5] < 0.6) & (x[:, 60] > 0.35) & (x[:, 120] > 0.45)
    found = sim.discover(x, inside ^ (rng.random(4096) < 0.1))
    return f"4,096 rows by 170 numbers: {', '.join(one.name for one in found.box)}"


def discover() -> str:
    found = sim.discover(sim.run("baseline", worlds=4096), where="held<.05", workers=2)
    return f"524,288 worlds, precision +-{half_of(found.evaluation.precision.mc):.1f} points"


def analyst() -> str:
    """An analyst's odds after the run, the run itself and the start of Python left out."""
    row = find(shipped().parameters, "resolve.r")
    belief = Belief.of(row, -0.05, 0.15, 0.35)
    view = View("one", "analyst", "--analyst one.toml", beliefs={"resolve.r": belief})
    found = sim.views("baseline", [sim.Analyst("one", "One", Path("one.toml"), view, ())])
    (seen,) = found.of_kind("analyst")
    odds = seen.odds["held"][0]
    return f"effective size {seen.effective:,.0f}, odds +-{half_of(odds.mc):.1f} points"


def variants() -> str:
    found = sim.views(["baseline", "joint-ultimatum"], variants=True)
    return f"{len(found.of_kind('variant'))} variants, {found.verdict(0).said}"


ANSWERS: tuple[tuple[str, float, Callable[[], str]], ...] = (
    ("why", 15.0, why),
    ("watch", 10.0, watch),
    ("tornado", 10.0, tornado),
    ("Sobol", 15.0, sobol),
    ("otherwise", 60.0, otherwise),
    ("learned", 30.0, learned),
    ("ranking", 60.0, ranking),
    ("redteam", 60.0, redteam),
    ("optimise", 90.0, optimise),
    ("update", 120.0, update),
    ("ledger", 10.0, ledger),
    ("search", 3.0, search),
    ("discover", 15.0, discover),
    ("analyst", 2.0, analyst),
    ("variants", 10.0, variants),
)


def main() -> None:
    sim.run("baseline", worlds=1)
    names = sys.argv[1:]
    for name, limit, answer in ANSWERS:
        if names and name not in names:
            continue
        start = time.perf_counter()
        told = answer()
        seconds = time.perf_counter() - start
        print(f"{name:<10} {seconds:6.1f} s  (meant: {limit:.0f})  {told}", flush=True)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
    print(f"largest resident memory: {most:,.0f} MB (meant: 1,024)")


if __name__ == "__main__":
    main()
