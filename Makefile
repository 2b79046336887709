# make demo    see the exporter work on the sandbox, without AWS or Cloud Foundry; Ctrl-C ends it
# make test    everything that a change has to pass
# make bench   what it costs, as ratios
#
# and the parts: make lint, make types, make unit; make pictures (of the README), make schema (of
# REGIONS_FILE), make lock (the requirements), make dist (source distribution, wheel, manual pages),
# make sbom (what is in them), make clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Who develops has everything in .venv; who only looks gets what the demo needs.
PROGRAMS := $(if $(wildcard $(VENV)/ready),$(VENV),.venv-demo)
SYSTEM_PACKAGES := promtool=prometheus prometheus-alertmanager=prometheus-alertmanager amtool=prometheus-alertmanager \
	chromium=chromium pg_ctlcluster=postgresql git=git curl=curl openssl=openssl groff=groff-base zsh=zsh fish=fish bwrap=bubblewrap \
	systemd-analyze=systemd buildah=buildah debootstrap=debootstrap
COMPILE := uv pip compile pyproject.toml --universal --python-version=3.11 --generate-hashes

VERSION = $(shell sed -n 's/^__version__ = "\(.*\)"/\1/p' fleet/__init__.py)

.PHONY: demo test system-packages lint types unit bench pictures schema lock dist sbom clean

demo: $(PROGRAMS)/ready
	@$(PROGRAMS)/bin/python -m sandbox.demo

test: system-packages $(VENV)/ready lint types unit

system-packages:
	@.ci/system-packages $(SYSTEM_PACKAGES)

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/ready
	$(BIN)/mypy

# Most tests wait more than they compute, so there are two for each core.
unit: $(VENV)/ready
	@$(BIN)/pytest --numprocesses $$($(BIN)/python -c 'import os; print(2 * (os.cpu_count() or 1))') || { \
		echo "Once more, one after another: whatever failed only because the machine was busy passes now."; \
		$(BIN)/pytest --last-failed --last-failed-no-failures none; }

bench: $(VENV)/ready
	@$(BIN)/python -m bench

pictures: $(VENV)/ready
	@PYTHONPATH=. $(BIN)/python docs/pictures.py

# What builds is pinned by hash too, and installed first: nothing is fetched that no file here names.
define INSTALL
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv --clear $(@D) >/dev/null 2>&1 || \
		{ .ci/system-packages ensurepip=python3-venv && $(PYTHON) -m venv --clear $(@D); }
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-build.txt
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --no-build-isolation $(1)
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
endef

$(VENV)/ready: requirements-dev.txt requirements-build.txt pyproject.toml
	@echo "Setting up $(VENV): once, for about a minute ..."
	$(call INSTALL,-r requirements-dev.txt)

.venv-demo/ready: requirements.txt requirements-sandbox.txt requirements-build.txt pyproject.toml
	@echo "Setting up .venv-demo: once, for half a minute ..."
	$(call INSTALL,-r requirements.txt -r requirements-sandbox.txt)

# renovate.json has Renovate run the very commands that each file's second line shows, so they are spelt as it reads them.
schema: $(VENV)/ready
	@PYTHONPATH=. $(BIN)/python docs/regions_schema.py > docs/regions.schema.json

lock:
	$(COMPILE) --output-file=requirements.txt >/dev/null
	$(COMPILE) --group=dev --constraint=requirements.txt --output-file=requirements-dev.txt >/dev/null
	uv pip compile --universal --python-version=3.11 --generate-hashes --group=sandbox --constraint=requirements-dev.txt \
		--output-file=requirements-sandbox.txt >/dev/null
	uv pip compile --universal --python-version=3.11 --generate-hashes --group=build --constraint=requirements-dev.txt \
		--output-file=requirements-build.txt >/dev/null

dist: $(VENV)/ready
	rm -rf dist build
	@PYTHONPATH=. $(BIN)/python docs/manual_pages.py build/man
	$(BIN)/python -m build --no-isolation --outdir dist .

# What is in it, for those who look for known faults: the locked libraries, by name, version and hash.
sbom: $(VENV)/ready
	@mkdir -p build dist
	@sed 's/^dynamic = .*/version = "$(VERSION)"/' pyproject.toml > build/pyproject.toml
	$(BIN)/cyclonedx-py requirements --pyproject build/pyproject.toml --output-reproducible \
		--output-file dist/elasticache-updates-$(VERSION).cdx.json requirements.txt

clean:
	rm -rf $(VENV) .venv-demo build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
