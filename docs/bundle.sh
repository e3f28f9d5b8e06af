#!/bin/sh
# Writes one archive that truce is installed from without network; `make bundle` calls it.
# PYTHON names the Python for which wheels are taken, BUILDER the one that builds ours.
set -eu
python=${PYTHON:-python3}
builder=${BUILDER:-.venv/bin/python}
name=$("$python" - <<'CODE'
import re, sys, sysconfig
from pathlib import Path
version = re.search(r'__version__ = "(.+)"', Path("sim/__init__.py").read_text(encoding="utf-8"))[1]
system = re.sub(r"[^a-z0-9]+", "-", sysconfig.get_platform().lower())
print("truce-sim-%s-%s-py%d%d" % (version, system, *sys.version_info[:2]))
CODE
)
into=dist/bundle/$name
mkdir -p "$into"
"$python" -m venv dist/bundle/tools # a pip of the version that is asked for chooses its wheels
pip="dist/bundle/tools/bin/python -m pip --disable-pip-version-check --quiet"
$pip download --only-binary :all: --require-hashes -r requirements-user.lock -d "$into"/wheels
"$builder" -m hatchling build -t wheel -d "$into"/wheels >/dev/null
cp requirements-user.lock "$into"/requirements.lock
cp README.md LICENSE SECURITY.md CITATION.cff docs/install.sh "$into"
cp -r docs/_build/html "$into"/book
rm -rf "$into"/book/.doctrees "$into"/book/.buildinfo
tar -czf dist/"$name".tar.gz -C dist/bundle "$name"
rm -rf dist/bundle
ls -sh dist/"$name".tar.gz
