"""The house: quick imports, no dates, a cache that cannot go stale, a wheel like the checkout."""

from __future__ import annotations

import calendar
import io
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tokenize
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent
HEAVY = ("numba", "mesa", "matplotlib", "scipy", "pandas", "dask", "arviz", "pyarrow", "xlsxwriter")


MONTHS = "|".join(calendar.month_name[1:])
CITED = re.compile(
    rf"\b(?!(?:{MONTHS})\b)[A-Z][\w’'-]*(?: et al\.)?(?: \d+)?,? \(?(?:19|20)\d\d\b|https?://\S+"
)
"""A year that follows the name of an author or of a paper, and addresses."""
DATED = re.compile(
    r"(?<![\w.,/])20\d\d(?![\w%])|(?:spring|summer|autumn|winter|season)s?(?![a-z])", re.IGNORECASE
)


def python(code, **kwargs):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, **kwargs
    )


@pytest.mark.parametrize(
    "code",
    [
        "import sim",
        "import sim; sim.load_scenario('baseline')",
        "import sim.cli",
        "import sim.cli, typer.testing as t; r = t.CliRunner().invoke(sim.cli.app, ['--help']); "
        "assert r.exit_code == 0",
        "import sim.cli, typer.testing as t; r = t.CliRunner().invoke(sim.cli.app, "
        "['evidence', 'list']); assert r.exit_code == 0",
        "import sim.cli, typer.testing as t; r = t.CliRunner().invoke(sim.cli.app, "
        "['scenarios', 'show', 'baseline']); assert r.exit_code == 0",
        "import sim.cli, typer.testing as t; r = t.CliRunner().invoke(sim.cli.app, "
        "['levers']); assert r.exit_code == 0",
    ],
)
def test_what_runs_no_world_loads_nothing_heavy(code):
    told = python(f"{code}\nimport sys; print([m for m in {HEAVY!r} if m in sys.modules])")
    assert told.stdout.strip().endswith("[]")


def test_an_edit_to_a_called_rule_is_never_answered_from_the_cache(tmp_path):
    """The trap of compiled caches: the edited file is not the one of the cached function."""
    copy = tmp_path / "sim"
    shutil.copytree(TOP / "sim", copy, ignore=shutil.ignore_patterns("__pycache__", "data"))
    for folder in ("scenarios", "calibration"):
        shutil.copytree(TOP / folder, tmp_path / folder)
    environment = {**os.environ, "TRUCE_CACHE_DIR": str(tmp_path / "cache")}
    environment["PYTHONPATH"] = os.pathsep.join([str(tmp_path), str(TOP / "tests")])
    code = (
        "import sim.engine.rules.answers as answers\n"
        "from helpers.builders import member, policy, state\n"
        "print(answers.__file__)\n"
        "print(answers.stalling_value(member(), state(), policy(), 0))\n"
        "print(sum(answers.stalling_value.stats.cache_hits.values()))"
    )

    def value_and_cache_hits():
        told = python(code, cwd=tmp_path, env=environment).stdout.split()
        assert told[0].startswith(str(tmp_path))
        return float(told[1]), int(told[2])

    first, again = value_and_cache_hits(), value_and_cache_hits()
    assert first[1] == 0
    assert again == (first[0], 1)
    rule = copy / "engine" / "rules" / "mediator.py"
    text = rule.read_text(encoding="utf-8")
    edited = text.replace("    return 1.0 - against_u\n", "    return 0.0\n")
    assert edited != text
    rule.write_text(edited, encoding="utf-8")
    edited_value, hits = value_and_cache_hits()
    assert hits == 0
    assert edited_value != first[0]


def test_no_rule_is_compiled_with_fastmath():
    for path in (TOP / "sim").rglob("*.py"):
        code = re.sub(r'""".*?"""|#.*', "", path.read_text(encoding="utf-8"), flags=re.S)
        assert "fastmath" not in code, path


def dated(text, *, code=True):
    """What a text says of years and seasons; of code also numbers that can only be years."""
    found = []
    plain = text
    if code:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
        numbers = (token.string for token in tokens if token.type == tokenize.NUMBER)
        found = [number for number in numbers if re.fullmatch("20(0[1-9]|[1-3][0-9])", number)]
        names = (tokenize.STRING, tokenize.COMMENT, tokenize.NAME)
        plain = "\n".join(token.string for token in tokens if token.type in names)
    return found + DATED.findall(CITED.sub("", re.sub(r"\s+", " ", plain)))


def test_no_code_holds_a_year_or_a_season():
    """All days are data."""
    for path in sorted((TOP / "sim").rglob("*")):
        if path.suffix in (".py", ".jinja", ".js", ".typ"):
            text = path.read_text(encoding="utf-8")
            assert not dated(text, code=path.suffix == ".py"), path


@pytest.mark.parametrize(
    "text",
    ["dt.date(2025, 3, 10)", '"As of 2025-05-20."', "# 10 March 2025", '"""Of spring."""',
     "facts.season", 'f"the record of {2031}"', '"in 2031"'],
)  # fmt: skip
def test_years_and_seasons_are_found(text):
    assert dated(text)


@pytest.mark.parametrize(
    "text",
    ['"""Vehtari et al. 2024; Okabe and Ito (2008); Andrieu and\nRoberts 2009."""',
     "WORLDS = 2048", "x = 0.2025", '"Directive 203 (2015)"', "seed = 20_250_310"],
)  # fmt: skip
def test_citations_and_sizes_are_no_dates(text):
    assert not dated(text)


@pytest.mark.long
def test_the_wheel_from_another_folder_does_what_the_checkout_does(tmp_path):
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")],
        cwd=TOP,
        check=True,
        capture_output=True,
    )
    wheel = next((tmp_path / "dist").glob("*.whl"))
    environment = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    at = environment / ("Scripts" if sys.platform == "win32" else "bin")
    site = Path(
        subprocess.run(
            [at / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
    )
    shutil.unpack_archive(wheel, site, "zip")
    # the packages that it needs are borrowed; the checkout's own link is not among them
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    code = (
        "import sim, pathlib; assert 'venv' in sim.__file__, sim.__file__; "
        "from sim.paths import data_dir; assert data_dir('scenarios').parts[-3:-1] == "
        "('sim', 'data'); r = sim.run('baseline', worlds=300, seed=1); "
        "print(r.run_id, r.tally.outcomes.sum(0))"
    )
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    installed = subprocess.run(
        [at / "python", "-c", code], capture_output=True, text=True, cwd=elsewhere
    )
    assert installed.returncode == 0, installed.stderr
    here = python(
        "import sim; r = sim.run('baseline', worlds=300, seed=1); "
        "print(r.run_id, r.tally.outcomes.sum(0))",
        cwd=TOP,
    )
    assert installed.stdout == here.stdout


def test_locks_carry_hashes_and_no_addresses():
    locks = ("requirements.lock", "requirements-user.lock", "requirements-all.lock")
    for name in locks:
        text = (TOP / name).read_text(encoding="utf-8")
        assert "--hash=sha256:" in text
        assert "://" not in text
    core, user, everything = (
        set(re.findall(r"^(\S+==\S+)", (TOP / name).read_text("utf-8"), re.M)) for name in locks
    )
    assert core <= everything
    assert user <= everything
