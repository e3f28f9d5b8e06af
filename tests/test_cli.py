"""The command as a user types it: what it prints, writes, exits with, and refuses."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import typer
from helpers.command import TRUCE, truce, truce_process

from sim import store
from sim.cli import app
from sim.cli.options import percent
from sim.cli.tables import progress_bar
from sim.commands import run_command
from sim.engine.domain import Issue, Public
from sim.errors import StoreError
from sim.paths import check_writable, data_dir

COLUMNS = [
    "world", "member", "outcome", "first_truce_day", "truce_days", "full_truces",
    "partial_truces", "short_truces", "unilateral_pauses", "ended_by", "broke_first",
    "blocked_last", "blocked_issue",
    *(f"x_{issue.name.lower()}" for issue in Issue if issue < 7),
    "momentum_end", "sanctions_end", "guarantee_end", "credibility_us_end",
    "credibility_europe_end", "worth_r", "worth_u",
    *(f"signed_{issue.name.lower()}" for issue in Issue if issue < 5),
    "signed_guarantee", "signed_relief",
    *(f"day_{event.name.lower()}" for event in Public),
]  # fmt: skip


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    out = tmp_path_factory.mktemp("outputs")
    done = truce_process("run", "baseline", "--worlds", 3000, "--seed", 3, "--json", "--out", out)
    assert done.returncode == 0, done.stderr
    return done, json.loads(done.stdout), out


def folder_of(summary, out):
    return out / summary["scenario"] / summary["run_id"]


def test_json_is_exactly_the_summary(ran):
    done, summary, out = ran
    written = (folder_of(summary, out) / "summary.json").read_text(encoding="utf-8")
    assert written == done.stdout
    assert summary["worlds"] == 3000
    assert summary["members"] == 750
    assert sum(odds["mean"] for odds in summary["odds"].values()) == pytest.approx(1.0, abs=1e-12)


def test_the_folder_has_everything_and_the_manifest_vouches_for_it(ran):
    _, summary, out = ran
    folder = folder_of(summary, out)
    names = {path.name for path in folder.iterdir()}
    assert names == {"manifest.json", "summary.json", "worlds.parquet", "odds.png", "odds.svg"}
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["sha256"]) == names - {"manifest.json"}
    assert manifest["run_id"] == summary["run_id"] == folder.name
    assert manifest["seed"] == 3
    assert manifest["ensemble"] == {**summary["ensemble"], "as_of": "2025-05-20"}
    assert manifest["command"] == "truce run baseline --as-of 2025-05-20 --worlds 3000 --seed 3"


def test_worlds_have_the_columns_and_blocks_of_the_contract(ran):
    _, summary, out = ran
    file = pq.ParquetFile(folder_of(summary, out) / "worlds.parquet")
    assert file.schema_arrow.names == COLUMNS
    assert file.num_row_groups == 2
    table = file.read()
    assert table["world"].to_pylist() == list(range(3000))
    assert str(table.schema.field("member").type) == "int16"
    assert set(table["outcome"].to_pylist()) <= set(summary["odds"])
    held = table["outcome"].to_pylist().count("held") / 3000
    assert held == summary["odds"]["held"]["mean"]
    frame = table.to_pandas()
    agreed = frame["outcome"].isin(["held", "collapsed"])
    assert frame["first_truce_day"].notna().eq(agreed).all()
    assert 0.0 < frame["x_territory"].isna().mean() < 1.0
    assert frame["x_guarantees"].isna().equals(frame["x_sanctions"].isna())
    for name in ("partial_truces", "short_truces", "unilateral_pauses"):
        assert str(table.schema.field(name).type) == "int16"
        assert frame[name].max() > 0
    assert set(frame["broke_first"].dropna()) == {"russia", "ukraine"}
    days = 2.2 * len(Public)  # columns of int16, with a bit each for null
    assert table.nbytes / 3000 < 78 + 9 * 4.2 + days  # price and terms are nine of float32
    assert (folder_of(summary, out) / "worlds.parquet").stat().st_size / 3000 < 100


def test_running_again_verifies_and_reuses_the_folder(ran):
    done, summary, out = ran
    path = folder_of(summary, out) / "worlds.parquet"
    before = path.stat().st_mtime_ns
    again = truce("run", "baseline", "--worlds", 3000, "--seed", 3, "--json", "--out", out)
    assert again.stdout == done.stdout
    assert "there already, and whole" in again.stderr
    assert path.stat().st_mtime_ns == before


def test_a_damaged_folder_is_made_anew(ran):
    done, summary, out = ran
    path = folder_of(summary, out) / "worlds.parquet"
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + b"x")
    notes = path.with_name("notes.txt")
    notes.write_text("mine", encoding="utf-8")
    again = truce("run", "baseline", "--worlds", 3000, "--seed", 3, "--json", "--out", out)
    assert "is incomplete; running again" in again.stderr
    assert again.stdout == done.stdout
    assert path.read_bytes() == whole
    assert notes.read_text(encoding="utf-8") == "mine"
    notes.unlink()


@pytest.mark.parametrize("text", ["[]", "null", '{"sha256": null}', "[" * 100_000])
def test_a_damaged_manifest_is_no_whole_run(ran, text):
    _, summary, out = ran
    folder = folder_of(summary, out)
    path = folder / "manifest.json"
    whole = path.read_bytes()
    path.write_text(text, encoding="utf-8")
    assert store.verified(folder) is None
    path.write_bytes(whole)
    assert store.verified(folder) == json.loads(whole)


def test_a_run_loads_no_pandas(tmp_path):
    """It takes time, and an interrupt during its import gets lost."""
    code = (
        "import sys; from sim.cli import app; import typer.testing as t; "
        f"r = t.CliRunner().invoke(app, ['run', 'baseline', '--worlds', '64', '--out', "
        f"{str(tmp_path)!r}]); assert r.exit_code == 0, r.output; "
        "print([m for m in ('pandas', 'scipy.stats', 'matplotlib.pyplot') if m in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert told.stdout.strip() == "[]", told.stderr


def test_any_title_can_be_told_on_any_terminal(tmp_path):
    path = tmp_path / "any.toml"
    path.write_text(
        'schema = "truce/scenario/1"\ntitle = "Перемирʼя ☮"\nquestion = "?"\nas_of = 2025-05-20\n',
        encoding="utf-8",
    )
    done = subprocess.run(
        [*TRUCE, "run", str(path), "--worlds", "64", "--out", str(tmp_path)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert done.returncode == 0, done.stderr


def test_the_rebuilding_command_rebuilds(tmp_path):
    import sim

    odd = tmp_path / "sp ace;$x.toml"
    text = 'schema = "truce/scenario/1"\ntitle = "t"\nquestion = "q"\nas_of = 2025-05-20\n'
    odd.write_text(text, encoding="utf-8")
    scenario = sim.load_scenario(odd).with_levers({"aid.level": 0.5}).with_horizon(30)
    results = sim.run(scenario, seed=np.int64(4), precision=np.float32(0.0123456789), keep=False)
    words = shlex.split(run_command(results.request))
    assert words[:2] == ["truce", "run"]
    done = truce(*words[1:], "--json", "--out", tmp_path)
    assert json.loads(done.stdout)["run_id"] == results.run_id


def test_a_run_that_was_saved_from_python_says_how_to_make_it_again(tmp_path):
    import sim

    scenario = sim.load_scenario("baseline", dt.date(2025, 5, 8), 30)
    results = sim.run(scenario.with_levers({"aid.level": 0.5}), worlds=40, seed=4)
    folder = results.save(tmp_path / "first")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["request"] == results.request
    python, *words = shlex.split(manifest["command"])
    assert python == "python"
    here = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, *words], check=True, env=here, cwd=tmp_path)
    again = tmp_path / "outputs" / "baseline" / results.run_id / "worlds.parquet"
    assert again.read_bytes() == (folder / "worlds.parquet").read_bytes()
    assert sim.open(folder).scenario == results.scenario


def test_workers_change_neither_id_nor_bytes(ran, tmp_path):
    done, summary, out = ran
    arguments = ("run", "baseline", "--worlds", 3000, "--seed", 3, "--workers", 1, "--json")
    alone = truce(*arguments, "--out", tmp_path)
    assert alone.stdout == done.stdout
    for name in ("worlds.parquet", "odds.png", "odds.svg"):
        one, other = folder_of(summary, tmp_path) / name, folder_of(summary, out) / name
        assert one.read_bytes() == other.read_bytes(), name


def test_the_report_is_plain_in_a_pipe_and_has_both_intervals(tmp_path):
    done = truce("run", "joint-ultimatum", "--worlds", 400, "--out", tmp_path)
    assert done.returncode == 0
    assert "\x1b" not in done.stdout + done.stderr
    for word in ("95% dice", "90% of members", "base rate", "held if agreed", "Blocked last by",
                 "posterior ensemble", "Files: ", "1,181 days of war had none",
                 "Median member:"):  # fmt: skip
        assert word in done.stdout
    rows = [re.split(r"  +", line) for line in done.stdout.splitlines()]
    cells = {row[0]: row[1:] for row in rows if len(row) > 4}
    assert cells["outcome"][:2] == ["odds", "median member"]
    (folder,) = (tmp_path / "joint-ultimatum").iterdir()
    odds = json.loads((folder / "summary.json").read_text(encoding="utf-8"))["odds"]
    shares = {name: float(cells[name][0].strip("<%")) for name in odds}
    assert round(sum(shares.values()), 1) == 100.0
    assert cells["held"][1] == percent(odds["held"]["median_member"])
    assert shares["held"] + shares["collapsed"] == pytest.approx(float(cells["agreed"][0][:-1]))
    assert "scenarios/joint-ultimatum.toml" in done.stderr.replace("\\", "/")


def test_one_day_is_told_as_one(tmp_path):
    words = ("--horizon", 1, "--worlds", 64, "--out", tmp_path)
    path = tmp_path / "one.toml"
    text = 'schema = "truce/scenario/1"\ntitle = "t"\nquestion = "q"\nas_of = 2025-05-20\n'
    path.write_text(text + "horizon_days = 1\n", encoding="utf-8")
    for command in (
        ("run", "baseline", *words),
        ("compare", "baseline", "us-backstop", *words),
        ("sweep", path, "--vary", "aid.level=0,1", "--worlds", 8, "--out", tmp_path, "--yes"),
        ("scenarios", "show", path),
    ):
        done = truce(*command)
        assert done.returncode == 0, done.stderr
        assert re.search(r" 1\s+day ahead", done.stdout), command


def test_set_horizon_and_as_of_reach_the_run(tmp_path):
    done = truce("run", "baseline", "--set", "sanctions.us_threat=0.9", "--set",
                 "offer.nato=deferred", "--horizon", 30, "--as-of", "2025-05-20",
                 "--worlds", 8, "--json", "--out", tmp_path)  # fmt: skip
    summary = json.loads(done.stdout)
    assert summary["levers"]["sanctions.us_threat"] == 0.9
    assert summary["horizon_days"] == 30
    assert summary["odds"]["held"]["ensemble"] is None


def test_precision_runs_until_it_is_reached(tmp_path):
    done = truce("run", "baseline", "--precision", 0.003, "--json", "--out", tmp_path)
    summary = json.loads(done.stdout)
    low, high = summary["odds"]["held"]["mc"]
    assert (high - low) / 2 <= 0.003
    assert summary["worlds"] % 16_384 == 0
    assert summary["worlds"] > 16_384


REFUSED = {
    "unknown scenario": (("run", "basline"), "Did you mean baseline"),
    "no number of worlds": (("run", "baseline", "--worlds", 0), "worlds: 0 is outside 1.."),
    "words for worlds": (("run", "baseline", "--worlds", "many"), "--worlds"),
    "negative seed": (("run", "baseline", "--seed", -1), "seed: -1 is outside 0.."),
    "huge seed": (("run", "baseline", "--seed", 2**63), "is outside 0.."),
    "no workers": (("run", "baseline", "--workers", 0), "workers: 0 is outside 1.."),
    "lever range": (("run", "baseline", "--set", "aid.level=3"), "aid.level: 3.0 is outside 0..2"),
    "lever nan": (("run", "baseline", "--set", "aid.level=nan"), "'nan' is no number"),
    "lever twice": (("run", "baseline", "--set", "aid.level=1", "--set", "aid.level=1"), "twice"),
    "no equals sign": (("run", "baseline", "--set", "aid.level"), "has no '='"),
    "no day": (("run", "baseline", "--as-of", "yesterday"), "'yesterday' is not a day"),
    "a day without ensemble": (("run", "baseline", "--as-of", "2025-04-01"), "there are:"),
    "a day before the record": (("run", "baseline", "--as-of", "2024-04-01"), "does not reach"),
    "a day after all articles": (
        ("run", "baseline", "--as-of", "2030-01-01"),
        "set through = 2030-01-01",
    ),
    "horizon": (("run", "baseline", "--horizon", 366), "horizon: 366 is outside 1..365"),
    "precision": (("run", "baseline", "--precision", 0), "precision: 0.0 is outside"),
    "precision out of reach": (("run", "baseline", "--precision", 0.00001), "100,000,000"),
    "worlds and precision": (("run", "baseline", "--worlds", 5, "--precision", 0.1), "not both"),
    "unknown option": (("run", "baseline", "--wrlds", 5), "--wrlds"),
    "a device": (("run", "/dev/zero"), "is not a name"),
    "a name too long": (("run", "a" * 300), "there is none of that name"),
    "calibrate with too few": (("calibrate", "--particles", 100), "outside 8192"),
    "tempering the prior": (("calibrate", "--prior", "--temper"), "Leave out --prior"),
    "tempering a check": (("calibrate", "--check", "--temper"), "makes no ensemble"),
    "calibrate before the record": (("calibrate", "--as-of", "2025-03-09"), "outside 2025-03-10"),
    "calibrate before all articles": (("calibrate", "--prior", "--as-of", "x"), "is not a day"),
}


@pytest.mark.parametrize(("arguments", "words"), REFUSED.values(), ids=REFUSED)
def test_refused_with_one_message_and_exit_2(arguments, words, tmp_path):
    out = () if arguments[0] != "run" else ("--out", tmp_path)
    done = truce(*arguments, *out)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert not list(tmp_path.rglob("*.parquet"))


def test_an_output_folder_that_is_a_file_is_refused(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    done = truce("run", "baseline", "--worlds", 8, "--out", blocked)
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("compare", "baseline", "us-backstop"),
        ("timeline",),
        ("evidence", "influence"),
        ("brief", "nowhere"),
        ("calibrate", "--as-of", "2025-05-20"),
    ],
    ids=lambda words: words[0],
)
def test_a_folder_that_cannot_be_written_is_told_before_any_work(words, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    out = blocked / "b"
    done = truce(*words, "--out", out)
    assert done.returncode == 2
    assert re.search(r"b\S*: cannot be written: .*file is a file, not a folder", done.stderr)
    assert "Name another folder with --out" in done.stderr
    assert "Scenario " not in done.stderr  # no world was run


def test_a_file_that_cannot_be_replaced_is_told(tmp_path):
    check_writable(tmp_path / "a" / "b", ["odds.pdf"])
    (tmp_path / "odds.pdf").mkdir()
    check_writable(tmp_path, ["odds.html"])
    with pytest.raises(StoreError, match="pdf: cannot be written"):
        check_writable(tmp_path, ["odds.html", "odds.pdf"])


def test_an_output_folder_with_an_impossible_name_is_refused(tmp_path):
    done = truce("run", "baseline", "--worlds", 8, "--out", tmp_path / ("a" * 300))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device here")
@pytest.mark.parametrize(
    "words", [["scenarios", "list"], ["--help"], ["scenarios", "list", "--json"]]
)
def test_what_cannot_be_told_is_said_and_closed_output_is_no_fault(words):
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        ended = subprocess.run([*TRUCE, *words], stdout=full, stderr=subprocess.PIPE, text=True)
    assert ended.returncode == 2
    assert ended.stderr.startswith("truce: standard output: cannot be written: No space left")
    ended = subprocess.run(
        ["sh", "-c", 'exec "$@" >&-', "sh", *TRUCE, *words], stderr=subprocess.PIPE
    )
    assert (ended.returncode, ended.stderr) == (0, b"")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_nothing_half_written(number, tmp_path):
    command = [*TRUCE, "run", "baseline", "--worlds", "3000000", "--out", str(tmp_path)]
    # a shell without job control starts its background jobs deaf to interrupts
    listening = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, **listening) as process:
        for _ in range(600):
            if list(tmp_path.rglob("worlds.part")):
                break
            time.sleep(0.1)
        process.send_signal(number)
        _, stderr = process.communicate(timeout=120)
    assert process.returncode == 130
    assert b"Traceback" not in stderr
    assert b"interrupted" in stderr
    assert list(tmp_path.iterdir()) == []


def test_an_interval_of_members_is_told_if_the_dice_let_it_be_seen():
    from sim.cli.tables import members_text

    assert members_text(None, (0.1, 0.2), str) == "too few members"
    assert members_text((0.15, 0.15), (0.1, 0.2), str) == "within the dice"
    assert members_text((0.05, 0.15), (0.1, 0.2), str) == "0.05 to 0.15"


def test_it_tells_its_version():
    import sim

    done = truce("--version")
    assert (done.returncode, done.stdout) == (0, f"truce-sim {sim.__version__}\n")


@pytest.mark.parametrize("command", [("run", "baseline"), ("runs",), ("evidence", "influence")])
def test_an_empty_name_is_no_folder(command, tmp_path):
    done = truce(*command, "--out", "", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "truce: --out: is empty. Name a folder; the current one is '.'.\n"
    assert list(tmp_path.iterdir()) == []


def test_help_of_every_command_opens_with_an_example():
    def every(command, words):
        yield " ".join(words), command.help
        for name, part in getattr(command, "commands", {}).items():
            yield from every(part, [*words, name])

    found = dict(every(typer.main.get_command(app), ["truce"]))
    assert {"truce", "truce run", "truce evidence", "truce evidence add"} <= set(found)
    for name, told in found.items():
        sentence, example, *_ = told.split("\n\n")
        assert sentence.endswith("."), name
        assert ". " not in sentence, name
        assert example.startswith(f"Example: {name}"), name
    done = truce("evidence", "add", "--help")
    assert (done.returncode, "Example: truce evidence add" in done.stdout) == (0, True)


@pytest.mark.skipif(os.name == "nt", reason="names that Windows has not")
@pytest.mark.parametrize("name", [b"s3://foo", b"\xff\xfe"], ids=repr)
def test_a_folder_of_any_name_is_written_and_read(name, tmp_path):
    out = os.fsdecode(name)
    sweep = ("sweep", "baseline", "--vary", "aid.level=0,1", "--worlds", 8)
    for words in (("run", "baseline", "--worlds", 8), sweep):
        done = truce(*words, "--out", out, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    replayed = truce("replay", "last", "--nearest", "no_truce", "--out", out, cwd=tmp_path)
    assert "Traceback" not in replayed.stderr
    assert replayed.returncode == 0, replayed.stderr


@pytest.mark.skipif(os.name == "nt", reason="names that Windows has not")
def test_a_scenario_file_of_any_name_runs(tmp_path):
    odd = os.fsdecode(b"bad\xff.toml")
    shutil.copy(data_dir("scenarios") / "baseline.toml", tmp_path / odd)
    sweep = ("sweep", odd, "--vary", "aid.level=0,1", "--worlds", 8)
    for words in (("run", odd, "--worlds", 8), ("compare", "baseline", odd, "--worlds", 8), sweep):
        done = truce(*words, "--out", "o", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    (made,) = (tmp_path / "o" / "bad").glob("*/manifest.json")
    assert "\\udcff" in json.dumps(json.loads(made.read_text(encoding="utf-8")))


def test_json_can_be_read_whatever_letters_the_terminal_has(monkeypatch, tmp_path):
    path = tmp_path / "odd.toml"
    text = (data_dir("scenarios") / "baseline.toml").read_text(encoding="utf-8")
    title = next(line for line in text.splitlines() if line.startswith("title"))
    odd = "W\u00fcnsche \u6f22 \U0001f54a"
    path.write_text(text.replace(title, f'title = "{odd}"'), encoding="utf-8")
    for encoding in ("utf-8", "ascii", "cp1252"):
        monkeypatch.setenv("PYTHONIOENCODING", encoding)
        done = subprocess.run([*TRUCE, "scenarios", "show", path, "--json"], capture_output=True)
        assert done.returncode == 0
        assert json.loads(done.stdout.decode(encoding))["title"] == odd


def test_every_command_can_print_json(tmp_path):
    def leaves(command, words):
        if not hasattr(command, "commands"):
            yield " ".join(words), {flag for option in command.params for flag in option.opts}
        for name, part in getattr(command, "commands", {}).items():
            yield from leaves(part, [*words, name])

    found = dict(leaves(typer.main.get_command(app), []))
    assert {"run", "brief", "scenarios new", "scenarios schema"} <= set(found)
    assert [name for name, flags in found.items() if "--json" not in flags] == []
    made = json.loads(truce("scenarios", "new", "my-idea", "--json", cwd=tmp_path).stdout)
    assert (tmp_path / made["file"]).is_file()
    plain = truce("scenarios", "schema")
    assert truce("scenarios", "schema", "--json").stdout == plain.stdout
    assert json.loads(plain.stdout)["type"] == "object"


def test_a_study_is_explained_as_its_scenario_stands(tmp_path):
    sweep = ("sweep", "baseline", "--vary", "aid.level=0,1", "--worlds", 8, "--out", tmp_path)
    assert truce(*sweep).returncode == 0
    (study,) = (tmp_path / "sweeps" / "baseline").iterdir()
    done = truce("explain", study)
    assert done.returncode == 2
    assert "used 2 different members; 1,000 with several worlds each are needed" in done.stderr


def test_saving_from_python_gives_the_same_folder(ran, tmp_path):
    import sim

    _, summary, out = ran
    results = sim.run("baseline", worlds=3000, seed=3)
    folder = results.save(tmp_path, sim.plots.write_odds)
    assert folder == folder_of(summary, tmp_path)
    for path in Path(folder).iterdir():
        if path.name != "manifest.json":
            assert path.read_bytes() == (folder_of(summary, out) / path.name).read_bytes()


def test_claims_that_change_are_told_though_the_run_is_there(tmp_path):
    own = tmp_path / "own.toml"
    text = (
        'schema = "truce/scenario/1"\ntitle = "Own"\nquestion = "Why?"\nas_of = 2025-05-20\n'
        '[levers]\n"aid.level" = 0.5\n'
        '[[claims]]\nlevers = ["aid.level"]\ntext = "assumed: ONE"\n'
    )
    own.write_text(text)
    ran = ("run", own, "--worlds", 40, "--out", tmp_path / "out")
    assert truce(*ran).returncode == 0
    own.write_text(text.replace("ONE", "TWO"))
    again = truce(*ran)
    assert "Its claims are now those of the scenario." in again.stderr
    (manifest,) = (tmp_path / "out").glob("own/*/manifest.json")
    assert "TWO" in manifest.read_text()
    assert store.verified(manifest.parent) is not None
    assert "Its claims" not in truce(*ran).stderr


def test_workers_are_checked_though_the_run_is_there(tmp_path):
    ran = ("run", "baseline", "--worlds", 4, "--out", tmp_path)
    assert truce(*ran).returncode == 0
    assert truce(*ran, "--workers", 0).returncode == 2


def test_where_no_terminal_shows_a_bar_a_line_says_now_and_then_how_far_it_is(monkeypatch, capsys):
    now = [100.0]
    monkeypatch.setattr("sim.cli.tables.time.monotonic", lambda: now[0])
    with progress_bar("pasts") as report:
        for second in range(100):
            now[0] = 100.0 + second
            report(1000 * second, 400_000 if second < 70 else None)
    assert capsys.readouterr().err.splitlines() == [
        "pasts: 30,000 of 400,000 (8%)",
        "pasts: 60,000 of 400,000 (15%)",
        "pasts: 90,000",
    ]
