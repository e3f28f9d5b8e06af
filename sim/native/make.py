"""Make the LLVM text of compiled functions, which `sim.native.code` turns into machine code.

`make kernel` does it; it is needed after every change of the rules.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import re
from collections.abc import Callable, Sequence
from typing import Any

import llvmlite.binding as llvm
import numba
import numpy as np
from numba.core.caching import NullCache

from sim.engine.cases import consecutive
from sim.engine.records import new_workspace
from sim.engine.row import ROW
from sim.identity import source_of
from sim.inputs.ensemble import load_ensemble
from sim.inputs.reactive import agenda
from sim.inputs.scenario import load_scenario
from sim.native import run_cases
from sim.native.arguments import fingerprint, words
from sim.native.code import FOLDER, Entry, machine


def make(entry: Entry, arguments: Sequence[Any]) -> None:
    """Compile a function with Numba for arguments like these, and keep the text of it."""
    function: Any = entry.numba()
    numba_cache, function._cache = function._cache, NullCache()
    taken = tuple(map(numba.typeof, arguments))
    if taken in function.overloads:
        function.recompile()  # code from the cache has no text
    else:
        function.compile(taken)
    compiled = function.overloads[taken]
    function._cache = numba_cache
    text = alone(compiled.library.get_llvm_str(), compiled.fndesc.llvm_func_name, entry.name)
    packed = lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME)
    told = {
        "source": source_of(entry.rooms),
        "sha256": hashlib.sha256(packed).hexdigest(),
        "triple": machine().triple,
        "arguments": fingerprint(arguments),
        "words": len(words(arguments)),
    }
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{entry.name}.ll.xz").write_bytes(packed)
    told_as = json.dumps(told, indent=1, ensure_ascii=False) + "\n"
    (FOLDER / f"{entry.name}.json").write_text(told_as, encoding="utf-8")


def arguments_of(entry: Entry, call: Callable[[], Any]) -> tuple[Any, ...]:
    """Return the arguments of the first call of a function that some work makes."""
    real, taken = entry.numba, []

    def seen(*arguments: Any) -> None:
        taken.append(arguments)
        real()(*arguments)

    entry.use_numba()
    entry.numba = lambda: seen
    try:
        call()
    finally:
        entry.numba = real
    return taken[0]


def alone(text: str, long_name: str, name: str) -> str:
    """Return the text of one function, under a short name, with what it needs and nothing else."""
    renamed = re.sub(rf'@"?{re.escape(long_name)}"?(?=[( ,)\n])', f"@{name}", text)
    module = llvm.parse_assembly(renamed)
    for one in (*module.functions, *module.global_variables):
        if not one.is_declaration and one.name != name:
            one.linkage = "internal"
    passes = llvm.create_new_module_pass_manager()
    passes.add_global_dead_code_eliminate_pass()
    options = llvm.create_pipeline_tuning_options(speed_level=0)
    passes.run(module, llvm.create_pass_builder(machine().target(), options))
    return str(module)


def make_worlds() -> None:
    """Make the text of `sim.engine.world.run_cases`, for the baseline's kinds of arguments."""
    scenario = load_scenario("baseline")
    ensemble = load_ensemble(scenario.as_of)
    members, starts = ensemble.members, ensemble.starts
    cases, rows = consecutive(0, 1, len(members)), np.zeros(1, ROW)
    days = agenda(scenario).alone
    make(run_cases, (days, members, starts, cases, new_workspace(members), rows))
