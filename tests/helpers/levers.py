"""Made-up documents for the pages with levers, and a server that answers with made-up numbers."""

from __future__ import annotations

import contextlib
import itertools
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np

from sim.page import ASSETS, live_page

SIDES = {"russia": "Russia", "ukraine": "Ukraine"}
PLACE = "place on the issue's scale, 0 Kyiv's best to 1 Moscow's best"
PACKAGE = "share of the fullest package in the issuer's hands"
LEVERS = [
    {"lever": "offer.territory", "meaning": "who controls what", "unit": PLACE, "low": 0.0,
     "high": 1.0, "today": "deferred", "start": 0.7, "step": 0.05},
    {"lever": "offer.force_limits", "meaning": "limits on Ukraine's forces and arms supply",
     "unit": PLACE, "low": 0.0, "high": 1.0, "today": "deferred", "start": 0.5, "step": 0.05},
    {"lever": "sanctions.us_threat", "meaning": "sanctions threatened by the mediator for refusing",
     "unit": PACKAGE, "low": 0.0, "high": 1.0, "today": 0.2, "start": 0.2, "step": 0.05},
    {"lever": "mandate.flexibility", "meaning": "how far the mediator may move the package",
     "unit": "share", "low": 0.0, "high": 1.0, "today": 0.3, "start": 0.3, "step": 0.05},
    {"lever": "aid.level", "meaning": "arms supply to Ukraine",
     "unit": "multiple of that of 10 March", "low": 0.0, "high": 2.0, "today": 1.0, "start": 1.0,
     "step": 0.1},
    {"lever": "sanctions.deadline_days", "meaning": "days from a threat to its decision day",
     "unit": "days", "low": 1, "high": 90, "today": 30, "start": 30, "step": 1},
]  # fmt: skip
DOUBTS = [
    {"name": "the level", "levers": [],
     "short": "how likely a truce is at all: differences are safer than levels",
     "text": "Trust the sign of a difference first, its size next, the level last."},
    {"name": "terms on the table", "levers": ["offer.", "concede."],
     "short": "the exact terms beside a truce, which rest on few statements",
     "text": "A package counts by how far it meets each side's aims, and these are measured."},
    {"name": "arms", "levers": ["aid."],
     "short": "that fewer arms for Kyiv hasten a truce: the cost of fighting is assumed",
     "text": "Look at the worth to Kyiv, not at the odds alone."},
]  # fmt: skip
ENSEMBLE = {"id": "posterior-made-up", "kind": "posterior"}


def monomials(t: np.ndarray, degree: int) -> np.ndarray:
    """All products of at most `degree` of some numbers, in graded order, and higher powers of each.

    Those of the second degree, by which the error is told, have no higher powers.
    """
    rows = [
        np.prod(t[list(places)])
        for d in range(degree + 1)
        for places in itertools.combinations_with_replacement(range(len(t)), d)
    ]
    if degree > 2:
        rows += [number**m for m in (4, 5, 6) for number in t]
    return np.array(rows)


def _fit(deferred: list[str], luck: np.random.Generator) -> dict[str, Any]:
    levers = [one["lever"] for one in LEVERS if one["lever"] not in deferred]
    zeros = np.zeros(len(levers))
    powers = np.full(3 * len(levers), 1e-4)
    held = np.append(luck.normal(0.0, 0.03, len(monomials(zeros, 3)) - len(powers)), powers)
    held[0] = -1.7 - 0.25 * len(deferred)
    held[1 : len(levers) + 1] = np.linspace(0.5, 0.1, len(levers))
    both = 1.6 * held
    both[0] -= 0.3
    agreed = 0.9 * held
    agreed[0] += 0.7
    small = luck.normal(0.0, 0.01, (2, len(held) - len(powers)))
    small = np.hstack([small, np.tile(powers, (2, 1))])
    small[:, 0] = -0.56, -0.75
    error = luck.normal(0.0, 0.05, len(monomials(zeros, 2)))
    error[0] = np.log(0.004)
    worth = {side: list(one) for side, one in zip(SIDES, small, strict=True)}
    return {"deferred": deferred, "levers": levers, "held": list(held), "both": list(both),
            "agreed": list(agreed), "worth": worth, "error": list(error)}  # fmt: skip


