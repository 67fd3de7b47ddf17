# Everything happens in .venv, which the first target that needs it makes.
# Another Python than python3:  make course PYTHON=python3.12

PYTHON ?= python3
PYTHONS := 3.11 3.12 3.13 3.14

ENVIRONMENT := .venv
RUN := $(ENVIRONMENT)/bin/python
EXTRAS := fast grading spark dev site
COURSE := $(ENVIRONMENT)/.course-installed
DEV := $(ENVIRONMENT)/.dev-installed
SITE := $(ENVIRONMENT)/.site-installed
SPARK := $(ENVIRONMENT)/.spark-installed
READY := $(COURSE) $(ENVIRONMENT)/.fast-tried $(ENVIRONMENT)/.grading-tried

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help install course test coverage test-thorough test-browser test-spark spark-cluster spark-stop lab notebooks scripts release demo-class site-open \
  slides handout screenshots lint lock wheels bench bench-scaling bench-spark bench-grading clean $(EXTRAS)

help:
	@echo "make course      install what the course needs, once, and run every notebook"
	@echo "make install     only install it"
	@echo "make fast        try again to install Numba, which makes large data fast"
	@echo "make grading     try again to install nbgrader, which instructors need"
	@echo "make spark       install Apache Spark, for ratings beyond one machine (660 MB, needs Java 17)"
	@echo "make spark-cluster  start a Spark master and two workers on this machine; make spark-stop ends them"
	@echo "make dev         install what 'make test' and 'make lint' need; they do it themselves"
	@echo "make test        prove it: unit tests, every stored output, the notebooks' form"
	@echo "make coverage    the same, and which lines it has run: at least 95 of 100 (twice as long)"
	@echo "make test-thorough  the same as make test with many more cases, each night (minutes)"
	@echo "make lab         open the notebooks in JupyterLab"
	@echo "make notebooks   for authors: run the notebooks again and rewrite them in place"
	@echo "make scripts     for authors who changed live.js: put it into the stored outputs"
	@echo "make release     build the exercises that students get, and a zip of them"
	@echo "make demo-class  invent a class of 40, grade what they submitted, and write a report"
	@echo "make site        the course as web pages, with slides: _build/site/index.html"
	@echo "make site-open   serve them on this machine"
	@echo "make slides      the slides of each class alone: _build/site/slides/"
	@echo "make handout     the course on paper: _build/handout.pdf (needs Chromium)"
	@echo "make screenshots  pictures of the twelve most important views of the site (the same)"
	@echo "make test-browser  every page, both themes, and every slide in Chromium (minutes)"
	@echo "make test-spark  a fit on such a cluster, which loses a worker in the middle (minutes)"
	@echo "make lint        style, format, types, and who may import whom"
	@echo "make lock        renew requirements.txt and requirements/ from pyproject.toml (needs uv)"
	@echo "make wheels      ask for which machines a locked package has no wheel (needs uv)"
	@echo "make bench       race the solvers against other libraries (a quarter of an hour)"
	@echo "make bench-scaling  time and memory per rating for 1 to 100 million of them (goes on where it was)"
	@echo "make bench-spark  our ALS beside Spark's for 1, 5, 20 million ratings (ours: 100): table of lesson 15"
	@echo "make bench-grading  grade 300 submissions, 30 of them hostile, beside plain nbgrader"
	@echo "make clean       remove .venv and what the other targets made"
	@echo "With another Python than python3: make course PYTHON=python3.12"

install: $(READY)

course: $(READY)
	@$(RUN) -m mfteach course

test: $(READY) $(DEV)
	@$(RUN) -m pytest -n 2 --dist loadscope -rs

# The same, and twice as long: tracing costs as much as all the tests.
coverage: $(READY) $(DEV)
	@$(RUN) -m pytest -n 2 --dist loadscope --cov=mfteach --cov-report=term --cov-fail-under=95 -rs

test-thorough: $(READY) $(DEV)
	@$(RUN) -m pytest tests -n 2 --dist loadscope -m thorough -rs

lab: $(READY)
	@$(RUN) -m jupyterlab notebooks --config .jupyter/jupyter_lab_config.py

