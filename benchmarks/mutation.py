"""Which small faults the unit tests notice: `python benchmarks/mutation.py --sample 60 --seed 1`.

Each mutant is one file of a copy of the checkout with one thing changed: an operator, a constant,
a condition, a statement that is left out. The fast unit tests run on it without the compiler; what
they let pass is printed, and a time-out counts as noticed. Needs a system that can fork.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import importlib
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

os.environ["NUMBA_DISABLE_JIT"] = "1"
ROOT = Path(__file__).resolve().parents[1]
COPIED = ("sim", "scenarios", "calibration", "tests")
HEAVY = ("pytest", "numba", "pandas", "pyarrow.parquet", "mesa", "pydantic", "scipy.special")
FILES = (
    "sim/engine/rules/*.py",
    "sim/engine/world.py",
    "sim/engine/streams.py",
    "sim/inputs/agenda.py",
    "sim/inputs/scenario.py",
)
TESTS = ("answers", "pressure", "mediator", "proposal", "blocs", "truce", "rounds", "day",
         "decisions")  # fmt: skip
OWN = {"scenario": ("scenario",), "agenda": ("scenario",), "streams": ("streams",),
       "world": ("decisions", "rounds"), "day": ("day", "rounds", "truce"),
       "price": ("day",), "rows": ("day", "rounds"),
       "front": ("mediator", "truce", "answers", "proposal", "rounds", "day")}  # fmt: skip
"""The tests that can notice a fault in a file, the nearest first; otherwise its own, then all."""
LEFT_OUT = ("s_shaped", "that_nothing_ends", "summed_rates", "every_tolerance", "hazard_of_both",
            "mover_reckons", "mover_knows", "put_on_the_table_that_day", "waits_until",
            "stay_bounded", "pledges_of_yesterday", "laid_at_the_door", "each_day_of_a_world",
            "world_of_war", "world_of_peace", "where_it_is_read")  # fmt: skip
"""Parts of the names of tests that tell whole worlds, or divide by nothing."""

PYTEST = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-m", "not long"]
PAIRS = [(ast.Add, ast.Sub), (ast.Mult, ast.Div), (ast.Mod, ast.FloorDiv), (ast.And, ast.Or),
         (ast.LShift, ast.RShift), (ast.BitAnd, ast.BitOr), (ast.Eq, ast.NotEq),
         (ast.In, ast.NotIn), (ast.Is, ast.IsNot)]  # fmt: skip
SWAPS: dict[type, tuple[Any, ...]] = {a: (b,) for x, y in PAIRS for a, b in ((x, y), (y, x))} | {
    ast.Pow: (ast.Mult,), ast.BitXor: (ast.BitOr,), ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
}  # fmt: skip


class Mutant(NamedTuple):
    """One changed file."""

    file: str
    line: int
    old: str
    new: str
    source: str


def replacements(node: ast.AST) -> Iterator[ast.AST]:
    """What could have stood in its place."""
    match node:
        case ast.BinOp(a, op, b) | ast.AugAssign(a, op, b):
            yield from (type(node)(a, swap(), b) for swap in SWAPS[type(op)])
        case ast.BoolOp(op, values):
            yield ast.BoolOp(SWAPS[type(op)][0](), values)
        case ast.Compare(left, ops, others):
            for n, op in enumerate(ops):
                for swap in SWAPS[type(op)]:
                    yield ast.Compare(left, [*ops[:n], swap(), *ops[n + 1 :]], others)
        case ast.UnaryOp(ast.Not() | ast.USub(), operand):
            yield operand
        case ast.Constant(bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(int() | float() as value):
            yield ast.Constant(type(value)(0 if value == 1 else value + 1))
        case ast.Call(ast.Name("min" | "max" as name), arguments, []):
            yield ast.Call(ast.Name("max" if name == "min" else "min"), arguments, [])
        case ast.If(test, body, orelse) | ast.IfExp(test, body, orelse):
            if not isinstance(test, ast.Compare):
                yield type(node)(ast.UnaryOp(ast.Not(), test), body, orelse)


def droppable(node: ast.AST, last: bool) -> bool:
    """Whether a statement can be left out: no docstring, first value of a name, or last return."""
    match node:
        case ast.Expr(ast.Constant()) | ast.Assign([ast.Name() | ast.Tuple()], _):
            return False
        case ast.Return():
            return not last
    return isinstance(node, ast.Expr | ast.Assign | ast.AugAssign | ast.Raise)


def places(node: ast.AST, inside: bool = False) -> Iterator[tuple[ast.AST, Any, Any, bool]]:
    """Where something can be replaced: parent, its list or attributes, key, if in a function."""
    inside = inside or isinstance(node, ast.FunctionDef)
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list"):
            continue
        many = isinstance(value, list)
        for key, child in enumerate(value) if many else [(field, value)]:
            if isinstance(child, ast.AST):
                yield node, value if many else vars(node), key, inside
                yield from places(child, inside)


def mutants_of(path: Path, root: Path) -> Iterator[Mutant]:
    """Every mutant of a file; the tree is as before after each."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    plain = ast.unparse(tree)
    for parent, home, key, inside in list(places(tree)):
        node = home[key]
        last = isinstance(parent, ast.FunctionDef) and node is parent.body[-1]
        dropped = [ast.Pass()] if inside and droppable(node, last) else []
        for new in [*replacements(node), *dropped]:
            home[key] = new
            source = ast.unparse(tree)
            lines = zip(plain.split("\n"), source.split("\n"), strict=False)
            old, other = next((a.strip(), b.strip()) for a, b in lines if a != b)
            yield Mutant(path.relative_to(root).as_posix(), node.lineno, old, other, source)
        home[key] = node


