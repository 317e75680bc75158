PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
CHECKED := app tests bench
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-header --no-emit-index-url --output-file

.DEFAULT_GOAL := help
.PHONY: help setup run test lint pytest lock bench soak clean

help: ## 列出目标 List the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

setup: $(STAMP) ## 建立虚拟环境并安装 Make the virtual environment and install

$(STAMP): pyproject.toml requirements-dev.lock
	@$(PYTHON) -c 'import sys; sys.exit("需要 Python 3.11 或更高版本 Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements-dev.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

run: setup ## 启动演示，参数用 ARGS Start the demonstration; options in ARGS
	$(BIN)/kaochang demo $(ARGS)

test: setup lint pytest ## 全部检查与测试 All checks and tests

lint: setup ## 风格、类型、层次 Style, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(CHECKED)
	$(BIN)/lint-imports

pytest: setup
	$(BIN)/pytest --numprocesses 2 --dist loadfile $(ARGS)

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
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find app tests alembic -name __pycache__ -type d -prune -exec rm -rf {} +
