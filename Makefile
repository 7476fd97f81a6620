# `make run` and `make test` need make and Python 3.11 or newer, and install everything else.
PYTHON ?= python3
VENV ?= .venv
CONSTRAINTS ?= constraints.txt
BROWSERS ?= 3
# One more than the number of cores, because tests also wait. Python counts them on any system.
WORKERS ?= $(shell $(PYTHON) -c "import os; print(min(16, 1 + os.cpu_count()))")
MINUTES ?= 30
# The tests that `make headless` and `make browser` run; empty for all.
SELECTED ?= not long
PROCESSES ?= 2
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input

# Tests start many processes, each of which would compile everything again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run init share demo test test-full test-isolated check format format-check lint types layers \
        docs compiled headless unit app browser smoke mutants soak bench screenshots test-lowest test-latest \
        audit dist lock clean programs

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/pyvenv.cfg:
	@scripts/make-venv $(VENV) $(PYTHON)

$(VENV)/.run-ready: requirements.txt $(CONSTRAINTS) | $(VENV)/pyvenv.cfg
	$(PIP_INSTALL) -r requirements.txt -c $(CONSTRAINTS)
	@touch $@

# Most modules of the tools are never imported, so Python compiles them on import.
$(VENV)/.dev-ready: requirements.txt requirements-dev.txt $(CONSTRAINTS) | $(VENV)/pyvenv.cfg
	$(PIP_INSTALL) --no-compile -r requirements-dev.txt -c $(CONSTRAINTS)
	@touch $@ $(VENV)/.run-ready

run: $(VENV)/.run-ready  ## start the app, with the demo if no VPO is set or found
	$(BIN)/streamlit run app.py

init: $(VENV)/.run-ready  ## write a commented .streamlit/secrets.toml for you to edit
	@$(BIN)/python -m vpo_monitor.cli init

share: $(VENV)/.run-ready  ## start the app for others on the network; OPTIONS=--help lists options
	@$(BIN)/python -m vpo_monitor.cli share $(OPTIONS)

demo: $(VENV)/.run-ready  ## start the demo VPO server alone, on port 8322
	$(BIN)/python -m vpo_monitor.demo --port 8322

test:  ## run everything that CI runs
	@$(MAKE) --no-print-directory -j 2 check compiled programs
	@$(MAKE) --no-print-directory headless
	@$(MAKE) --no-print-directory browser

test-full:  ## run all tests, including long ones; runs nightly and for each release tag
	$(MAKE) check compiled headless browser SELECTED=

check: format-check lint types layers docs  ## run these five, but no tests

# Errors are ignored here: headless and browser say what is missing.
programs: | $(VENV)/pyvenv.cfg  ## find Redis and Chromium for the tests, or install them
	@scripts/find-redis >/dev/null 2>&1; scripts/find-chromium $(PYTHON) >/dev/null 2>&1 || true

format: $(VENV)/.dev-ready  ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

format-check: $(VENV)/.dev-ready  ## check the format of the code
	$(BIN)/ruff format --check .

lint: $(VENV)/.dev-ready  ## check the code with ruff, and the JavaScript with oxlint
	$(BIN)/ruff check .
	$(BIN)/oxlint vpo_monitor/views/frontend vpo_monitor/web

types: $(VENV)/.dev-ready  ## check the types with mypy
	$(BIN)/mypy --num-workers 2

layers: $(VENV)/.dev-ready  ## check the direction of imports
	$(BIN)/lint-imports

docs: $(VENV)/.dev-ready  ## build the site in site/; fails on broken links
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

# Otherwise each worker of the first run compiles the same modules. Errors are ignored here: the tests
# say what is wrong.
$(VENV)/.compiled: | $(VENV)/.dev-ready
	@$(BIN)/python -m pytest --collect-only --quiet tests >/dev/null 2>&1 || true
	@touch $@

compiled: $(VENV)/.compiled  ## import all tests once, so that Python has compiled them

# With worksteal, a worker runs consecutive tests, so tests of one module share its fixtures.
HEADLESS = REDIS_SERVER="$$(scripts/find-redis)" && export REDIS_SERVER && \
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "$(SELECTED)"

headless: $(VENV)/.dev-ready  ## run all tests that need no browser
	$(HEADLESS) tests/unit tests/faults tests/app

test-isolated: $(VENV)/.dev-ready  ## run all tests with a VPO on the machine and with unrelated settings and secrets
	scripts/test-isolated $(BIN)/python $(MAKE) headless browser

unit: $(VENV)/.dev-ready  ## test the package, and the app with a faulty server
	$(HEADLESS) tests/unit tests/faults

app: $(VENV)/.dev-ready  ## test each page without a browser
	$(HEADLESS) tests/app

browser: $(VENV)/.dev-ready  ## run the tests in Chromium
	CHROMIUM="$$(scripts/find-chromium $(BIN)/python)" && export CHROMIUM && \
	$(BIN)/python -m pytest tests/browser -n $(BROWSERS) --dist worksteal -m "$(SELECTED)"

smoke: $(VENV)/.dev-ready  ## open each page in Chromium, and follow one job until it finishes
	CHROMIUM="$$(scripts/find-chromium $(BIN)/python)" && export CHROMIUM && \
	$(BIN)/python -m pytest tests/browser/test_smoke.py

