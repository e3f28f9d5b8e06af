"""Writes the command that asks again for what a request asks for."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from sim.inputs.levers import value_text

Request = Mapping[str, Any]
"""Plain data, as `sim.request` and `sim.experiments.sweep.finish.request` make them."""


def run_command(request: Request) -> str:
    """Return the `truce run` of a run's request."""
    (asked,) = request["scenarios"]
    words = [*_truce(asked), "run", asked["name"], *_options(asked), *_size(request)]
    return shlex.join(words)


def compare_command(request: Request) -> str | None:
    """Return the `truce compare` of a comparison's request, or None if there is none.

    Its options hold for all scenarios; settings of some alone have no words there.
    """
    return _of_several("compare", request)


def why_command(request: Request) -> str | None:
    """Return the `truce why` of two scenarios, or None if there is none, as of a comparison."""
    words = _of_several("why", request)
    return f"{words} --outcome {request['outcome']}" if words else None


def watch_command(request: Request) -> str | None:
    """Return the `truce watch` of its request, or None if there is none, as of a comparison."""
    words = _of_several("watch", request)
    return f"{words} --days {request['days']} --outcome {request['outcome']}" if words else None


def redteam_command(request: Request) -> str | None:
    """Return the `truce redteam` of its request."""
    words = _of_several("redteam", request)
    return f"{words} --outcome {request['outcome']}" if words else None


def why_world_command(run: str, request: Request) -> str:
    """Return the `truce why` of one world of a run."""
    first, *_ = request["scenarios"]
    words = ["why", run, "--world", str(request["world"]), "--outcome", request["outcome"]]
    return shlex.join([*_truce(first), *words])


def discover_command(request: Request) -> str:
    """Return the `truce discover` of its request."""
    first, *_ = request["scenarios"]
    words = [*_truce(first), "discover", request["id"], "--where", request["where"]]
    words += ["--over", request["over"]]
    words += ["--of", request["of"]] if request["of"] else []
    return shlex.join([*words, "--most", str(request["most"]), *_size(request)])


def sensitivity_command(request: Request) -> str | None:
    """Return the `truce sensitivity` of its request, or None if there is none."""
    options = [_options(asked) for asked in request["scenarios"]]
    if any(other != options[0] for other in options):
        return None
    first, *others = request["scenarios"]
    words = [*_truce(first), "sensitivity", first["name"], *options[0]]
    for axis in request["vary"]:
        words += ["--vary", f"{axis['lever']}={_range(axis)}"]
    for question in request["unknowns"]:
        words += ["--unknowns", question]
    words += ["--dice"] if request["dice"] else []
    for other in others:
        words += ["--rank", other["name"]]
    return shlex.join([*words, "--outcome", request["outcome"], *_size(request)])


def optimise_command(request: Request) -> str:
    """Return the `truce optimise` of its request."""
    (asked,) = request["scenarios"]
    words = [*_truce(asked), "optimise", asked["name"], *_options(asked)]
    for axis in request["vary"]:
        words += ["--vary", f"{axis['lever']}={_range(axis)}"]
    words += ["--objective", ",".join(request["objective"]), "--robust", request["robust"]]
    for condition in request["where"] or ["none"]:
        words += ["--where", condition]
    for option in ("reach", "most_levers", "costs_file"):
        if request[option] is not None:
            name = option.removesuffix("_file").replace("_", "-")
            words += [f"--{name}", str(request[option])]
    return shlex.join([*words, "--points", str(request["points"]), *_size(request)])


def explore_command(request: Request, path: str = "levers.html") -> str:
    """Return the `truce explore` of its request, which writes the page into a file."""
    (asked,) = request["scenarios"]
    words = [*_truce(asked), "explore", asked["name"], *_options(asked), "--export", path]
    for axis in request["vary"]:
        words += ["--vary", f"{axis['lever']}={_range(axis)}"]
    return shlex.join([*words, *_size(request)])


