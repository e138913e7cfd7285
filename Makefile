# Everything runs in .venv, which is made on the first call and again when pyproject.toml changes.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
RUNS   ?= 20000
KILLS  ?= 1000

.DEFAULT_GOAL := help
.PHONY: run test coverage lint format torture fuzz mutants bench models clean help

run: $(VENV)/.run  ## train an LSTM, evaluate it on sentences it never saw, answer "I love you"
	$(BIN)/emojify train --cell lstm -o emojify-lstm.safetensors -f
	$(BIN)/emojify eval five-test -m emojify-lstm.safetensors
	$(BIN)/emojify predict -m emojify-lstm.safetensors "I love you"

test: $(VENV)/.dev  ## run the tests
	$(BIN)/python -m pytest

coverage: $(VENV)/.dev  ## run the tests and count the branches that they take
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage combine --quiet
	$(BIN)/python scripts/covered.py

lint: $(VENV)/.dev  ## check style, docstrings and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.dev  ## put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

torture: $(VENV)/.run  ## kill trainings KILLS=1000 times and resume them, 20 minutes
	$(BIN)/python scripts/torture.py --kills $(KILLS)

fuzz: $(VENV)/.fuzz  ## give changed inputs to the readers, RUNS=20000 to each
	$(BIN)/python fuzz/run.py --runs $(RUNS)

mutants: $(VENV)/.mutants  ## change readers, settings and saving; count what the tests notice
	$(BIN)/python scripts/mutants.py $(ARGS)

bench: $(VENV)/.bench  ## measure against PyTorch, gensim and fastText on this machine, 25 minutes
	$(BIN)/python benchmarks/run.py $(ARGS)

models: $(VENV)/.models  ## make the vectors and models that come with the package anew, 15 minutes
	$(BIN)/python scripts/ship_everyday.py
	$(BIN)/emojify train -c chat -o emojify/models/chat.safetensors -f
	$(BIN)/emojify train -c caption-gru -o emojify/models/caption.safetensors -f
	$(BIN)/emojify train --cell lstm -o emojify/models/five.safetensors -f

clean:  ## remove what was made here
	rm -rf $(VENV) build dist mutants .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis emojify-*.safetensors
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/.run

$(VENV)/.bench: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@touch $@ $(VENV)/.run

$(VENV)/.fuzz: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[fuzz]'
	@touch $@ $(VENV)/.run

$(VENV)/.models: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[models]'
	@touch $@ $(VENV)/.run

$(VENV)/.mutants: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[mutants]'
	@touch $@ $(VENV)/.run
