# `make run` and `make test` need Python 3.11 or newer and make, and set up the rest themselves.
PYTHON ?= python3
VENV ?= .venv
CONSTRAINTS ?= constraints.txt
BROWSERS ?= 3
# One more than there are cores, as tests also wait; counted by Python, which every system has.
WORKERS ?= $(shell $(PYTHON) -c "import os; print(min(16, 1 + os.cpu_count()))")
MINUTES ?= 30
# Which tests `make headless` and `make browser` run; nothing for all of them.
SELECTED ?= not long
PROCESSES ?= 2
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input

# Tests start many processes, and each would have to compile everything again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run init share demo test test-full test-isolated check format format-check lint types layers \
        docs headless unit app browser smoke mutants soak bench screenshots test-lowest test-latest \
        audit dist lock clean

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/pyvenv.cfg:
	@scripts/make-venv $(VENV) $(PYTHON)

$(VENV)/.run-ready: requirements.txt $(CONSTRAINTS) | $(VENV)/pyvenv.cfg
	$(PIP_INSTALL) -r requirements.txt -c $(CONSTRAINTS)
	@touch $@

# Most of what the tools bring is never imported; Python compiles the rest when it is.
$(VENV)/.dev-ready: requirements.txt requirements-dev.txt $(CONSTRAINTS) | $(VENV)/pyvenv.cfg
	$(PIP_INSTALL) --no-compile -r requirements-dev.txt -c $(CONSTRAINTS)
	@touch $@ $(VENV)/.run-ready

run: $(VENV)/.run-ready  ## start the app, with the demo where no VPO is set or found
	$(BIN)/streamlit run app.py

init: $(VENV)/.run-ready  ## write a commented .streamlit/secrets.toml for you to edit
	@$(BIN)/python -m vpo_monitor.command init

share: $(VENV)/.run-ready  ## start the app for others on the network; OPTIONS=--help tells more
	@$(BIN)/python -m vpo_monitor.share $(OPTIONS)

demo: $(VENV)/.run-ready  ## start the demo VPO server alone, on port 8322
	$(BIN)/python -m vpo_monitor.demo --port 8322

test: check headless browser  ## run everything that CI runs

test-full:  ## the same with the tests that take long on purpose; runs nightly and for each release tag
	$(MAKE) check headless browser SELECTED=

check: $(VENV)/.dev-ready  ## format, lint, types, layers and docs: all that runs no tests
	@$(MAKE) --no-print-directory -j 2 format-check lint types layers docs

format: $(VENV)/.dev-ready  ## rewrite the code in the project's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

format-check: $(VENV)/.dev-ready  ## whether all code has the project's format
	$(BIN)/ruff format --check .

lint: $(VENV)/.dev-ready  ## what ruff finds
	$(BIN)/ruff check .

types: $(VENV)/.dev-ready  ## what mypy finds
	$(BIN)/mypy

layers: $(VENV)/.dev-ready  ## whether imports go one way
	$(BIN)/lint-imports

docs: $(VENV)/.dev-ready  ## build the site of docs/ into site/; a broken link fails it
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

# Of what is started once for a module, a worker takes the tests one after the other.
HEADLESS = REDIS_SERVER="$$(scripts/find-redis)" && export REDIS_SERVER && \
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "$(SELECTED)"

headless: $(VENV)/.dev-ready  ## all tests that need no browser: unit and app together
	$(HEADLESS) tests/unit tests/faults tests/app

test-isolated: $(VENV)/.dev-ready  ## all tests beside a VPO and with unrelated settings and secrets
	scripts/test-isolated $(BIN)/python $(MAKE) headless browser

unit: $(VENV)/.dev-ready  ## tests of the package, and of the app against a faulty server
	$(HEADLESS) tests/unit tests/faults

app: $(VENV)/.dev-ready  ## tests of each page without a browser
	$(HEADLESS) tests/app

browser: $(VENV)/.dev-ready  ## tests in Chromium
	CHROMIUM="$$(scripts/find-chromium $(BIN)/python)" && export CHROMIUM && \
	$(BIN)/python -m pytest tests/browser -n $(BROWSERS) --dist worksteal -m "$(SELECTED)"

smoke: $(VENV)/.dev-ready  ## open each page in Chromium and follow one job to its end
	CHROMIUM="$$(scripts/find-chromium $(BIN)/python)" && export CHROMIUM && \
	$(BIN)/python -m pytest tests/browser/test_smoke.py