def explored(**other: Any) -> dict[str, Any]:
    """An emulator's document whose numbers mean nothing; what is named differs."""
    luck = np.random.default_rng(3)
    toggles = ["offer.territory", "offer.force_limits"]
    subsets = [list(one) for k in range(3) for one in itertools.combinations(toggles, k)]
    odds = {"mean": 0.1093, "mc": [0.1062, 0.1125], "ensemble": [0.0009, 0.3722]}
    document = {
        "schema": "truce/explore/1", "id": "0a1b2c3d4e5f", "scenario": "baseline",
        "title": "Baseline", "set": {}, "as_of": "2025-05-20", "horizon_days": 120, "seed": 1,
        "worlds": 262_144, "points": 8, "runs": 8_388_608, "ensemble": ENSEMBLE, "members": 4096,
        "sides": SIDES, "levers": LEVERS, "toggles": toggles,
        "fits": [_fit(one, luck) for one in subsets],
        "today": {
            "worlds": 32_768, "held": odds,
            "agreed": {"mean": 0.2311, "mc": [0.2267, 0.2356], "ensemble": [0.003, 0.741]},
            "worth": {
                "russia": {"mean": -0.5638, "mc": [-0.566, -0.561], "ensemble": [-0.76, -0.37]},
                "ukraine": {"mean": -0.7657, "mc": [-0.769, -0.762], "ensemble": [-1.03, -0.5]},
            },
        },
        "check": {"points": 64, "worlds": 131_072, "rmse": 0.0016, "largest": 0.004,
                  "coverage": 0.94, "held_out": True,
                  "members": {"mean": 0.006, "largest": 0.0213}},
        "doubts": DOUBTS, "request": {},
        "command": "truce explore baseline --export levers.html --vary offer.territory=0:1",
    }  # fmt: skip
    return json.loads(json.dumps({**document, **other}))


# ------------------------------------------------------------------ a server


def _live_levers() -> list[dict[str, Any]]:
    numbers = [
        {**one, "kind": "number", "choices": [], "deferrable": one["lever"].startswith("offer."),
         "value": one["today"]}
        for one in LEVERS
    ]  # fmt: skip
    others = [
        {"lever": "sanctions.us_follow_through", "kind": "choice", "value": "drawn",
         "meaning": "whether the mediator carries out its threats against refusal",
         "unit": "as the model draws, always, or never", "choices": ["drawn", "kept", "broken"]},
        {"lever": "mandate.territory", "kind": "flag", "value": True,
         "meaning": "the mediator may concede on who controls what", "unit": "true or false"},
        {"lever": "guarantee.us_backstop", "kind": "number", "value": 0.0, "unit": "share",
         "meaning": "how far the mediator stands behind that protection", "low": 0.0, "high": 1.0,
         "step": 0.05, "start": 0.0},
        {"lever": "front.momentum_shift", "kind": "number", "value": 0.0, "unit": "momentum",
         "meaning": "shift of the front's mean momentum, positive for Russia", "low": -1.0,
         "high": 1.0, "step": 0.05, "start": 0.0},
    ]  # fmt: skip
    blank = {"low": None, "high": None, "step": None, "choices": [], "deferrable": False,
             "start": None}  # fmt: skip
    told = [{**blank, **one} for one in (*numbers, *others)]
    source = "2025-05-20: 002, paragraphs 1 and 8: declined for now; the share is assumed"
    return [{**one, "group": one["lever"].split(".")[0], "source": source} for one in told]


def _pull(levers: dict[str, Any]) -> float:
    """How much the made-up odds rise."""
    moved = {**{one["lever"]: one["value"] for one in _live_levers()}, **levers}
    rise = 0.08 * (moved["sanctions.us_threat"] - 0.2) - 0.02 * (moved["aid.level"] - 1.0)
    rise += 0.05 * (moved["mandate.flexibility"] - 0.3)
    return rise + sum(0.04 for name in moved if name[:6] == "offer." and name in levers)


def _odds(mean: float, error: float) -> dict[str, Any]:
    return {"mean": mean, "mc": [mean - error, mean + error],
            "ensemble": [mean / 50, min(3.2 * mean, 1.0)], "median_member": mean / 2}  # fmt: skip


def _change(mean: float, error: float) -> dict[str, Any]:
    sign = "ahead" if mean > 0 else "behind"
    verdict = "tied" if abs(mean) <= error else sign if abs(mean) > 0.05 else f"{sign} on average"
    return {"mean": mean, "mc": [mean - error, mean + error],
            "ensemble": [mean - 0.08, mean + 0.12], "verdict": verdict,
            "gained": 0.04 + max(mean, 0), "lost": 0.04 + max(-mean, 0)}  # fmt: skip


def answer(levers: dict[str, Any], worlds: int, turn: int = 0) -> dict[str, Any]:
    """An answer of the server with made-up numbers."""
    held, error = 0.109 + _pull(levers), 0.8 / worlds**0.5
    means = {"held": held, "collapsed": 0.12, "walked_away": 0.35, "partial_only": 0.15,
             "no_truce": 0.38 - held}  # fmt: skip
    worth = {"russia": -0.564 + _pull(levers) / 9, "ukraine": -0.766 - _pull(levers) / 3}
    rise = _pull(levers)
    difference = {
        "held": _change(rise, error / 2),
        "agreed": _change(1.3 * rise, error / 2),
        "worth": {"russia": _change(rise / 9, 0.002), "ukraine": _change(-rise / 3, 0.002)},
    }
    return {
        "turn": turn, "worlds": worlds, "levers": levers,
        "odds": {name: _odds(mean, error) for name, mean in means.items()},
        "agreed": _odds(held + 0.12, error),
        "worth": {side: {"mean": mean, "mc": [mean - 0.003, mean + 0.003],
                         "ensemble": [mean - 0.2, mean + 0.2]} for side, mean in worth.items()},
        "days_to_truce": {"p10": 8, "p50": 41, "p90": 100},
        "blockers": {"russia": {"share": 0.70, "issues": {"truce_terms": 0.34, "territory": 0.32,
                                                          "force_limits": 0.27}},
                     "ukraine": {"share": 0.27, "issues": {"territory": 0.48, "sanctions": 0.29}}},
        "difference": difference if levers else None, "typical": 17,
        "doubts": ["the level"], "command": "truce run baseline",
    }  # fmt: skip


