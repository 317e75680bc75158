"""The rules for incidents: the shipped ones, and a sitting's own in their place."""

import pytest
from pydantic import ValidationError

from app.domain.alarm_rules import AlarmAfter, AlarmRule, own_rules, parse_kinds, rule_errors, rules_of
from app.domain.incident_kinds import IncidentKind, Severity
from app.services.alarm_rules import FILE, kinds

ONE = "- {zh: 复制, en: Copied, rule: {kind: copy, severity: info}}\n"
OWN = AlarmRule(
    kind=IncidentKind.copy,
    severity=Severity.info,
    merge_seconds=10,
    alarm_after=AlarmAfter(count=2, within_seconds=5),
)


def test_every_kind_has_a_rule_and_a_name_in_both_languages() -> None:
    assert set(kinds()) == set(IncidentKind)
    assert all(known.zh and known.en for known in kinds().values())


def test_what_the_server_measures_has_a_threshold() -> None:
    measured = {kind for kind, known in kinds().items() if known.rule.threshold_seconds is not None}
    assert measured == {IncidentKind.network_lost, IncidentKind.clock_skew, IncidentKind.sweeper_late}


@pytest.mark.parametrize("text", [ONE, FILE.read_text(encoding="utf-8") + ONE], ids=["missing", "twice"])
def test_a_kind_without_or_with_two_rules_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="every kind"):
        parse_kinds(text)


def test_a_sittings_own_rule_stands_in_place_of_the_default_of_its_kind_only() -> None:
    rules = rules_of(kinds(), own_rules([OWN.model_dump(mode="json")]))
    assert rules[IncidentKind.copy] == OWN
    assert rules[IncidentKind.paste] == kinds()[IncidentKind.paste].rule


def test_own_rules_name_each_kind_once_and_thresholds_where_they_mean_something() -> None:
    late = AlarmRule(kind=IncidentKind.sweeper_late, severity=Severity.alarm)
    measured_copy = OWN.model_copy(update={"threshold_seconds": 3})
    errors = rule_errors(kinds(), [OWN, measured_copy, late])
    assert [(error.place, error.code) for error in errors] == [
        ("alarm_rules[1].kind", "alarm_rule_repeated"),
        ("alarm_rules[1].threshold_seconds", "alarm_rule_threshold"),
        ("alarm_rules[2].threshold_seconds", "alarm_rule_threshold"),
    ]


def test_numbers_are_bounded() -> None:
    for wrong in (
        {"merge_seconds": -1},
        {"merge_seconds": 90_000},
        {"alarm_after": {"count": 101, "within_seconds": 1}},
    ):
        with pytest.raises(ValidationError):
            AlarmRule.model_validate({"kind": "copy", "severity": "info"} | wrong)
