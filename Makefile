# make run · test · check · bench · format – each does its own set-up from a bare clone, in .venv.
# Needs make, git and Python 3.11 or newer; `make test` also a Chromium and mail
# servers (Dovecot, Exim), which it installs where it may.

.SILENT:
.NOTPARALLEL:
.PHONY: run test check bench format gates fast stories crash browser mail chromium clean

PYTHONS := $(PYTHON) python3.11 python3.12 python3.13 python3.14 python3
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
# What is slow by nature, and so no part of `make check`: servers that others wrote, the program as a process of its
# own, long searches for a counterexample, training. Whatever stands here runs with the stories, everything else fast.
SLOW := tests/stories tests/peers $(addprefix tests/channels/email/test_,\
	checking.py exchange.py imap.py listening.py oauth.py real_servers.py sending.py smtp.py) \
	$(addprefix tests/channels/telegram/test_,emulator.py imports.py) \
	$(addprefix tests/bot/test_,lessons.py linking.py) \
	$(addprefix tests/engine/test_,database_away.py order_model.py) \
	tests/replies/test_threads.py
FAST := tests --ignore=tests/crash --ignore=tests/e2e $(addprefix --ignore=,$(SLOW))
SOURCES := pyproject.toml constraints.txt hatch_build.py handoff/desk/package-lock.json
KEFU ?= serve
# Containers like to set it, and then every process of every test would compile all it reads, again and again.
unexport PYTHONDONTWRITEBYTECODE

run: .venv/for-run  ## start kefu; it prints what to open
	exec $(BIN)/kefu $(KEFU)

test: .venv/for-test  ## everything: format, lint, types, fast tests, stories, crash proofs, browser tests
	failed=; \
	for part in gates fast stories crash browser; do $(MAKE) --no-print-directory $$part || failed="$$failed $$part"; done; \
	if [ -n "$$failed" ]; then echo "kefu: failed:$$failed"; exit 1; fi; \
	echo "kefu: all tests passed"

check: gates fast  ## format, lint, types and the fast tests

gates: .venv/for-test
	echo "kefu: checking format, lint and types"
	$(BIN)/ruff format --quiet --check .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy

bench: .venv/for-test mail  ## figures of this machine, as ratios to a raw baseline of the same run
	$(BIN)/python -m tests.benchmarks $(BENCH)

format: .venv/for-test
	$(BIN)/ruff check --quiet --fix .
	$(BIN)/ruff format .

fast: .venv/for-test mail
	echo "kefu: fast tests"
	$(PYTEST) $(FAST) -n 3

stories: .venv/for-test mail
	echo "kefu: stories (whole conversations through the real program, mail through real servers, all that is slow by nature)"
	$(PYTEST) $(SLOW) -n 3

crash: .venv/for-test mail
	echo "kefu: crash proofs (processes are killed at random; several minutes)"
	$(PYTEST) tests/crash

# A process of their own: Playwright's synchronous calls leave an event loop behind that asyncio tests trip over.
browser: .venv/for-test chromium
	echo "kefu: browser tests"
	$(PYTEST) tests/e2e

chromium:
	if [ -x "$${CHROMIUM:-$$(command -v chromium || command -v chromium-browser || command -v google-chrome)}" ] \
		&& fc-list :lang=zh 2>/dev/null | grep -q .; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "kefu: installing Chromium and Chinese fonts with apt-get, for the browser tests"; \
		apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends \
			chromium fontconfig fonts-noto-cjk >/dev/null; \
	else \
		echo "kefu: the browser tests need Chromium and a Chinese font. Install them, for instance:"; \
		echo "      sudo apt-get install chromium fontconfig fonts-noto-cjk"; \
		echo "      Chromium somewhere else: make test CHROMIUM=/path/to/chromium"; exit 1; \
	fi

# Installing them must start nothing: they run only while a test wants them, on loopback.
mail:
	PATH="$$PATH:/usr/sbin"; \
	if command -v dovecot >/dev/null && command -v exim4 >/dev/null && [ -x /usr/lib/dovecot/lmtp ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "kefu: installing Dovecot and Exim with apt-get, for the e-mail tests (they are not started)"; \
		mask=; [ -e /usr/sbin/policy-rc.d ] || { mask=1; printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d; }; \
		apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends \
			dovecot-imapd dovecot-lmtpd exim4-daemon-light >/dev/null; code=$$?; \
		[ -z "$$mask" ] || rm -f /usr/sbin/policy-rc.d; exit $$code; \
	else \
		echo "kefu: the e-mail tests need Dovecot and Exim. Install them, for instance:"; \
		echo "      sudo apt-get install dovecot-imapd dovecot-lmtpd exim4-daemon-light"; exit 1; \
	fi

.venv/for-run: $(SOURCES) | .venv/bin/python
	echo "kefu: installing kefu and what it needs into .venv (once, and after each change of pyproject.toml)"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

.venv/for-test: $(SOURCES) | .venv/bin/python
	echo "kefu: installing kefu and what its tests need into .venv (once, and after each change of pyproject.toml)"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@ .venv/for-run

.venv/bin/python:
	for python in $(PYTHONS); do \
		"$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && found=$$python && break; \
	done; \
	if [ -z "$$found" ]; then \
		echo "kefu: no Python 3.11 or newer with venv here. Install it, for instance: sudo apt-get install python3-venv"; \
		echo "      Python somewhere else: make PYTHON=/path/to/python"; exit 1; \
	fi; \
	echo "kefu: making .venv with $$("$$found" --version)"; \
	"$$found" -m venv .venv

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist handoff/desk/static/vendor