mutants: .venv-mutants/.ready  ## how many small changes of the code no test notices; MODULE=backoff for one module
	rm -rf mutants
	.venv-mutants/bin/mutmut run --max-children $(PROCESSES) $(if $(MODULE),"*.$(MODULE).*")
	@.venv-mutants/bin/mutmut results --all true | $(PYTHON) scripts/mutants_table.py

.venv-mutants/.ready: requirements-mutants.txt requirements-dev.txt requirements.txt $(CONSTRAINTS)
	@test -d .venv-mutants || scripts/make-venv .venv-mutants $(PYTHON)
	.venv-mutants/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-mutants.txt -c $(CONSTRAINTS)
	@touch $@

soak: $(VENV)/.dev-ready  ## half an hour in Chromium while the server flaps; MINUTES=2 for less
	CHROMIUM="$$(scripts/find-chromium $(BIN)/python)" && \
	$(BIN)/python -m bench.browser_soak "$$CHROMIUM" --minutes $(MINUTES)

bench: $(VENV)/.dev-ready  ## measure all that was promised, beside a plain page; 10 minutes
	CHROMIUM="$$(scripts/find-chromium $(BIN)/python)" && $(BIN)/python -m bench "$$CHROMIUM"

screenshots: $(VENV)/.dev-ready  ## take the pictures of docs/pictures again; 5 minutes
	CHROMIUM="$$(scripts/find-chromium $(BIN)/python)" && $(BIN)/python -m scripts.screenshots "$$CHROMIUM"

test-lowest:  ## unit and page tests with the oldest versions that requirements.txt allows
	sed -n 's/^\([a-z-]*\)>=\([0-9.]*\),.*/\1==\2/p' requirements.txt > .lowest-constraints.txt
	$(MAKE) headless VENV=.venv-lowest CONSTRAINTS=.lowest-constraints.txt

# Without our upper bounds for these, and without constraints.txt for anything.
LATEST := streamlit|uvicorn|starlette|pandas|pyarrow|pydantic

test-latest:  ## headless and smoke tests with the newest Streamlit, pandas and so on, also beyond our bounds
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

# Licences that ask for no more than to be named, or, as MPL, to keep changes to their own files open.
LICENCES := MIT;BSD;Apache;PSF;Mozilla;MPL;ISC;Zlib;CC0;HPND
# They name theirs in their repositories only: both MIT.
WITHOUT_LICENCE := streamlit-autorefresh axe-playwright-python

audit: $(VENV)/.dev-ready .venv-audit/.ready  ## look for known vulnerabilities, and at licences; needs the network
	.venv-audit/bin/pip-licenses --python $(BIN)/python --from=mixed --summary \
	  --ignore-packages $(WITHOUT_LICENCE) --partial-match --allow-only "$(LICENCES)"
	.venv-audit/bin/pip-audit --strict --disable-pip --no-deps --requirement $(CONSTRAINTS)

.venv-audit/.ready: requirements-audit.txt
	@test -d .venv-audit || scripts/make-venv .venv-audit $(PYTHON)
	.venv-audit/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-audit.txt
	@touch $@

dist: $(VENV)/.dev-ready .venv-dist/.ready  ## build wheel and sdist into dist/, and try the wheel; needs the network
	rm -rf dist
	.venv-dist/bin/python -m build --outdir dist .
	.venv-dist/bin/twine check --strict dist/*
	$(BIN)/python -m scripts.try_wheel dist/*.whl

.venv-dist/.ready: requirements-dist.txt
	@test -d .venv-dist || scripts/make-venv .venv-dist $(PYTHON)
	.venv-dist/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-dist.txt
	@touch $@

lock:  ## write constraints.txt anew from the ranges in requirements*.txt
	rm -rf .venv-lock && scripts/make-venv .venv-lock $(PYTHON)
	.venv-lock/bin/python -m pip install --quiet -r requirements-dev.txt
	scripts/write-constraints .venv-lock/bin/python > constraints.txt
	rm -rf .venv-lock

clean:  ## remove what the targets above made
	rm -rf site dist mutants .venv .venv-mutants .venv-lowest .venv-latest .venv-lock .venv-audit \
	       .venv-dist .lowest-constraints.txt .latest-requirements.txt .mypy_cache \
	       .ruff_cache .pytest_cache .import_linter_cache .hypothesis
