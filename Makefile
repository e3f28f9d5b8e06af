# `make` alone prints this menu. `make run` and `make test` each work on a fresh clone.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--fork-strategy fewest --generate-hashes --no-header pyproject.toml
FOR_USERS := --extra brief --extra live --extra calibrate

# Each process of a run or a test would compile the packages' source anew, were no bytecode kept.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test test-built test-all check bench torture baseline tables gallery ensembles kernel hindcasts install \
	docs bundle test-newest lock clean

help: ## print this menu
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

run: $(VENV)/.core ## run the baseline: print the odds, write the figure
	$(BIN)/truce run baseline

test: $(VENV)/.all ## run the test suite, but for the tests that take long
	$(BIN)/python -m pytest -m "not long" --numprocesses auto --dist worksteal

test-all: $(VENV)/.all ## run all tests, on each of Python 3.11, 3.12 and 3.13 that is here
	$(BIN)/python tests/on_each_python.py

test-built: $(VENV)/.all ## test the wheel, the archive, and the pages in a browser, if there is one
	$(BIN)/python -m pytest -m long -rs tests/test_house.py tests/test_brief_shown.py \
		tests/test_page_shown.py tests/test_page_live.py tests/test_installed.py

check: $(VENV)/.all ## lint, types, and who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.all ## measure what people wait for, beside its limits: minutes, on a quiet machine
	$(BIN)/python benchmarks/waits.py
	$(BIN)/python benchmarks/speed.py
	$(BIN)/python benchmarks/answers.py
	$(BIN)/python benchmarks/explore.py

torture: $(VENV)/.all ## try 10,000 spoiled inputs, kills and full disks: 20 minutes; SEED=n repeats
	$(BIN)/python benchmarks/torture.py $(if $(SEED),--seed $(SEED)) $(if $(ONLY),--only $(ONLY))

baseline: $(VENV)/.all ## renew the numbers that tests/test_baseline.py guards, on purpose
	$(BIN)/python tests/test_baseline.py

tables: $(VENV)/.all ## fill the tables of numbers in docs/: minutes
	$(BIN)/python docs/tables.py

gallery: $(VENV)/.all ## draw the figures of README and docs/figures.md
	$(BIN)/python docs/gallery.py

BOOK := docs/_build/html
docs: $(VENV)/.all ## build the book: docs/_build/html/index.html
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going --jobs auto -b html docs $(BOOK)

# The lock of what a user needs, without what tests and docs need, for the version that PYTHON names.
bundle: docs ## one archive to install from without network; PYTHON=python3.12 for another version
	rm -rf dist/bundle && mkdir -p dist/bundle
	PYTHON=$(PYTHON) sh docs/bundle.sh

SHIPPED_DAYS := from sim.inputs.conflict import shipped; \
	print(*sorted(one.day for one in shipped().facts.ensemble))
SHIPPED_VARIANTS := from sim.inputs.conflict import shipped; \
	from sim.inputs.variants import variants_of; \
	print(*(one.name for one in variants_of(shipped()).values() if one.ships))
ensembles: kernel ## renew the ensembles that ship, of variants for the newest day: a minute each
	set -e; days=$$($(BIN)/python -c "$(SHIPPED_DAYS)"); \
	for day in $$days; do $(BIN)/truce calibrate --as-of $$day; done; \
	for name in $$($(BIN)/python -c "$(SHIPPED_VARIANTS)"); do \
	$(BIN)/truce calibrate --as-of $${days##* } --variant $$name; done

kernel: $(VENV)/.all ## renew the code of the rules that is made beforehand, after a change of a rule
	$(BIN)/python -c "from sim.native.make import make_worlds; make_worlds()"
	$(BIN)/python -c "from sim.calibrate.make_code import make_filter; make_filter()"

EVERYTHING := brief,live,calibrate,dask,xarray,docs,build,dev
test-newest: ## run the tests with the newest versions of all packages, without the lock
	$(PYTHON) -m venv --clear .venv-newest
	.venv-newest/bin/python -m pip install --quiet --upgrade -e '.[$(EVERYTHING)]'
	.venv-newest/bin/python -m pip list --format freeze
	.venv-newest/bin/python -m pytest -m "not long" --numprocesses auto --dist worksteal

hindcasts: $(VENV)/.all ## renew the first page of the ledger: odds of past days, and what came
	$(BIN)/python -c "from sim.ledger.hindcasts import make_hindcasts; make_hindcasts(note=print)"

install: $(VENV)/.all ## install all packages, those for development too

lock: $(VENV)/.all ## renew the lock files from pyproject.toml
	$(UV_COMPILE) --all-extras --output-file requirements-all.lock
	$(UV_COMPILE) --extra build --constraint requirements-all.lock --output-file requirements.lock
	$(UV_COMPILE) $(FOR_USERS) --constraint requirements-all.lock --output-file requirements-user.lock

clean: ## remove the virtual environment and all caches
	rm -rf $(VENV) .venv-* .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: make PYTHON=python3.12 ..."; exit 2; }
	$(PYTHON) -m venv $(VENV)

# Both installs: the locked packages by hash, then the checkout itself, editable, from what is there.
# Bytecode is made by all processors at once; pip would make it with one.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile
LINK := $(INSTALL) --no-deps --no-build-isolation -e .
BYTECODE := $(BIN)/python -m compileall -q -j 0 -x "/tests?/" $(VENV)/lib sim || true

$(VENV)/.core: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing the core packages into $(VENV); this takes a minute."
	$(INSTALL) --require-hashes -r requirements.lock
	$(LINK)
	$(BYTECODE)
	touch $@

$(VENV)/.all: requirements-all.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing all packages into $(VENV); this takes a minute."
	$(INSTALL) --require-hashes -r requirements-all.lock
	$(LINK)
	$(BYTECODE)
	touch $@ $(VENV)/.core
