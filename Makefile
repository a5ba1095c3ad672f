# Two commands on a fresh machine with Python 3.11+ and make:
#   make demo    sets everything up, runs the sample company end to end, prints the metrics
#   make test    sets everything up and passes the tests

SHELL := /bin/bash
# Certificates of the system, so that a company's own proxy is trusted as elsewhere.
export UV_SYSTEM_CERTS ?= 1
.DEFAULT_GOAL := help

# The first Python of these that is 3.11, 3.12 or 3.13 and can make environments.
PYTHON ?= $(shell for p in python3.12 python3.11 python3.13 python3 python; do \
	"$$p" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' \
	2>/dev/null && echo "$$p" && break; done)
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
LOCALS := -e . -e sandbox
# Every plugin in the checkout: each taps/NAME and targets/NAME with a pyproject.toml.
PLUGIN_PROJECTS := $(sort $(wildcard taps/*/pyproject.toml targets/*/pyproject.toml))
PLUGINS := $(patsubst %/pyproject.toml,%,$(PLUGIN_PROJECTS))
PLUGIN_PACKAGES := $(sort $(patsubst %/__init__.py,%,$(wildcard $(addsuffix /*/__init__.py,$(PLUGINS)))))
DEV_LOCALS := $(LOCALS) $(addprefix -e ,$(PLUGINS))
PROJECTS := pyproject.toml sandbox/pyproject.toml $(PLUGIN_PROJECTS)
UV_PIP := $(UV) pip install --quiet --python $(BIN)/python
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate --no-emit-package bizops-reading-kit

.PHONY: help demo test browser check bench faults image-test format docs lock clean

help: ## Show what there is to make
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

demo: $(VENV)/.runtime ## Run the sample company end to end, print its metrics, write its report
	@$(BIN)/bizops demo

test: $(VENV)/.dev browser ## Run every test; PYTEST_ARGS=tests/unit runs some
ifdef PYTEST_ARGS
	@$(BIN)/python -m pytest $(PYTEST_ARGS)
else
# Three processes, since tests wait more than they work; two speak when they are done.
	@$(BIN)/python -m pytest sandbox taps targets tests/bench > $(VENV)/.plugin-tests.log 2>&1 & \
	plugins=$$!; \
	$(BIN)/python -m pytest tests/transform tests/browser tests/display > $(VENV)/.model-tests.log 2>&1 & \
	models=$$!; status=0; \
	$(BIN)/python -m pytest tests --ignore=tests/bench --ignore=tests/transform \
		--ignore=tests/browser --ignore=tests/display || status=$$?; \
	wait $$plugins || status=$$?; \
	wait $$models || status=$$?; \
	cat $(VENV)/.plugin-tests.log $(VENV)/.model-tests.log; \
	exit $$status
endif

# As root on Debian and its kin it is installed; elsewhere the tests that need it say so.
browser: ## Get Chromium, in which the tests look at the report
	@if [ -n "$$BIZOPS_TEST_CHROMIUM" ] || command -v chromium > /dev/null; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
		echo "· installing chromium"; \
		export DEBIAN_FRONTEND=noninteractive; \
		apt-get -o Acquire::Retries=3 update -qq && \
		apt-get -o Acquire::Retries=3 install -qq --no-install-recommends \
			chromium fonts-dejavu-core > /dev/null && exit 0; \
	fi; \
	echo "There is no Chromium here, so the tests in tests/browser will fail. Install it" \
		"(apt-get install chromium), or name one: BIZOPS_TEST_CHROMIUM=/path/to/chrome" >&2

check: $(VENV)/.dev ## Lint, types, import contracts, SQL style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy bizops_cli sandbox/bizops_sandbox $(PLUGIN_PACKAGES)
	$(BIN)/mypy -p tests.bench -p tests.fault
	$(BIN)/lint-imports
	cd transform && ../$(BIN)/sqlfluff lint --disable-progress-bar models

bench: $(VENV)/.dev ## Measure speed and memory beside the peers (half an hour)
	$(BIN)/python -m tests.bench

faults: $(VENV)/.dev ## Break what target-postgres runs on, for hours, and look what is stored
	$(BIN)/python -m tests.fault --long

image-test: $(VENV)/.dev ## Build the image with buildah (as root), run it, look what it does
	$(BIN)/python -m tests.image

format: $(VENV)/.dev ## Format Python and SQL
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .
	cd transform && ../$(BIN)/sqlfluff fix --quiet models

docs: $(VENV)/.dev ## Write the pages of doc/ that come from the code
	$(BIN)/python tests/docs/generate_cli_pages.py
	$(BIN)/python tests/docs/generate_metric_pages.py
	$(BIN)/python sandbox/tests/generate_sandbox_page.py

lock: $(VENV)/.uv ## Write the locked requirements anew
	$(COMPILE) requirements/uv.in -o requirements/uv.lock.txt
	$(COMPILE) pyproject.toml sandbox/pyproject.toml requirements/build.in requirements/uv.in \
		-o requirements/runtime.lock.txt
	$(COMPILE) $(PROJECTS) --group dev requirements/build.in -c requirements/runtime.lock.txt \
		-o requirements/dev.lock.txt
	$(COMPILE) requirements/display.in -o requirements/display.lock.txt

clean: ## Stop the embedded warehouse; remove the environment and what runs left here
	-[ ! -x $(BIN)/bizops ] || $(BIN)/bizops warehouse stop --delete-data --yes
	rm -rf $(VENV) .bizops

$(VENV)/.uv: requirements/uv.lock.txt
	@test -n "$(PYTHON)" || { echo "BizOps needs Python 3.11, 3.12 or 3.13 with venv and" \
		"ensurepip (on Debian: apt install python3-venv). Name one with: make $(MAKECMDGOALS)" \
		"PYTHON=/path/to/python3.12" >&2; exit 2; }
	@echo "· environment in $(VENV) ($$($(PYTHON) --version))"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		--no-deps -r requirements/uv.lock.txt
	@touch $@

$(VENV)/.runtime: $(VENV)/.uv requirements/runtime.lock.txt $(PROJECTS)
	@echo "· installing bizops and the sandbox (locked, with hashes)"
	@$(UV_PIP) --require-hashes -r requirements/runtime.lock.txt
	@$(UV_PIP) --no-deps --no-build-isolation $(LOCALS)
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements/dev.lock.txt
	@echo "· installing plugins and tools for tests (locked, with hashes)"
	@$(UV_PIP) --require-hashes -r requirements/dev.lock.txt
	@$(UV_PIP) --no-deps --no-build-isolation $(DEV_LOCALS)
	@touch $@