def noticed(folder: Path, tests: list[str], seconds: int, *, first: bool = False) -> bool:
    """Whether the tests fail, or take too long, in a process of their own.

    The first time, on what is not mutated, leaves Python's own compiled files for the others.
    """
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1] != 0
    signal.alarm(seconds)
    sys.dont_write_bytecode = not first
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    for stream in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
    code, chosen = 99, " and ".join(f"not {name}" for name in LEFT_OUT)
    with contextlib.suppress(BaseException):
        result = int(importlib.import_module("pytest").main([*PYTEST, "-k", chosen, *tests]))
        if Path(sys.modules["sim"].__file__ or "").is_relative_to(folder):
            code = result
    os._exit(code)


def tests_of(file: str) -> list[str]:
    names = OWN.get(Path(file).stem) or dict.fromkeys((Path(file).stem, *TESTS))
    paths = [f"tests/test_{name}.py" for name in names]
    return [path for path in paths if (ROOT / path).exists()]


def work(folder: Path, mutants: list[Mutant], seconds: int) -> list[bool]:
    """Try mutants one by one in a copy of the checkout of their own."""
    found = []
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    os.environ["TRUCE_CACHE_DIR"] = str(folder / "cache")
    for file in {mutant.file for mutant in mutants}:
        if noticed(folder, tests_of(file), 10 * seconds, first=True):
            raise RuntimeError(f"the tests of {file} fail, or nothing is tested, without a mutant")
    for mutant in mutants:
        before = (target := folder / mutant.file).read_text(encoding="utf-8")
        target.write_text(mutant.source, encoding="utf-8")
        found.append(noticed(folder, tests_of(mutant.file), seconds))
        target.write_text(before, encoding="utf-8")
    return found


def main() -> None:
    """Print the score of each file and its survivors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, help="so many mutants a file; all without")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--file", action="append", help="a file or pattern below the checkout")
    parser.add_argument("--seconds", type=int, default=20, help="limit for a mutant")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    chosen: list[Mutant] = []
    for path in sorted(p for pattern in options.file or FILES for p in ROOT.glob(pattern)):
        mutants = list(mutants_of(path, ROOT))
        luck = random.Random(f"{options.seed} {path.relative_to(ROOT).as_posix()}")
        chosen += luck.sample(mutants, min(options.sample or len(mutants), len(mutants)))
    for name in HEAVY:
        importlib.import_module(name)
    parts = [chosen[n :: options.jobs] for n in range(options.jobs)]
    with tempfile.TemporaryDirectory() as top:
        tasks = [(Path(top) / str(n), part, options.seconds) for n, part in enumerate(parts)]
        with multiprocessing.get_context("fork").Pool(options.jobs) as pool:
            verdicts = pool.starmap(work, tasks)
    killed = [verdicts[n % options.jobs][n // options.jobs] for n in range(len(chosen))]
    for file in dict.fromkeys(mutant.file for mutant in chosen):
        mine = [pair for pair in zip(chosen, killed, strict=True) if pair[0].file == file]
        dead = sum(verdict for _, verdict in mine)
        print(f"{file}: {len(mine)} mutants, {dead} killed, {dead / len(mine):.0%}")
        for mutant in sorted(mutant for mutant, verdict in mine if not verdict):
            print(f"  {mutant.file}:{mutant.line}: {mutant.old}  ->  {mutant.new}")


if __name__ == "__main__":
    main()
