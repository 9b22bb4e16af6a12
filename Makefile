# `make` alone prints what can be made. Every path is relative and the environment's Python is run as `python -m ...`,
# never through the scripts beside it, so a folder with a space in its name works.

PYTHON ?= python3
ARGS ?=

py := .venv/bin/python
stamp := .venv/.installed

# An environment remembers its folder; after the folder has moved, it is installed anew.
ifneq ($(shell cat $(stamp) 2>/dev/null),$(CURDIR))
moved := moved
endif

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help run test verify bench lint clean moved

help:
	@echo 'make run      play the default scenario and save the result; more with ARGS="scenario=... runs=..."'
	@echo 'make test     the tests that finish in minutes; narrow with ARGS="tests/world -k claims"'
	@echo 'make verify   the slower rest: the wheel, published known answers, benchmarks in miniature'
	@echo 'make bench    the benchmarks, in full'
	@echo 'make lint     ruff (rules and format) and mypy --strict'
	@echo 'make clean    remove .venv and caches; results/ stays'
	@echo
	@echo 'The first of them creates .venv; PYTHON=python3.12 chooses another Python (3.11 or newer; run "make clean" first).'

# Each stop is one sentence that says what to do.
$(stamp): pyproject.toml constraints.txt $(moved)
	@command -v "$(PYTHON)" >/dev/null || { \
	  echo 'There is no $(PYTHON) here: install Python 3.11 or newer, or name one, as in "make run PYTHON=python3.12".' >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "$$("$(PYTHON)" -V 2>&1) is too old: install Python 3.11 or newer, or name one, as in \"make run PYTHON=python3.12\"." >&2; exit 1; }
	@"$(PYTHON)" -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo '$(PYTHON) cannot create environments: install its venv module (on Debian or Ubuntu: sudo apt-get install python3-venv) and try again.' >&2; exit 1; }
	@echo 'Installing into .venv (once; again only when pyproject.toml or constraints.txt change) ...'
	@"$(PYTHON)" -m venv .venv
	@$(py) -m pip install --quiet --constraint constraints.txt --editable '.[test]'
	@pwd -P > $(stamp)

run: $(stamp)
	@$(py) -m sim.cli.main run $(ARGS)

test: $(stamp)
	@$(py) -m pytest -n auto -m 'not slow' $(ARGS)

verify: $(stamp)
	@$(py) -m pytest -m 'slow or validation' $(ARGS)
	@ran=0; for script in benchmarks/bench_*.py; do \
	  [ -e "$$script" ] || continue; \
	  echo "$$script --smoke"; $(py) "$$script" --smoke || exit 1; ran=$$((ran + 1)); \
	done; echo "benchmarks run in miniature: $$ran"

bench: $(stamp)
	@ran=0; for script in benchmarks/bench_*.py; do \
	  [ -e "$$script" ] || continue; \
	  echo "$$script"; $(py) "$$script" || exit 1; ran=$$((ran + 1)); \
	done; [ $$ran -gt 0 ] || { echo 'There is no benchmarks/bench_*.py to run.' >&2; exit 1; }

lint: $(stamp)
	@$(py) -m ruff check .
	@$(py) -m ruff format --check .
	@$(py) -m mypy --strict sim/

clean:
	@rm -rf .venv build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
