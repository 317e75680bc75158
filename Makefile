PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
CHECKED := app tests bench
WEB := web/node_modules/.package-lock.json
PAGES := app/pages/index.html
NPM := PATH="$(abspath $(BIN)):$$PATH" npm --prefix web --silent
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-header --no-emit-index-url --output-file

.DEFAULT_GOAL := help
.PHONY: help setup pages interface run test lint pytest vitest screenshots lock bench soak clean

help: ## 列出目标 List the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

setup: $(STAMP) ## 建立虚拟环境并安装 Make the virtual environment and install

$(STAMP): pyproject.toml requirements-dev.lock
	@$(PYTHON) -c 'import sys; sys.exit("需要 Python 3.11 或更高版本 Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements-dev.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(WEB): web/package.json web/package-lock.json $(STAMP)
	$(NPM) ci
	@touch $@

$(PAGES): $(shell find web -path web/node_modules -prune -o -type f -print) $(WEB)
	$(NPM) run build
	$(BIN)/python -m servestatic.compress --quiet app/pages/assets
	@touch $@

pages: $(PAGES) ## 构建网页 Build the pages

interface: setup $(WEB) ## 由接口说明生成网页的类型 Types of the pages' client from the OpenAPI description
	mkdir -p build
	$(BIN)/kaochang openapi > build/openapi.json
	$(NPM) run interface

run: pages ## 启动演示，参数用 ARGS Start the demonstration; options in ARGS
	$(BIN)/kaochang demo $(ARGS)

test: lint vitest pytest ## 全部检查与测试 All checks and tests

lint: setup ## 风格、类型、层次 Style, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(CHECKED)
	$(BIN)/lint-imports

vitest: $(WEB)
	$(NPM) run format
	$(NPM) run check
	$(NPM) test

pytest: $(PAGES)
	PYTHONDONTWRITEBYTECODE= $(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder $(ARGS)

screenshots: pages ## 每个网页的截图；ARGS=--docs 只更新文档的图 Pictures of every page; ARGS=--docs only those of docs/
	$(BIN)/pytest --quiet tests/e2e/screenshots.py $(ARGS)

lock: setup ## 重算依赖锁 Resolve the dependencies anew
	$(BIN)/python -m pip install --quiet --only-binary :all: uv
	$(COMPILE) requirements.lock pyproject.toml
	$(COMPILE) requirements-dev.lock --extra dev pyproject.toml
	echo hatchling | $(COMPILE) requirements-build.lock -

bench: setup ## 压力测试，参数用 ARGS Load tests; options in ARGS
	$(BIN)/python -m bench $(ARGS)

soak: setup ## 长时间故障演练 Faults at random for a long time
	$(BIN)/python -m tests.faults $(ARGS)

clean: ## 删除虚拟环境、缓存和产物 Remove the virtual environment, caches and builds
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist app/pages web/node_modules
	find app tests alembic -name __pycache__ -type d -prune -exec rm -rf {} +
