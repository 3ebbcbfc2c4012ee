# `make demo` and `make test` do all their own set-up, on a bare machine too, and are quick when everything is there.
PYTHON ?= python3
BIN := .venv/bin
PYTEST ?= $(BIN)/python -m pytest
WORKERS ?= 2
STAMP := .venv/.installed

export PYTHON

.PHONY: help demo test test-e2e unit lint format bench pins venv bootstrap test-matrix clean

help:
	@echo "make demo         five tiers of the demo project, side by side, each checked over HTTPS"
	@echo "make test         everything that has to hold: style, types, layers, unit, contract, e2e, docs"
	@echo "make unit         the inner loop: pure tests, a few seconds"
	@echo "make lint         style, types and layers alone"
	@echo "make bench        the figures of bench/, each beside its rival"
	@echo "make test-matrix  the end-to-end suite on several versions of Compose and of the engine"
	@echo "make pins         resolve the dependencies anew and write requirements.txt"

demo: bootstrap venv
	@$(BIN)/localenv demo

test: bootstrap lint
	@scripts/bootstrap --tests
	$(PYTEST) --numprocesses=$(WORKERS)

unit: venv
	$(PYTEST) tests/unit -q

lint: venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: venv
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: bootstrap venv
	$(BIN)/python -m bench

test-matrix: bootstrap venv
	scripts/test-matrix

bootstrap:
	@scripts/bootstrap --recipes

venv: $(STAMP)
	@:

$(STAMP): requirements.txt pyproject.toml
	@scripts/make-venv .venv
	@touch $@

pins:
	scripts/pins

clean:
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
