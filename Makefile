# make demo   sets up an environment and runs the main job: a real ECG in, a draft report with evidence out
# make test   sets up what tests need as well, and runs them
# make lint   style and types
# make shipped DATA=PTB-XL-FOLDER   trains the model that ships again, teachers first: meant for a GPU
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
SOURCES := pyproject.toml tools/install.py

.PHONY: demo test test-shells test-rooms lint shipped shipped-data clean

demo: .venv/core.done
	@$(BIN)/einthoven demo

test: .venv/test.done
	@$(MAKE) --no-print-directory --jobs 2 test-shells test-rooms

# The two halves of the tests, which take about the same time; they run beside each other.
SHELLS := tests/cli tests/evaluation tests/llm tests/quality tests/training
test-shells:
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -p no:cacheprovider $(SHELLS)

test-rooms:
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -p no:cacheprovider $(SHELLS:%=--ignore=%)

lint: .venv/lint.done
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mypy --platform win32 --cache-dir .mypy_cache/win32

# Of the study's rows the four that teach: one of the others ends with an error (docs/search.md), and would end this too.
TEACHERS := resnet1d_18 resnet1d_medium convnextv2_nano s4d_small
shipped: shipped-data .venv/test.done
	$(BIN)/einthoven train configs/small_4.yaml --data "$(DATA)" --out runs/teachers/small-4 --resume
	$(BIN)/einthoven study run studies/teachers.yaml $(TEACHERS:%=--row %) --data "$(DATA)" --out runs/teachers
	$(BIN)/einthoven train configs/shipped.yaml --data "$(DATA)" --out runs/shipped --resume

shipped-data:
	@test -n "$(DATA)" -a -f "$(DATA)/ptbxl_database.csv" || { echo "Where PTB-XL lies is not said, or it is not there: make shipped DATA=PTB-XL-FOLDER" >&2; exit 2; }

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Einthoven needs Python 3.11 or newer; this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv

.venv/core.done: .venv/bin/python $(SOURCES)
	$(BIN)/python tools/install.py
	@touch $@

.venv/test.done: .venv/bin/python $(SOURCES)
	$(BIN)/python tools/install.py train,eval,llm,test
	@touch $@ .venv/core.done

.venv/lint.done: .venv/test.done
	$(BIN)/python tools/install.py train,eval,llm,test,lint
	@touch $@

clean:
	rm -rf .venv runs .pytest_cache .mypy_cache .ruff_cache .hypothesis
