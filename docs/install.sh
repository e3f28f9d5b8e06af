#!/bin/sh
# Installs truce from this folder alone, without network: sh install.sh [FOLDER]
# PYTHON names the Python to use, of the version that the archive is called after.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
to=${1:-truce}
python=${PYTHON:-python3}
tag=$("$python" -c 'import sys; print("cp%d%d" % sys.version_info[:2])')
ls "$here"/wheels/numpy-*-"$tag"-*.whl >/dev/null 2>&1 || {
	echo "This archive has no wheels for $python ($tag). It has: $(ls "$here"/wheels/numpy-*)." >&2
	echo "Name another Python: PYTHON=python3.12 sh install.sh" >&2
	exit 2
}
echo "Installing into $to; this takes a minute or two."
"$python" -m venv "$to"
"$to"/bin/python -m pip install --quiet --disable-pip-version-check --no-index \
	--find-links "$here"/wheels --require-hashes -r "$here"/requirements.lock
"$to"/bin/python -m pip install --quiet --disable-pip-version-check --no-index --no-deps \
	"$here"/wheels/truce_sim-*.whl
"$to"/bin/truce doctor
echo "Run it with $to/bin/truce, and read $here/book/index.html."
