# make demo    see the exporter work on the sandbox, without AWS or Cloud Foundry; Ctrl-C ends it
# make test    everything that a change has to pass
# make bench   what it costs, as ratios
#
# and the parts: make lint, make types, make unit; make picture (of the README), make lock (the requirements), make clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SYSTEM_PACKAGES := promtool=prometheus prometheus-alertmanager=prometheus-alertmanager amtool=prometheus-alertmanager \
	chromium=chromium pg_ctlcluster=postgresql buildah=buildah debootstrap=debootstrap
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url \
	--custom-compile-command "make lock"

.PHONY: demo test system-packages lint types unit bench picture lock clean

demo: $(VENV)/ready
	@$(BIN)/python -m sandbox.demo

test: system-packages $(VENV)/ready lint types unit

system-packages:
	@.ci/system-packages $(SYSTEM_PACKAGES)

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/ready
	$(BIN)/mypy

unit: $(VENV)/ready
	$(BIN)/pytest --numprocesses auto

bench: $(VENV)/ready
	@$(BIN)/python -m bench

picture: $(VENV)/ready
	@PYTHONPATH=. $(BIN)/python docs/picture.py

$(VENV)/ready: requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@echo "Setting up $(VENV): once, for about a minute ..."
	@$(PYTHON) -m venv --clear $(VENV) >/dev/null 2>&1 || \
		{ .ci/system-packages ensurepip=python3-venv && $(PYTHON) -m venv --clear $(VENV); }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

lock:
	$(COMPILE) pyproject.toml --output-file requirements.txt
	$(COMPILE) pyproject.toml --group dev --constraints requirements.txt --output-file requirements-dev.txt
	$(COMPILE) --group build --constraints requirements-dev.txt --output-file requirements-build.txt

clean:
	rm -rf $(VENV) dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
