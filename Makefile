# Two commands do all the set-up: `make demo` runs the main job, `make test` passes the tests.
PYTHON ?= python3
BIN := .venv/bin
SPM_HOME ?= demo
SPM_SOURCES ?= $(firstword $(wildcard demo/sample/sources.yaml) spm_sample/published_figures/sources.yaml)
export GX_ANALYTICS_ENABLED := false
export DBT_SEND_ANONYMOUS_USAGE_STATS := false

.PHONY: help setup install lock sbom advisories demo test test-slow attack check format dev bench chaos history superset superset-look metrics docs evaluate mutate golden new-mart same-bytes pictures clean

help:  ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

setup: .setup/done  ## Environment in .venv, the dbt manifest and the tested registry

.setup/done: requirements.lock requirements-dev.lock pyproject.toml
	$(call environment,.venv,-r requirements.lock -r requirements-dev.lock)
	@mkdir -p .setup && touch .setup/done

# an environment, what the locks pin, this package, the dbt manifest
define environment
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) and "Python 3.11 is needed; set PYTHON=")'
	$(PYTHON) -m venv $(1)
	$(1)/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes $(2)
	$(1)/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(1)/bin/python -m pipelines.warehouse.compiled
endef

install:  ## What production needs, without tools and tests: make install VENV=/opt/spm/venv
	@test -n "$(VENV)" || { echo "make install VENV=FOLDER: say where the environment goes"; exit 2; }
	$(call environment,$(VENV),-r requirements.lock)
	$(VENV)/bin/python -m compileall -q pipelines expectations spm_sample

demo: setup  ## The main job on bundled data: real published figures and a national sample of four quarters
	$(BIN)/spm demo --home $(SPM_HOME)

test: setup  ## All tests but the slow ones (docs/testing.md)
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

test-slow: setup  ## Every test, each release judged: nightly, and before a change of locks, kills, rebuilds, national sets
	SPM_TESTS_JUDGE=all $(BIN)/python -m pytest -o addopts="-q --strict-markers"

MINUTES ?= 1
SEED ?= 1
attack: setup  ## Every attack of the tests, counted by kind, and a fuzz run: make attack MINUTES=60 SEED=7
	$(BIN)/python -m tests.attack --minutes $(MINUTES) --seed $(SEED)

check: setup  ## Format, lint, imports, types, SQL: changes nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	@$(MAKE) --no-print-directory .setup/linted

# files that changed since SQL was last in order; all of them where a macro or a rule of sqlfluff changed
SQL := $(shell find dbt_project/models dbt_project/tests dbt_project/macros dbt_project/views -name '*.sql')
OF_ALL_SQL := dbt_project/macros/%.sql %.sqlfluff
.setup/linted: $(SQL) .sqlfluff dbt_project/macros/.sqlfluff
	$(BIN)/sqlfluff lint --processes 2 $(if $(filter $(OF_ALL_SQL),$?),$(SQL),$?)
	@touch $@

format: setup  ## Format Python and SQL
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/sqlfluff fix dbt_project/models dbt_project/tests dbt_project/views --processes 2

pictures: setup  ## The pictures of the docs, from the home of `make demo`, in Chromium
	$(BIN)/python -m tests.pictures $(SPM_HOME)

dev: setup  ## The Dagster UI on port 3000, over SPM_HOME and SPM_SOURCES
	mkdir -p $(SPM_HOME)/dagster && cp -n dagster.yaml $(SPM_HOME)/dagster/ || true
	SPM_HOME=$(abspath $(SPM_HOME)) SPM_SOURCES=$(abspath $(SPM_SOURCES)) \
		DAGSTER_HOME=$(abspath $(SPM_HOME)/dagster) $(BIN)/dagster dev -w workspace.yaml

# uv keeps what is pinned; the second lock holds what the first one has not
UV ?= uv
COMPILE = $(UV) pip compile --quiet --python-version 3.11 --generate-hashes --no-annotate --no-header
lock:  ## Both locks, from requirements.in and requirements-dev.in: needs uv
	$(COMPILE) requirements.in -o requirements.lock
	$(COMPILE) requirements.in requirements-dev.in -c requirements.lock -o requirements-dev.lock \
		$$(sed -n 's/^\([a-z0-9._-]*\)==.*/--no-emit-package \1/p' requirements.lock)

sbom: setup  ## The bill of materials of what production installs, CycloneDX: sbom.cdx.json
	$(BIN)/python -m supply.sbom

# --strict: a package that the service does not know fails, where it would be passed over in silence
advisories: setup  ## Known faults of what production installs: needs the network (docs/security.md)
	$(BIN)/pip-audit --strict --require-hashes --disable-pip --progress-spinner off -r requirements.lock

bench: setup  ## Speed as ratios against a stated bound, in one table
	$(BIN)/python -m benchmarks.table

chaos: setup  ## Hundreds of killed runs, full disks, thousands of readings (an hour or more)
	$(BIN)/python -u -m tests.chaos

history: setup  ## 24 quarters in 26 releases: every change explained, every release built again (half an hour)
	$(BIN)/python -u -m tests.history

same-bytes: setup  ## Every table of every release, by the code of BASE and as it stands: make same-bytes BASE=main
	$(BIN)/python -m tests.same_bytes $(BASE) $(ARGS)

docs: setup  ## The dbt docs as one page, with the words of every column: dbt_project/target/docs
	$(BIN)/python -m pipelines.warehouse.docs

evaluate: setup  ## What the rules find of 80 kinds of planted errors, written to docs/rule-recall.md (ten minutes)
	$(BIN)/python -u -m tests.evaluation

mutate: setup  ## Every rule removed, emptied, renamed, made to raise: who notices (ten minutes)
	$(BIN)/python -u -m tests.mutation

superset: setup .superset/done  ## The dashboards of bi/superset in a real Superset, over SPM_HOME: each chart asked (minutes)
	SPM_HOME=$(SPM_HOME) $(BIN)/python -m bi.superset

superset-look: setup .superset/done  ## The same, and it stays at http://localhost:8088 (admin, admin)
	SPM_HOME=$(SPM_HOME) $(BIN)/python -m bi.superset --serve 8088

.superset/done: bi/superset/requirements.lock
	$(PYTHON) -m venv .superset
	.superset/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	@touch $@

metrics: setup .metricflow/done  ## The metrics of dbt_project/models/semantic in a real MetricFlow, over SPM_HOME: each answer compared
	SPM_HOME=$(SPM_HOME) $(BIN)/python -m bi.metrics

.metricflow/done: bi/metrics/requirements.lock
	$(PYTHON) -m venv .metricflow
	.metricflow/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	@touch $@

golden: setup  ## Write what follows from the cards of marts, and the golden files; review the diff
	SPM_WRITE_GOLDEN=1 $(BIN)/python -m pytest tests/contract/test_cards.py tests/contract/test_asset_graph.py tests/contract/test_marts_v1.py

new-mart: setup  ## The skeleton of a mart: NAME=mart_thing, IN=scoring (docs/runbooks/mart.md)
	$(BIN)/python -m scaffold.new_mart $(NAME) $(IN)

clean:  ## Remove what was made here
	rm -rf .setup .venv .superset .metricflow sbom.cdx.json demo spm_home dbt_project/target dbt_project/logs