def start(**other: Any) -> dict[str, Any]:
    """What the server says at the start; what is named differs."""
    words = {"held": "a truce holds", "collapsed": "a truce is agreed and collapses",
             "walked_away": "the mediator walks away", "partial_only": "only a partial truce comes",
             "no_truce": "no truce comes"}  # fmt: skip
    return {
        "scenario": "baseline", "title": "Baseline", "as_of": "2025-05-20", "horizon_days": 120,
        "seed": 1, "members": 4096, "ensemble": ENSEMBLE, "sides": SIDES, "quick": 4096,
        "most": 32_768, "levers": _live_levers(), "first": [one["lever"] for one in LEVERS],
        "doubts": DOUBTS, "outcomes": words, "base": answer({}, 32_768),
        "limits": "A simulation under stated assumptions: no prediction and no advice.", **other,
    }  # fmt: skip


def _world(asked: dict[str, Any]) -> dict[str, Any]:
    world = asked["world"]
    quiet = 30 + world % 40
    days = ["war"] * 12 + ["pause"] * 3 + ["war"] * (quiet - 15) + ["partial"] * 20
    days += ["truce"] * (120 - len(days))
    events = [{"day": 13, "text": "Russia declares a pause."},
              {"day": quiet + 21, "text": "A full truce takes effect."}]  # fmt: skip
    return {"world": world, "member": world // 4, "outcome": "held", "days": days,
            "events": events, "command": f"truce replay baseline --world {world}"}  # fmt: skip


POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Mock:
    """A server with made-up numbers: what it was asked, and how it is to answer.

    ``asked`` has path and body of each request; ``delay`` is in seconds, ``refuse`` an error that
    is told to whoever asks for odds or saves, and ``stale`` tells each turn that a later one came.
    """

    def __init__(self, **other: Any) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.under_way = self.most_under_way = 0
        self.delay, self.refuse, self.stale = 0.0, None, False
        self.start = start(**other)

    def odds(self, asked: dict[str, Any]) -> tuple[int, Any]:
        """Answer a turn, late if told so."""
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        time.sleep(self.delay)
        self.under_way -= 1
        return 200, answer(asked["levers"], asked["worlds"], asked["turn"])

    def reply(self, path: str, asked: Any) -> tuple[int, Any]:
        """The status and the document for a path."""
        if self.refuse and path in ("/api/odds", "/api/save"):
            return 400, {"error": self.refuse}
        if path == "/api/odds":
            return (409, {"stale": True}) if self.stale else self.odds(asked)
        if path == "/api/compare":
            both = [answer(asked[one], 32_768) for one in "ab"]
            rise = _pull(asked["b"]) - _pull(asked["a"])
            worth = {side: _change(-rise / 4, 0.002) for side in SIDES}
            change = {"held": _change(rise, 0.002), "agreed": _change(rise, 0.002), "worth": worth}
            return 200, {"a": both[0], "b": both[1], "difference": change,
                         "command": "truce compare baseline baseline+aid.level=0"}  # fmt: skip
        if path == "/api/world":
            return 200, _world(asked)
        path = f"scenarios/{asked['name']}.toml"
        return 201, {"path": path, "command": f"truce run {path}"}


def _handler(mock: Mock) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def send(self, status: int, kind: str, body: bytes) -> None:
            with contextlib.suppress(ConnectionError):  # the page broke its request off
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Content-Security-Policy", POLICY)
                self.end_headers()
                self.wfile.write(body)

        def do_GET(self) -> None:
            name = self.path.removeprefix("/assets/")
            if self.path == "/":
                self.send(200, "text/html; charset=utf-8", live_page())
            elif self.path == "/api/start":
                self.send(200, "application/json", json.dumps(mock.start).encode())
            elif name in ASSETS:
                kind = "text/css" if name.endswith(".css") else "text/javascript"
                self.send(200, f"{kind}; charset=utf-8", ASSETS[name].read_bytes())
            else:
                self.send(404, "text/plain", b"")

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            mock.asked.append((self.path, asked))
            status, told = mock.reply(self.path, asked)
            self.send(status, "application/json", json.dumps(told).encode())

    return Handler


@contextlib.contextmanager
def serving(mock: Mock) -> Iterator[str]:
    """Serve the live page with made-up answers; give its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(mock))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