notebooks: $(READY)
	@$(RUN) -m mfteach notebooks

scripts: $(READY)
	@$(RUN) -m mfteach.commands.live_scripts

release: $(READY)
	@$(RUN) -m mfteach.grading.assignments.release

demo-class: release
	@$(RUN) -m mfteach.grading demo-class

site: $(READY) $(SITE)
	@cd site && ../$(RUN) -m delivery site

site-open: $(READY) $(SITE)
	@cd site && ../$(RUN) -m delivery open

slides handout: $(READY) $(SITE)
	@cd site && ../$(RUN) -m delivery $@

screenshots: site
	@cd site && ../$(RUN) -m delivery screenshots

test-browser: site $(DEV)
	@$(RUN) -m pytest tests -m browser -rs

spark-cluster spark-stop: $(READY) $(SPARK)
	@$(RUN) -m mfteach.spark.cluster $(if $(filter spark-stop,$@),stop,start)

test-spark: $(READY) $(DEV) $(SPARK)
	@$(RUN) -m pytest tests/spark -m cluster -rs

lint: $(DEV)
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -m mypy
	@$(ENVIRONMENT)/bin/lint-imports

# What is chosen for everything together, so that an extra never asks for another NumPy than the
# course, is then split: the course, and what each extra adds to it. No address of an index goes
# into a lock, so it installs from any.
COMPILE := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
  --no-strip-extras --no-emit-index-url --no-emit-find-links --no-header --quiet

lock:
	@command -v uv >/dev/null || { echo "make lock needs uv: $(PYTHON) -m pip install uv"; exit 2; }
	@mkdir -p _build
	cat requirements.txt requirements/*.txt > _build/all.txt
	$(COMPILE) --all-extras -o _build/all.txt
	cp _build/all.txt requirements.txt
	$(COMPILE) --extra course -o requirements.txt
	for extra in $(EXTRAS); do cp _build/all.txt _build/$$extra.txt && \
	  $(COMPILE) --extra $$extra -o _build/$$extra.txt \
	    `sed -n 's/^\([a-z0-9._-]*\).*==.*/--no-emit-package \1/p' requirements.txt` && \
	  sed '/^#/d' _build/$$extra.txt > requirements/$$extra.txt || exit 1; done

# To be read after `make lock`; it takes minutes. Two gaps of the course are known, and the README
# names them: matplotlib on Alpine on ARM, and PyYAML on Windows on ARM with Python 3.11.
MACHINES := x86_64-unknown-linux-gnu aarch64-unknown-linux-gnu x86_64-unknown-linux-musl \
  aarch64-unknown-linux-musl x86_64-apple-darwin aarch64-apple-darwin x86_64-pc-windows-msvc \
  aarch64-pc-windows-msvc

wheels:
	@command -v uv >/dev/null || { echo "make wheels needs uv: $(PYTHON) -m pip install uv"; exit 2; }
	@for lock in requirements.txt $(EXTRAS:%=requirements/%.txt); do for machine in $(MACHINES); do \
	  for python in $(PYTHONS); do \
	    said=`uv pip compile $$lock --quiet --no-deps --only-binary :all: --output-file /dev/null \
	      --python-platform $$machine --python-version $$python 2>&1` || \
	    echo "$$lock, $$machine, Python $$python: `echo $$said | grep -o '[^ ]* has no usable wheels' || echo $$said`"; \
	  done; done; done

PEERS := _build/peers

$(PEERS)/.installed: benchmarks/peers.py | $(READY)
	@echo "Installing the other libraries into $(PEERS) (some are large, once) ..."
	@$(RUN) -m benchmarks.peers $(PEERS)
	@touch $(PEERS)/.installed

bench: $(READY) $(PEERS)/.installed
	@$(RUN) -m benchmarks.race --peers $(PEERS)/bin/python

bench-scaling: $(READY) $(DEV)
	@$(RUN) -m benchmarks.scaling
	@$(RUN) -m benchmarks.netflix

bench-spark: $(READY) $(SPARK)
	@$(RUN) -m benchmarks.one_or_many