mutants: .venv-mutants/.ready  ## run mutation tests; MODULE=limits for one module
	rm -rf mutants
	.venv-mutants/bin/mutmut run --max-children $(PROCESSES) $(if $(MODULE),"*.$(MODULE).*")
	@.venv-mutants/bin/mutmut results --all true | $(PYTHON) scripts/mutants_table.py

.venv-mutants/.ready: requirements-mutants.txt requirements-dev.txt requirements.txt $(CONSTRAINTS)
	@test -d .venv-mutants || scripts/make-venv .venv-mutants $(PYTHON)
	.venv-mutants/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-mutants.txt -c $(CONSTRAINTS)
	@touch $@

soak: $(VENV)/.dev-ready  ## run the app in Chromium with a flapping server for half an hour; MINUTES=2 for less
	CHROMIUM="$$(scripts/find-chromium $(BIN)/python)" && \
	$(BIN)/python -m bench.browser_soak "$$CHROMIUM" --minutes $(MINUTES)

bench: $(VENV)/.dev-ready  ## measure performance, compared with a plain page; 15 minutes
	CHROMIUM="$$(scripts/find-chromium $(BIN)/python)" && $(BIN)/python -m bench "$$CHROMIUM"

screenshots: $(VENV)/.dev-ready  ## retake the pictures in docs/pictures; 5 minutes
	CHROMIUM="$$(scripts/find-chromium $(BIN)/python)" && $(BIN)/python -m scripts.screenshots "$$CHROMIUM"

test-lowest:  ## run headless tests with the oldest versions that requirements.txt allows
	sed -n 's/^\([a-z-]*\)>=\([0-9.]*\),.*/\1==\2/p' requirements.txt > .lowest-constraints.txt
	$(MAKE) headless VENV=.venv-lowest CONSTRAINTS=.lowest-constraints.txt

# The packages whose upper bounds are ignored. constraints.txt is not used either.
LATEST := streamlit|uvicorn|starlette|pandas|pyarrow|pydantic

test-latest:  ## run headless and smoke tests with the newest versions, ignoring upper bounds
	@test -d .venv-latest || scripts/make-venv .venv-latest $(PYTHON)
	sed -E -e '/^-r /d' -e 's/^($(LATEST))>=([0-9.]+),<[0-9.]+/\1>=\2/' requirements.txt requirements-dev.txt \
	  > .latest-requirements.txt
	.venv-latest/bin/python -m pip install --quiet --disable-pip-version-check --upgrade \
	  --upgrade-strategy eager -r .latest-requirements.txt
	@touch .venv-latest/.run-ready .venv-latest/.dev-ready
	@echo "Installed:" && .venv-latest/bin/python -m pip freeze | grep -E '^($(LATEST))=='
	@echo "Pinned (<) and installed (>), where they differ:"
	@scripts/write-constraints .venv-latest/bin/python | diff constraints.txt - | grep '^[<>]' || echo "none"
	@failed=0; for tests in headless smoke; do $(MAKE) $$tests VENV=.venv-latest || failed=1; done; exit $$failed

# Licenses that require only attribution or, like MPL, publishing changes to their own files.
LICENSES := MIT;BSD;Apache;PSF;Mozilla;MPL;ISC;Zlib;CC0;HPND
# These state their license only in their repositories: both MIT.
WITHOUT_LICENSE := streamlit-autorefresh axe-playwright-python

audit: $(VENV)/.dev-ready .venv-audit/.ready  ## check for known vulnerabilities and licenses; needs the network
	.venv-audit/bin/pip-licenses --python $(BIN)/python --from=mixed --summary \
	  --ignore-packages $(WITHOUT_LICENSE) --partial-match --allow-only "$(LICENSES)"
	.venv-audit/bin/pip-audit --strict --disable-pip --no-deps --requirement $(CONSTRAINTS)

.venv-audit/.ready: requirements-audit.txt
	@test -d .venv-audit || scripts/make-venv .venv-audit $(PYTHON)
	.venv-audit/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-audit.txt
	@touch $@

dist: $(VENV)/.dev-ready .venv-dist/.ready  ## build wheel and sdist in dist/, and test the wheel; needs the network
	rm -rf dist
	.venv-dist/bin/python -m build --outdir dist .
	.venv-dist/bin/twine check --strict dist/*
	$(BIN)/python -m scripts.try_wheel dist/*.whl

.venv-dist/.ready: requirements-dist.txt
	@test -d .venv-dist || scripts/make-venv .venv-dist $(PYTHON)
	.venv-dist/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-dist.txt
	@touch $@

lock:  ## update constraints.txt from the ranges in requirements*.txt
	rm -rf .venv-lock && scripts/make-venv .venv-lock $(PYTHON)
	.venv-lock/bin/python -m pip install --quiet -r requirements-dev.txt
	scripts/write-constraints .venv-lock/bin/python > constraints.txt
	rm -rf .venv-lock

clean:  ## remove everything that the other targets created
	rm -rf site dist mutants .venv .venv-mutants .venv-lowest .venv-latest .venv-lock .venv-audit \
	       .venv-dist .lowest-constraints.txt .latest-requirements.txt .mypy_cache \
	       .ruff_cache .pytest_cache .import_linter_cache .hypothesis
