# Everything happens in .venv, which the first target that needs it makes.
# Another Python than python3:  make course PYTHON=python3.12

PYTHON ?= python3

ENVIRONMENT := .venv
RUN := $(ENVIRONMENT)/bin/python
READY := $(ENVIRONMENT)/.course-installed

.DEFAULT_GOAL := help
.PHONY: help course test lab notebooks release demo-class lint lock bench bench-scaling \
  bench-grading clean

help:
	@echo "make course      install what the course needs, once, and run every notebook"
	@echo "make test        prove it: unit tests, every stored output, the notebooks' form"
	@echo "make lab         open the notebooks in JupyterLab"
	@echo "make notebooks   for authors: run the notebooks again and rewrite them in place"
	@echo "make release     build the exercises that students get, and a zip of them"
	@echo "make demo-class  invent a class of 40, grade what they submitted, and write a report"
	@echo "make lint        style, format, types, and who may import whom"
	@echo "make lock        renew requirements.txt from pyproject.toml (needs uv)"
	@echo "make bench       race the solvers against other libraries (a quarter of an hour)"
	@echo "make bench-scaling  the time per rating for 1, 5 and 20 million of them (goes on where it was)"
	@echo "make bench-grading  grade 300 submissions, 30 of them hostile, beside plain nbgrader"
	@echo "make clean       remove .venv and what the other targets made"
	@echo "With another Python than python3: make course PYTHON=python3.12"

course: $(READY)
	@$(RUN) -m mfteach course

test: $(READY)
	@$(RUN) -m pytest -n 2 --dist loadscope --cov=mfteach --cov-report=term --cov-fail-under=95 -rs

lab: $(READY)
	@$(RUN) -m jupyterlab notebooks

notebooks: $(READY)
	@$(RUN) -m mfteach notebooks

release: $(READY)
	@$(RUN) -m mfteach.grading.assignments.release

demo-class: release
	@$(RUN) -m mfteach.grading demo-class

lint: $(READY)
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -m mypy
	@$(ENVIRONMENT)/bin/lint-imports

# No address of an index goes into the lock, so it installs from any.
lock:
	@command -v uv >/dev/null || { echo "make lock needs uv: $(PYTHON) -m pip install uv"; exit 2; }
	uv pip compile pyproject.toml --extra course --extra dev --extra fast --extra grading --universal --python-version 3.11 \
	  --generate-hashes --no-strip-extras --no-emit-index-url --no-emit-find-links --no-header --quiet -o requirements.txt

PEERS := _build/peers

$(PEERS)/.installed: benchmarks/peers.py | $(READY)
	@echo "Installing the other libraries into $(PEERS) (some are large, once) ..."
	@$(RUN) -m benchmarks.peers $(PEERS)
	@touch $(PEERS)/.installed

bench: $(READY) $(PEERS)/.installed
	@$(RUN) -m benchmarks.race --peers $(PEERS)/bin/python

bench-scaling: $(READY)
	@$(RUN) -m benchmarks.scaling

bench-grading: $(READY)
	@$(RUN) -m benchmarks.grading

clean:
	rm -rf $(ENVIRONMENT) _build .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage*

# The stamp is written last. While it is missing, what an interrupted run left is cleared away.
$(READY): requirements.txt pyproject.toml
	@"$(PYTHON)" -c "" 2>/dev/null || { \
	  echo "$(PYTHON) was not found or does not run. Install Python 3.11 or later, or name yours: make course PYTHON=python3.12"; exit 2; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "The course needs Python 3.11 or later; $(PYTHON) is `"$(PYTHON)" --version 2>&1`."; \
	  echo "Name a newer one: make course PYTHON=python3.12"; exit 2; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make virtual environments. On Debian and Ubuntu: sudo apt install python3-venv"; exit 2; }
	@if [ ! -e $(READY) ]; then "$(PYTHON)" -m venv --clear $(ENVIRONMENT); fi
	@if command -v uv >/dev/null; then \
	  echo "Installing the course into $(ENVIRONMENT) with uv (a few seconds, once) ..."; \
	  uv pip install --quiet --python $(RUN) -r requirements.txt && \
	  uv pip install --quiet --python $(RUN) --no-deps --no-build-isolation -e .; \
	else \
	  echo "Installing the course into $(ENVIRONMENT) with pip (about a minute, once) ..."; \
	  $(RUN) -m pip install -qq --disable-pip-version-check -r requirements.txt && \
	  $(RUN) -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .; \
	fi
	@touch $(READY)