bench-grading: $(READY)
	@$(RUN) -m benchmarks.grading

clean:
	rm -rf $(ENVIRONMENT) _build .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage*

# The stamp is written last. While it is missing, what an interrupted run left is cleared away.
$(COURSE): requirements.txt pyproject.toml
	@"$(PYTHON)" -c "" 2>/dev/null || { \
	  echo "$(PYTHON) was not found or does not run. Install Python 3.13, or name yours: make course PYTHON=python3.12"; exit 2; }
	@"$(PYTHON)" -c 'import sys; sys.exit("%d.%d" % sys.version_info[:2] not in "$(PYTHONS)".split())' || { \
	  echo "The course needs one of the Pythons $(PYTHONS); $(PYTHON) is `"$(PYTHON)" --version 2>&1`."; \
	  echo "Name another one: make course PYTHON=python3.12"; exit 2; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make virtual environments. On Debian and Ubuntu: sudo apt install python3-venv"; exit 2; }
	@if [ ! -e $(COURSE) ]; then "$(PYTHON)" -m venv --clear $(ENVIRONMENT); fi
	@echo "Installing the course into $(ENVIRONMENT) (a minute with pip, seconds with uv, once) ..."
	@{ $(call pip_install,-r requirements.txt) && \
	  $(call pip_install,--no-deps --no-build-isolation -e .); } || { \
	  echo "The course could not be installed: the reason stands above. Where a package has no wheel for this"; \
	  echo "machine, a compiler is needed: see 'Which machines' in README.md."; exit 2; }
	@touch $@

# An extra comes as wheels or not at all: nobody waits for a compiler. Its lock holds only what it
# adds to the course. Whatever goes wrong is said in one line; all of it stands in the log.
LOG = $(ENVIRONMENT)/$(1).log
# Spark has no wheel, and nothing to compile: jars, and Python.
WHEELS_spark := py4j,pyarrow
add = $(call pip_install,--only-binary $(or $(WHEELS_$(1)),:all:) --no-deps -r requirements/$(1).txt) > $(LOG) 2>&1 || { \
  pin=`grep -E 'No matching distribution|no (usable )?wheels' $(LOG) | grep -o '[A-Za-z0-9._-]*==[A-Za-z0-9._+-]*' | head -n 1`; \
  why=`if [ "$$pin" ]; then echo "$$pin has no wheel for this machine, or there is no network"; \
    else { grep -i '^ *error' $(LOG) || cat $(LOG); } | head -n 1 | cut -c 1-200; fi`; \
  echo "$(2) ($$why). $(3) Try again: make $(1)"; false; }
# What Numba compiles is compiled now, once: it would cost the first fit in a lesson half a minute.
add_fast = { $(call add,fast,Left out: Numba,Large data takes longer without it.); } && { \
  echo "Compiling what Numba speeds up (half a minute, once) ..."; $(RUN) -m mfteach.commands.compiled_kernels; }
add_grading = $(call add,grading,Left out: nbgrader,Only instructors need it.)
add_site = $(call add,site,Cannot install what the web pages need,The course runs without them.)
add_spark = $(call add,spark,Cannot install Spark,The course runs without it.)
add_dev = $(call add,dev,Cannot install what the tests and checks need,The course runs without them.)

# Compiled at once: where the grader runs student code, nothing can be written.
pip_install = if command -v uv >/dev/null; then \
    uv pip install --quiet --compile-bytecode --python $(RUN) $(1); \
  else $(RUN) -m pip install -qq --compile --disable-pip-version-check $(1); fi

$(ENVIRONMENT)/.%-tried: requirements/%.txt $(COURSE)
	@$(add_$*) || true
	@touch $@

$(DEV): requirements/dev.txt $(COURSE)
	@$(add_dev)
	@touch $@

$(SPARK): requirements/spark.txt $(COURSE)
	@$(add_spark)
	@touch $@

$(SITE): requirements/site.txt $(COURSE)
	@$(add_site)
	@touch $@

$(filter-out site,$(EXTRAS)): $(COURSE)
	@$(add_$@)
