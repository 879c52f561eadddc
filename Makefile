# make demo   a season through the main job        make test   the whole suite
# make check  lint, types and imports              make docs   the outputs shown in the documents
# make pins   pinned requirements anew (needs uv)  make clean  away with all of it
# make release  wheel and sdist, built and used where the source is not
# make api    the reference of the public names, in build/api
# PYTHON=python3.13 chooses the interpreter; uv is used where it is on PATH, venv and pip otherwise.

VENV ?= .venv
PYTHON ?=
BIN := $(VENV)/bin
DEMO := demo
UV := $(shell command -v uv 2>/dev/null)

ifneq ($(UV),)
CREATE = $(UV) venv --quiet --allow-existing $(if $(PYTHON),--python $(PYTHON)) $(VENV)
INSTALL = $(UV) pip install --quiet --python $(BIN)/python
else
CREATE = $(or $(PYTHON),python3) -m venv $(VENV)
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check
endif

.PHONY: demo test check pins clean docs release api
.DELETE_ON_ERROR:

$(VENV)/.created:
	@echo "creating $(VENV)"
	@$(CREATE)
	@touch $@

# The project itself is linked, not copied, so only its settings can make an installation stale.
$(VENV)/.runs: $(VENV)/.created requirements.txt requirements-build.txt pyproject.toml
	@echo "installing what intervaldetect needs to run"
	@$(INSTALL) --require-hashes -r requirements.txt -r requirements-build.txt
	@$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.develops: $(VENV)/.runs requirements-dev.txt
	@echo "installing what its tests need"
	@$(INSTALL) --require-hashes -r requirements-dev.txt
	@touch $@

demo: $(VENV)/.runs
	@mkdir -p $(DEMO)
	$(BIN)/intervaldetect batch fixtures/season -o $(DEMO)/store
	@echo
	$(BIN)/intervaldetect list $(DEMO)/store
	@echo
	$(BIN)/intervaldetect export $(DEMO)/store --format csv -o $(DEMO)/season.csv
	$(BIN)/intervaldetect export $(DEMO)/store --format jsonl -o $(DEMO)/season.jsonl
	@echo
	@echo "The store is $(DEMO)/store (SQLite), the exports are $(DEMO)/season.csv and $(DEMO)/season.jsonl."
	@echo "One file of your own:  $(BIN)/intervaldetect summary FILE"

test: $(VENV)/.develops
	$(BIN)/python -m pytest -q -n 2 --dist worksteal

check: $(VENV)/.develops
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --config pyproject.toml --no-cache

PINS = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url
pins:
	$(PINS) pyproject.toml -o requirements.txt
	$(PINS) -c requirements.txt --group build -o requirements-build.txt
	$(PINS) -c requirements.txt pyproject.toml --group dev -o requirements-dev.txt

clean:
	rm -rf $(VENV) $(DEMO) .pytest_cache .mypy_cache .ruff_cache .hypothesis

release: $(VENV)/.develops
	$(BIN)/python benchmarks/release/run.py

docs: $(VENV)/.develops demo
	$(BIN)/python docs/refresh.py

api: $(VENV)/.develops
	$(BIN)/python docs/api.py build/api
