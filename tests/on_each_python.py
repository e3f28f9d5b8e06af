"""Runs the whole suite on each supported Python that is on this machine."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

VERSIONS = ("3.11", "3.12", "3.13")
TOP = Path(__file__).parent.parent


def interpreter(version: str) -> str | None:
    """The path of a Python of that version, or None."""
    if sys.version.startswith(f"{version}."):
        return sys.executable
    pyenv = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python"))
    return str(pyenv[-1]) if pyenv else shutil.which(f"python{version}")


def environment(version: str, python: str) -> Path:
    """Make the virtual environment of a version from the lock, and return its Python."""
    if python == sys.executable:
        return Path(python)
    folder = TOP / f".venv-{version}"
    inside = folder / "bin" / "python"
    if not inside.exists():
        subprocess.run([python, "-m", "venv", str(folder)], check=True)
    pip = [str(inside), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    lock = ["--require-hashes", "-r", "requirements-all.lock"]
    subprocess.run([*pip, *lock], cwd=TOP, check=True)
    link = ["--no-deps", "--no-build-isolation", "-e", "."]
    subprocess.run([*pip, *link], cwd=TOP, check=True)
    return inside


def main() -> int:
    """Run the suite everywhere; the exit code is that of the first failure."""
    worst = 0
    for version in VERSIONS:
        python = interpreter(version)
        if python is None:
            print(f"Python {version}: not on this machine, skipped", flush=True)
            continue
        print(f"Python {version}: {python}", flush=True)
        ran = subprocess.run([environment(version, python), "-m", "pytest"], cwd=TOP)
        worst = worst or ran.returncode
    return worst


if __name__ == "__main__":
    sys.exit(main())
