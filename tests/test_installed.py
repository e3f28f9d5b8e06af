"""Installs as people do who have no network, or no make: the archive, the wheel, the source."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent
pytestmark = pytest.mark.long
NO_NETWORK = ("unshare", "--map-root-user", "--net")
"""A namespace without any network, not even one of this machine."""


def alone() -> bool:
    """Whether a process can be had that has no network."""
    try:
        return subprocess.run([*NO_NETWORK, "true"], capture_output=True).returncode == 0
    except OSError:
        return False


def run(*words: str | Path, cwd: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command with nothing of this environment but its path; it must do well."""
    own = ("PATH", "HOME", "TMPDIR")
    way_out = ("PIP_", "UV_", "SSL_", "HTTP", "http", "NO_PROXY", "no_proxy")
    kept = {
        name: one for name, one in os.environ.items() if name in own or name.startswith(way_out)
    }
    done = subprocess.run(
        [str(word) for word in words], cwd=cwd, capture_output=True, text=True, env=kept | settings
    )
    assert done.returncode == 0, f"{words}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done


def tried(truce: Path, folder: Path, *before: str, forms: str) -> set[str]:
    """Run, compare and brief in an empty folder; return the ends of the briefing's names."""
    folder.mkdir()
    run(*before, truce, "run", "baseline", "--worlds", "400", cwd=folder)
    words = ("compare", "baseline", "us-backstop", "--worlds", "400")
    run(*before, truce, *words, cwd=folder)
    run(*before, truce, "brief", "last", "--format", forms, cwd=folder)
    return {path.suffix for path in folder.glob("outputs/briefs/*/brief.*")}


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """The source archive, unpacked; built from what is here."""
    folder = tmp_path_factory.mktemp("source")
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", folder, cwd=TOP)
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    (unpacked,) = (path for path in folder.iterdir() if path.is_dir())
    return unpacked


@pytest.mark.skipif(not alone(), reason="this machine gives nobody a namespace without network")
def test_the_archive_installs_without_network(tmp_path):
    """For this Python; `make test-all` runs this on each that is here."""
    python = sys.executable
    bundle = run("sh", "docs/bundle.sh", cwd=TOP, PYTHON=python, BUILDER=python)
    archive = TOP / bundle.stdout.split()[-1]
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path, filter="data")
    archive.unlink()
    (folder,) = tmp_path.iterdir()
    told = run(*NO_NETWORK, "sh", folder / "install.sh", "mine", cwd=tmp_path, PYTHON=python)
    assert "All is well." in told.stdout
    truce = tmp_path / "mine" / "bin" / "truce"
    made = tried(truce, tmp_path / "empty", *NO_NETWORK, forms="html,pdf,pptx")
    assert made == {".html", ".pdf", ".pptx"}


def test_an_archive_for_another_python_says_which_it_is_for(tmp_path):
    shutil.copy(TOP / "docs" / "install.sh", tmp_path)
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / "numpy-2.0-cp39-cp39-any.whl").touch()
    words = ["sh", str(tmp_path / "install.sh"), "mine"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2
    assert "has no wheels for" in done.stderr
    assert "cp39" in done.stderr
    assert not (tmp_path / "mine").exists()


@pytest.mark.parametrize("way", ["pip", "uv", "wheel"])
def test_without_make_from_the_source_and_from_the_wheel(way, source, tmp_path):
    folder = tmp_path / "venv"
    python = folder / "bin" / "python"
    run(sys.executable, "-m", "venv", folder, cwd=tmp_path)
    given = f"{source}[brief]"
    if way == "wheel":
        run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path, cwd=source)
        (wheel,) = tmp_path.glob("*.whl")
        given = f"{wheel}[brief]"
    lines = (TOP / "requirements-all.lock").read_text(encoding="utf-8").splitlines()
    pins = [line.removesuffix(" \\") for line in lines if "==" in line and line[0] != " "]
    (tmp_path / "pins.txt").write_text("\n".join(pins), encoding="utf-8")
    locked = ("-c", tmp_path / "pins.txt")
    if way == "uv":
        words = (sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", python)
        run(*words, given, *locked, cwd=tmp_path)
    else:
        run(python, "-m", "pip", "install", "--quiet", given, *locked, cwd=tmp_path)
    made = tried(folder / "bin" / "truce", tmp_path / "empty", forms="html,pdf")
    assert made == {".html", ".pdf"}
