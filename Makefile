# Two commands for a newcomer: `make demo` and `make test`. They need Python 3.11 or newer and make, nothing else.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup demo test certify fuzz golden bench audit bill lock clean
MAKEFLAGS += --no-print-directory

UV_VERSION := 0.13.9
VENV := .venv
READY := $(VENV)/.ready
UV := $(or $(shell command -v uv 2>/dev/null),.uv/bin/uv)
# The first Python that is new enough; PYTHON=/path/to/python chooses another.
NEW_ENOUGH := -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do $$p $(NEW_ENOUGH) && { command -v $$p; break; }; done)
# uv takes the Python it is given, and fetches none
export UV_PYTHON_DOWNLOADS := never
export UV_NO_PROGRESS := $(if $(CI),true,false)

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: setup ## start everything and show each message's way until Ctrl-C (ARGS="--once" for one round)
	@$(VENV)/bin/hub demo $(ARGS)

test: setup ## every check and every test, those against the real Kafka and PostgreSQL too (ARGS="-k words" for some tests)
	@echo "--- ruff: style";                       $(VENV)/bin/ruff check .
	@echo "--- mypy: types";                       $(VENV)/bin/mypy
	@echo "--- import-linter: who may know whom";  $(VENV)/bin/lint-imports
	@echo "--- pytest: behaviour";                 $(VENV)/bin/pytest $(ARGS)

certify: setup ## a reliability certificate (ARGS="--scale large --nodes 3 --out folder"; small: three minutes, large: half an hour)
	@$(VENV)/bin/hub certify $(ARGS)

fuzz: setup ## search for bytes that reception cannot take (ARGS="--seconds 600 --keep --record": longer, and kept)
	@$(VENV)/bin/python -m tests.fuzz.run $(ARGS)

golden: setup ## write anew what the golden cases give, for you to review with git diff
	@$(VENV)/bin/python -m tests.test_golden --accept

bench: setup ## measure, and print ratios
	@$(VENV)/bin/python -m benchmarks $(ARGS)

setup: $(READY) ## make .venv with everything pinned, and fetch Apache Kafka; quick when done
	@:

$(READY): Makefile pyproject.toml requirements.lock hub/local/kafka-jars.lock | $(UV)
	@$(if $(PYTHON),:,echo "Python 3.11 or newer was not found. Install one, or: make setup PYTHON=/path/to/python" >&2; exit 1)
	@echo "[1/4] a virtual environment in $(VENV), with $(PYTHON)"
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) $(VENV)
	@echo "[2/4] the libraries, each compared with its sum in requirements.lock (about 150 MB the first time)"
	@VIRTUAL_ENV=$(VENV) $(UV) pip sync --require-hashes requirements.lock
	@echo "[3/4] the hub itself"
	@VIRTUAL_ENV=$(VENV) $(UV) pip install --quiet --no-deps --no-build-isolation --editable .
	@echo "[4/4] Apache Kafka (43 MB the first time)"
	@$(VENV)/bin/python -m hub.local
	@touch $@

.uv/bin/uv:
	@$(if $(PYTHON),:,echo "Python 3.11 or newer was not found. Install one, or: make setup PYTHON=/path/to/python" >&2; exit 1)
	@echo "[0/4] uv, the installer, in .uv"
	@$(PYTHON) -m venv .uv || { echo "Python's venv module is missing (Debian, Ubuntu: apt install python3-venv)." >&2; rm -rf .uv; exit 1; }
	@.uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

audit: setup ## ask the advisory service about every package of requirements.lock (exit 69: it did not answer)
	@$(VENV)/bin/python -m release.audit

bill: setup ## write dist/epj-hub.cdx.json: all that a release stands on, as CycloneDX
	@$(VENV)/bin/python -m release.bill_of_materials dist/epj-hub.cdx.json

lock: | $(UV) ## write requirements.lock and the sums of Kafka's jars anew, to be read before they are committed
	@$(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --group dev --generate-hashes \
		--no-header --no-annotate --no-emit-index-url --output-file requirements.lock pyproject.toml
	@$(MAKE) setup
	@$(VENV)/bin/python -m hub.local.jars

clean: ## delete what make has made here: the environment, the caches and the local broker's and database's folders
	@rm -rf .venv .uv .hub .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
