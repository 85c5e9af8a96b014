# Needs git, make and a Python >= 3.11 with venv and pip. Everything else goes into .venv and build/.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

BIN := .venv/bin
PROJECTS := $(wildcard packages/*/pyproject.toml)
LOWER := -e packages/callgraph -e packages/fingerprint

# Asked once: every mention of PYTHON would ask again.
PYTHON := $(PYTHON)

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
# What the caller set for other programs must not reach into .venv.
unexport PYTHONPATH PYTHONHOME EVERFRESH_DIR EVERFRESH_DISABLE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo test quick coverage alone alone-callgraph alone-fingerprint lint format bench bench-quick mutants docs clean

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' Makefile

setup: .venv/developer.stamp ## create .venv with the three packages and every tool

demo: .venv/demo.stamp ## a real analysis: cold, unchanged, after an edit, after a comment
	$(BIN)/python examples/run.py

test: coverage alone ## every test with coverage, then each lower package alone in a clean environment

quick: .venv/developer.stamp ## every test, without coverage
	$(BIN)/python -m pytest

coverage: .venv/developer.stamp
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage report

alone: alone-callgraph alone-fingerprint

alone-callgraph: .venv/developer.stamp
	rm -rf build/alone/callgraph
	$(BIN)/python -m venv build/alone/callgraph
	build/alone/callgraph/bin/python -m pip install -q 'packages/callgraph[test]'
	build/alone/callgraph/bin/python -I tests/absent.py everfresh everfresh_fingerprint
	build/alone/callgraph/bin/pytest packages/callgraph/tests

alone-fingerprint: .venv/developer.stamp
	rm -rf build/alone/fingerprint
	$(BIN)/python -m venv build/alone/fingerprint
	build/alone/fingerprint/bin/python -m pip install -q packages/callgraph 'packages/fingerprint[test]'
	build/alone/fingerprint/bin/python -I tests/absent.py everfresh
	build/alone/fingerprint/bin/pytest packages/fingerprint/tests

lint: .venv/developer.stamp ## style, types, layers, news fragments
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/towncrier build --draft --version next --date unreleased

format: .venv/developer.stamp ## rewrite the sources as `make lint` wants them
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: build/bench/venv/stamp ## measure beside others, and write docs/performance.md (some ten minutes)
	build/bench/venv/bin/python -m benchmarks

bench-quick: build/bench/venv/stamp ## the same in about a minute, with smaller data, into build/bench/partial
	build/bench/venv/bin/python -m benchmarks --quick

mutants: .venv/developer.stamp ## random edits to real packages: none that changes an answer may go unseen (half an hour)
	$(BIN)/python -m mutants

docs: .venv/developer.stamp ## check the examples in the READMEs
	@echo 'docs: no pages are built yet; this runs every python block of the READMEs.'
	$(BIN)/python -m pytest tests/test_readme.py

clean: ## remove what make made, .venv included
	rm -rf .venv build dist .hypothesis .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A half-made .venv has no stamp and is made again from nothing.
.venv/created.stamp:
	@'$(PYTHON)' -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo 'everfresh needs Python 3.11 or newer, which "$(PYTHON)" is not: make PYTHON=/path/to/python' >&2; exit 1; }
	'$(PYTHON)' -m venv --clear .venv
	@touch $@

.venv/developer.stamp: .venv/created.stamp $(PROJECTS)
	$(BIN)/python -m pip install -q -e packages/callgraph -e 'packages/fingerprint[test]' -e 'packages/everfresh[test,test-engines,test-storage,dev]'
	@touch $@

.venv/demo.stamp: .venv/created.stamp $(PROJECTS)
	$(BIN)/python -m pip install -q $(LOWER) -e 'packages/everfresh[demo]'
	@touch $@

# An environment of its own: what is measured beside everfresh is not for .venv.
build/bench/venv/stamp: .venv/created.stamp $(PROJECTS)
	$(BIN)/python -m venv --clear build/bench/venv
	build/bench/venv/bin/python -m pip install -q $(LOWER) -e 'packages/everfresh[bench]'
	@touch $@