def scenarios_command(command: str, scenarios: Sequence[Mapping[str, Any]]) -> str | None:
    """Return a command that is given scenarios and options that hold for all of them, or None."""
    options = [_options(asked) for asked in scenarios]
    if any(other != options[0] for other in options):
        return None
    names = [asked["name"] for asked in scenarios]
    return shlex.join([*_truce(scenarios[0]), command, *names, *options[0]])


def record_command(command: str, asked: Mapping[str, Any]) -> str:
    """Return a command about the record up to the day of a scenario, such as `truce timeline`."""
    return shlex.join([*_truce(asked), *command.split(), "--as-of", asked["as_of"]])


def _of_several(command: str, request: Request) -> str | None:
    words = scenarios_command(command, request["scenarios"])
    return f"{words} {shlex.join(_size(request))}" if words else None


def sweep_command(request: Request) -> str:
    """Return the `truce sweep` of a study's request."""
    (asked,) = request["scenarios"]
    words = [*_truce(asked), "sweep", asked["name"], *_options(asked)]
    for axis in request["axes"]:
        words += ["--vary", f"{axis['lever']}={_range(axis)}"]
    if request["kind"] != "grid":
        words += ["--design", request["kind"], "--points", str(request["drawn"])]
    words += _size(request)
    return shlex.join([*words, "--keep-worlds"] if request["keep_worlds"] else words)


def timeline_command(request: Request) -> str:
    """Return the `truce timeline` of a timeline's request."""
    words = [*_truce(request), "timeline", "--as-of", request["as_of"]]
    words += ["--horizon", str(request["horizon_days"]), "--particles", str(request["particles"])]
    return shlex.join([*words, *_size(request)])


def update_command(request: Request, particles: int | None = None) -> str:
    """Return the `truce update` of an update's request, with the pasts that were asked for."""
    (asked,) = request["scenarios"]
    words = [*_truce(asked), "update", "--as-of", asked["as_of"]]
    words += ["--particles", str(particles)] if particles else []
    words += ["--watch", request["watch"]] if request["watch"] else []
    return shlex.join([*words, *_size(request)])


def influence_command(request: Request, every: Sequence[str]) -> str:
    """Return the `truce evidence influence` of its request; ``every`` are all kinds there are."""
    words = [*_truce(request), "evidence", "influence", "--as-of", request["as_of"]]
    words += ["--particles", str(request["particles"]), "--seed", str(request["seed"])]
    if list(request["kinds"]) != list(every):
        words += [word for kind in request["kinds"] for word in ("--only", kind)]
    return shlex.join(words)


def explain_command(request: Request) -> str:
    """Return the `truce explain` of an explanation's request."""
    return shlex.join(
        ["truce", "explain", request["run"], "--outcome", request["outcome"], "--save"]
    )


def _truce(asked: Mapping[str, Any]) -> list[str]:
    """The command, with the folder of its data unless they ship."""
    return ["truce"] if asked["data"] is None else ["truce", "--data", asked["data"]]


def _options(asked: Mapping[str, Any]) -> list[str]:
    """The options that make a scenario what it is beside its file."""
    words = ["--as-of", asked["as_of"]]
    if asked["horizon_days"] is not None:
        words += ["--horizon", str(asked["horizon_days"])]
    for lever, value in asked["overrides"].items():
        words += ["--set", f"{lever}={value_text(value)}"]
    return words


def _size(request: Request) -> list[str]:
    """How many worlds, or how precise; and on what luck."""
    size = ["--worlds", str(request["worlds"])]
    if request.get("precision") is not None:
        size = ["--precision", repr(request["precision"])]
    return [*size, "--seed", str(request["seed"])]


def _range(axis: Mapping[str, Any]) -> str:
    if "values" in axis:
        return ",".join(value_text(value) for value in axis["values"])
    ends = f"{axis['low']:.12g}:{axis['high']:.12g}"
    return f"{ends}:{axis['steps']}" if "steps" in axis else ends
