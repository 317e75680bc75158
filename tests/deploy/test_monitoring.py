"""Alerts and dashboard ask for figures that exist, and every alert says what to do."""

import json
import re
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from app.core.metrics import Metrics
from app.core.problem_catalog import CATALOG
from tests.test_docs import anchors

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "deploy" / "prometheus"
DASHBOARD = json.loads((ROOT / "deploy/grafana/dashboards/kaochang.json").read_text(encoding="utf-8"))
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((PROMETHEUS / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]
SUFFIXES = {"histogram": ("_bucket", "_sum", "_count"), "counter": ("_total",), "gauge": ("",)}
PROCESS = {"process_cpu_seconds_total", "process_resident_memory_bytes"}


def samples() -> dict[str, set[str]]:
    """Every sample that may be asked for, with the names of its labels."""
    found: dict[str, set[str]] = {name: set() for name in PROCESS}
    for collector in set(Metrics().registry._collector_to_names):
        for family in collector.collect():
            if family.name.startswith("kaochang_"):
                labels = set(getattr(collector, "_labelnames", ()))
                found |= {family.name + suffix: labels for suffix in SUFFIXES[family.type]}
    return found


SAMPLES = samples()
EXPRESSIONS = [rule["expr"] for rule in RULES] + [
    target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_figure_asked_for_exists(expression: str) -> None:
    promql_parser.parse(expression)
    names = set(re.findall(r"\b(?:kaochang|process)_\w+", expression))
    assert names <= set(SAMPLES)
    known = {label for name in names for label in SAMPLES[name]} | {"job", "instance", "le"}
    used = set(re.findall(r"(\w+)=", expression))
    for grouping in re.findall(r"by \(([^)]*)\)", expression):
        used |= {label.strip() for label in grouping.split(",")}
    assert used <= known


def test_every_figure_is_on_the_dashboard() -> None:
    shown = " ".join(target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"])
    bases = {re.sub(r"_(bucket|sum|count|total)$", "", name) for name in SAMPLES}
    assert [base for base in sorted(bases) if base not in shown] == []


def test_codes_in_alerts_are_those_of_the_catalogue() -> None:
    quoted = [code for expression in EXPRESSIONS for code in re.findall(r'code=~?"([^"]+)"', expression)]
    assert quoted
    assert {code for codes in quoted for code in codes.split("|")} <= set(CATALOG)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_every_alert_says_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in ("critical", "warning")
    assert re.search(r"[\u4e00-\u9fff].*[A-Za-z]{3}", rule["annotations"]["summary"])
    page, _, anchor = rule["annotations"]["runbook"].partition("#")
    assert anchor in anchors(ROOT / page)
    assert rule["alert"] in (ROOT / page).read_text(encoding="utf-8")


def test_panels_have_their_own_place_and_number() -> None:
    panels = DASHBOARD["panels"]
    cells = [
        (x, y)
        for panel in panels
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) < 24
    assert len({panel["id"] for panel in panels}) == len(panels)


def test_prometheus_asks_where_the_figures_are() -> None:
    (job,) = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text(encoding="utf-8"))["scrape_configs"]
    assert job["metrics_path"] == "/api/v1/metrics"
    assert {'job="kaochang"'} == set(re.findall(r'job="\w+"', " ".join(EXPRESSIONS)))
    assert job["job_name"] == "kaochang"
