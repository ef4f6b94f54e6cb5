# Everything the project does starts here. `make run` and `make test` set up what they need.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
TEST := .venv-test
LESSONS := .venv-lessons
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

.PHONY: run test test-browser test-postgres test-model test-curricula lint fix bench eval screenshots lock clean help

help:  ## List the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 18

run: $(VENV)/.ready  ## Set up, index the lessons, open the tutor on http://127.0.0.1:7860
	@$(VENV)/bin/python -m tutor serve $(ARGS)

$(VENV)/.ready: requirements.lock requirements-uv.lock pyproject.toml
	$(call environment,$(VENV),requirements.lock)

$(TEST)/.ready: requirements-test.lock requirements-uv.lock pyproject.toml
	$(call environment,$(TEST),requirements-test.lock)

lock:  ## Resolve the dependencies again and write the hashed lock files
	uv pip compile -q --no-emit-index-url --no-header --universal --python-version 3.11 --generate-hashes pyproject.toml --group build -o requirements.lock
	uv pip compile -q --no-emit-index-url --no-header --universal --python-version 3.11 --generate-hashes pyproject.toml --group build --group test -c requirements.lock -o requirements-test.lock
	echo "uv==0.13.9" | uv pip compile -q --no-emit-index-url --no-header --universal --python-version 3.11 --generate-hashes - -o requirements-uv.lock

clean:  ## Remove the environments and caches
	rm -rf $(VENV) $(TEST) $(LESSONS) .pytest_cache .mypy_cache .ruff_cache build dist
