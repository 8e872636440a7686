# `make demo` shows what the template makes; `make test` is what a change must pass.
# All that is needed beforehand: make, git and Python 3.11 to 3.13.

# The first Python that fits; another one: make PYTHON=/path/to/python3.12 test
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	2>/dev/null && echo $$python && break; done)
BIN := .venv/bin
PYTEST = $(BIN)/python -m pytest
# The projects, two at a time: each is installed once, and has all its tests in one process.
PROJECTS = $(BIN)/python tests/projects/run.py
# Without its cache Python compiles every library again in each of the hundreds of processes.
unexport PYTHONDONTWRITEBYTECODE
RETRY = for wait in 5 20 0; do $(1) && exit 0; sleep $$wait; done; exit 1

.PHONY: setup demo test test-fast test-services test-slow bench notebooks lint format clean

setup: .venv/ready  ## install the tools of the template into .venv

.venv/ready: pyproject.toml
	@$(or $(PYTHON),false) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	|| { echo "This needs Python 3.11, 3.12 or 3.13: make PYTHON=/path/to/it $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv --clear .venv
	@$(call RETRY,$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1")
	@$(call RETRY,$(BIN)/python -m pip install --quiet --group dev)
	@touch $@

demo: setup  ## generate the churn project into demo/ and run it
	@if [ -e demo ] && [ ! -e demo/.made-by-make-demo ]; then \
	echo "demo/ exists and was not made by make demo: move it away first." >&2; exit 1; fi
	rm -rf demo && mkdir demo && touch demo/.made-by-make-demo
	$(BIN)/cookiecutter . --no-input --default-config --output-dir demo domain=tabular
	cd demo/customer-churn && ../../$(BIN)/uv run --python ../../$(BIN)/python churn all
	@echo
	@echo "Look at demo/customer-churn/README.md and demo/customer-churn/reports/."
	@echo "Then: cd demo/customer-churn && ../../$(BIN)/uv run churn serve   (or: churn dashboard)"

test: lint test-fast  ## the fast tier, then each project installed and really run
	$(PYTEST) --numprocesses 2 -m "project and not slow" tests/bake tests/tool
	$(PROJECTS) -- -m "not slow and not services"

test-fast: setup  ## the generator, the kit and the tool: no project is installed
	$(PYTEST) --numprocesses 2 --dist loadfile -m "not slow and not project and not services" tests/bake tests/kit tests/tool

test-services: setup  ## optional rungs, resolving for other systems, whatever needs more than a laptop
	@$(call RETRY,$(BIN)/python -m pip install --quiet --group dev --group services)
	$(PYTEST) --numprocesses 2 --dist loadfile -m "services and not project and not slow" tests/services
	$(PROJECTS) -- -m "services and not slow"

test-slow: setup  ## long fuzzing, many answers, many interruptions
	$(PYTEST) --numprocesses 2 -m "slow and not project"
	$(PROJECTS) -- -m slow

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup  ## measure what benchmarks/README.md says (also MovieLens: MOVIELENS=folder)
	$(BIN)/python benchmarks/run.py $(if $(MOVIELENS),--movielens "$(MOVIELENS)")

notebooks: setup  ## make the notebooks from their percent-format sources
	$(BIN)/python scripts/notebooks.py

clean:
	rm -rf .venv .hypothesis .pytest_cache .ruff_cache
	if [ -e demo/.made-by-make-demo ]; then rm -rf demo; fi
