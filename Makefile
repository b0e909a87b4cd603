# What can be done here. `make` lists it; `make demo` and `make test` need nothing installed but
# Python 3.11 or later.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
LOCK := requirements.lock

# Two threads of one process must not spin while others work; nothing reports home.
export OMP_WAIT_POLICY := passive
export MLFLOW_DISABLE_TELEMETRY := true
export DO_NOT_TRACK := true
export PYTHONHASHSEED := 0

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: env
env: $(STAMP) ## Install the locked versions into .venv (uv where there is one, else pip)

$(STAMP): $(LOCK) pyproject.toml
	@VENV="$(VENV)" LOCK="$(LOCK)" ./.ci/install
	@touch $(STAMP)

.PHONY: demo
demo: env ## Synthetic cases: train, evaluate, score and explain, into out/demo
	$(BIN)/riskmodel demo

.PHONY: demo-real
demo-real: env ## The same with 7,150 real workers' compensation courses (public research data)
	$(BIN)/riskmodel demo --example injury

.PHONY: lint
lint: env
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: check
check: lint ## The fast checks, under three minutes
	$(BIN)/pytest -n 2 -m "not slow" -p no:cacheprovider -q

.PHONY: test
test: lint ## Every check: lint, types, layers, tests with coverage, notebooks
	$(BIN)/pytest -n 2 --cov --cov-report=term:skip-covered --durations=15
	$(MAKE) --no-print-directory notebooks

.PHONY: notebooks
notebooks: env ## Run every notebook from top to bottom
	@if compgen -G "notebooks/*.ipynb" > /dev/null; \
	then $(BIN)/pytest --nbmake --nbmake-timeout=900 -p no:cacheprovider -q notebooks/*.ipynb; \
	else echo "no notebooks yet"; fi

.PHONY: benchmark
benchmark: env ## Measure speed and size against the peers
	@if [ -f benchmarks/run.py ]; then $(BIN)/python benchmarks/run.py; \
	else echo "benchmarks/run.py is missing: nothing was measured" >&2; exit 1; fi

.PHONY: chromium
chromium: ## Install the browser in which the pages are tested (Debian's)
	@./.ci/chromium

.PHONY: screenshots
screenshots: env ## Draw the pictures of the docs anew (needs make chromium)
	$(BIN)/python -m riskmodel.pipelines.screenshots docs/pictures

.PHONY: libreoffice
libreoffice: env ## Check the review form in LibreOffice (installs it where missing)
	@BIN=$(BIN) ./.ci/libreoffice

.PHONY: lock
lock: ## Resolve the newest allowed versions into requirements.lock (needs uv)
	uv pip compile --no-config --universal --python-version 3.11 --upgrade --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header --extra test --extra bench --quiet \
	  --output-file $(LOCK) pyproject.toml

.PHONY: clean
clean: ## Remove what the other targets made, but not the run log in mlruns/
	rm -rf $(VENV) out build dist htmlcov .coverage .coverage.* .pytest_cache .mypy_cache \
	  .ruff_cache .hypothesis .import_linter_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
