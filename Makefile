# make demo   see the exporter work against the sandbox, without AWS or Cloud Foundry
# make test   everything that a change has to pass
# make lint, make types, make unit, make bench, make lock: one part each

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PROMETHEUS_PACKAGES := prometheus prometheus-alertmanager chromium

.PHONY: demo test lint types unit bench lock clean

demo: $(VENV)/ready
	@$(BIN)/python demo.py

test: $(VENV)/ready lint types unit

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/ready
	$(BIN)/mypy

unit: $(VENV)/ready
	$(BIN)/pytest

$(VENV)/ready: requirements-dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url \
		pyproject.toml --output-file requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url \
		pyproject.toml --group dev --constraints requirements.txt --output-file requirements-dev.txt

clean:
	rm -rf $(VENV)
