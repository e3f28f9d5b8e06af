"""`truce doctor`: what is missing, broken or too old is found, with what to do about it."""

from __future__ import annotations

import json
import shutil

import pytest
from helpers.command import truce

import sim.doctor
from sim.doctor import LEAST_FREE, licence_of, licences, requirements
from sim.inputs.conflict import shipped


def doctor(*words, cwd=None, data=()):
    done = truce(*data, "doctor", *words, "--json", cwd=cwd)
    document = json.loads(done.stdout)
    assert document["schema"] == "truce/doctor/1"
    assert document["well"] == (done.returncode == 0)
    found = {(one["part"], one["name"]): one for one in document["checks"]}
    assert len(found) == len(document["checks"])
    assert all(one["todo"] for one in found.values() if one["state"] != "ok")
    return done.returncode, found


def wrong(found):
    return {key for key, one in found.items() if one["state"] == "wrong"}


@pytest.fixture
def no_ensembles(monkeypatch):
    """Leave out what takes longest."""
    monkeypatch.setattr(sim.doctor, "_ensembles", lambda conflict: iter(()))


@pytest.fixture
def without(monkeypatch):
    """Let packages be missing, or of other versions, by name."""

    def change(**versions):
        real = sim.doctor.version_of
        changed = lambda name: versions[name] if name in versions else real(name)  # noqa: E731
        monkeypatch.setattr(sim.doctor, "version_of", changed)

    return change


def test_where_all_is_well_it_says_so(tmp_path):
    code, found = doctor(cwd=tmp_path)
    assert (code, wrong(found)) == (0, set())
    days = {str(day) for day in shipped().ensemble_days()}
    assert days <= {name for part, name in found if part == "ensemble"}
    assert {"numpy", "numba", "mesa", "pyarrow", "matplotlib"} <= {name for _, name in found}
    assert ("extra", "brief") in found
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A conflict of two ensembles, the older damaged, and none of its variants."""
    folder = tmp_path_factory.mktemp("data")
    own = shipped()
    shutil.copytree(own.scenarios, folder / "scenarios")
    shutil.copytree(
        own.calibration, folder / "calibration", ignore=shutil.ignore_patterns("ensembles")
    )
    ensembles = folder / "calibration/ensembles"
    ensembles.mkdir()
    days = own.ensemble_days()
    for day in (days[0], days[-1]):
        for end in ("parquet", "json"):
            shutil.copy(own.ensembles / f"{day}.{end}", ensembles)
    (ensembles / f"{days[0]}.parquet").write_bytes(b"damaged")
    return folder, str(days[0]), str(days[-1])


def test_a_damaged_and_a_missing_ensemble_are_told_with_what_to_do(data, tmp_path):
    folder, damaged, whole = data
    code, found = doctor(cwd=tmp_path, data=("--data", folder))
    ship = [name for name, one in shipped_variants().items() if one.ships]
    assert ship
    assert code == 1
    assert found["ensemble", whole]["state"] == "ok"
    assert wrong(found) == {
        ("ensemble", damaged),
        *(("ensemble", f"{whole} {name}") for name in ship),
    }
    assert "is damaged" in found["ensemble", damaged]["found"]
    assert f"calibrate --as-of {damaged}" in found["ensemble", damaged]["todo"]
    assert f"--variant {ship[0]}" in found["ensemble", f"{whole} {ship[0]}"]["todo"]
    text = truce("--data", folder, "doctor", cwd=tmp_path)
    assert text.returncode == 1
    assert f"{1 + len(ship)} things are wrong:" in text.stdout


def shipped_variants():
    from sim.inputs.variants import variants_of

    return variants_of(shipped())


def test_data_that_are_not_there_are_told_without_a_traceback(tmp_path):
    code, found = doctor(cwd=tmp_path, data=("--data", tmp_path))
    assert code == 1
    assert wrong(found) == {("data", "tables")}


@pytest.mark.usefixtures("no_ensembles")
def test_a_missing_extra_is_no_fault_and_says_how_to_install_it(without, tmp_path):
    without(typst=None)
    code, found = doctor(cwd=tmp_path)
    assert code == 0
    extra = found["extra", "brief"]
    assert extra["state"] == "absent"
    assert "typst not installed" in extra["found"]
    assert extra["todo"] == "pip install 'truce-sim[brief]'"
    assert "pip install 'truce-sim[brief]'" in truce("doctor", cwd=tmp_path).stdout


@pytest.mark.usefixtures("no_ensembles")
def test_packages_that_are_missing_or_of_other_versions_are_wrong(without, tmp_path):
    without(numba=None, mesa="3.2.0", typst="0.1")
    code, found = doctor(cwd=tmp_path)
    assert code == 1
    assert wrong(found) == {("version", "numba"), ("version", "mesa"), ("extra", "brief")}
    assert found["version", "numba"]["todo"].startswith("pip install 'numba>=")
    assert "3.2.0, and " in found["version", "mesa"]["found"]


@pytest.mark.usefixtures("no_ensembles")
def test_folders_that_cannot_be_written_and_a_full_disk_are_wrong(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TRUCE_CACHE_DIR", str(tmp_path / "file/cache"))
    usage = type("Usage", (), {"free": LEAST_FREE - 1})
    monkeypatch.setattr(sim.doctor.shutil, "disk_usage", lambda path: usage)
    code, found = doctor("--out", tmp_path / "file/out")
    assert code == 1
    names = ("compiled code", "outputs", "free space")
    assert wrong(found) == {("folder", name) for name in names}
    assert "--out" in found["folder", "outputs"]["todo"]


def test_licences_of_all_that_the_program_needs_are_listed():
    rows = licences()
    names = [one.name.lower().replace("_", "-") for one in rows]
    assert names[0] == "truce-sim"
    assert len(set(names)) == len(names)
    needed = {one.name for one in requirements("truce-sim") if not one.extra}
    assert needed <= set(names)
    assert {"llvmlite", "pydantic-core"} <= set(names)  # needed by what is needed
    assert "pytest" not in names
    assert all(one.licence and one.version for one in rows)
    document = json.loads(truce("doctor", "--licences", "--json").stdout)
    assert [list(one.values()) for one in document["licences"]] == [list(one) for one in rows]
    assert "MIT" in truce("doctor", "--licences").stdout


@pytest.mark.parametrize(
    ("given", "licence"),
    [
        (("MIT", "the text", ["BSD License"]), "MIT"),
        (("", "Apache 2.0", ["Apache Software License"]), "Apache 2.0"),
        (("", "UNKNOWN", ["ISC License"]), "ISC License"),
        (("", "Copyright\nand so on", []), "Copyright"),
        (("", "", []), "not stated"),
    ],
)
def test_a_licence_is_its_expression_else_its_name_else_its_class(given, licence):
    assert licence_of(*given) == licence
