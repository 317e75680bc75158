"""How grave each kind of incident is, which repeats are one, and when it becomes an alarm: rules as data.

The defaults stand in `app/data/alarm_rules.yaml`; a sitting may replace the rule of any kind.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from app.core.problems import FieldError
from app.domain import strict_yaml
from app.domain.frozen import Frozen
from app.domain.incident_kinds import IncidentKind, Severity

MOST_REPEATS = 100
"""The most repeats that a rule may count before it raises an alarm: so many times are kept with an incident."""

A_DAY = 24 * 3600


class AlarmAfter(Frozen):
    """An alarm when it has happened so often within so short a time."""

    count: Annotated[int, Field(ge=1, le=MOST_REPEATS, description="次数 Times.", examples=[5])]
    within_seconds: Annotated[int, Field(ge=1, le=A_DAY, description="秒 Seconds.", examples=[600])]

    @property
    def within(self) -> timedelta:
        return timedelta(seconds=self.within_seconds)


class AlarmRule(Frozen):
    """The rule of one kind."""

    kind: IncidentKind
    severity: Severity
    merge_seconds: Annotated[
        int,
        Field(
            ge=0,
            le=A_DAY,
            description="多少秒内的重复并为一条，0 为不合并 Repeats within so many seconds of the last are one.",
            examples=[300],
        ),
    ] = 0
    alarm_after: Annotated[
        AlarmAfter | None, Field(description="达到后升为警报，null 为不升级 null: never becomes an alarm by repeating.")
    ] = None
    threshold_seconds: Annotated[
        int | None,
        Field(
            ge=1,
            le=A_DAY,
            description="从多少秒起算，仅用于失联、时钟偏差、收卷滞后 From how many seconds on; of `network_lost`, "
            "`clock_skew` and `sweeper_late` only.",
            examples=[30],
        ),
    ] = None

    @property
    def merge(self) -> timedelta:
        return timedelta(seconds=self.merge_seconds)

    @property
    def threshold(self) -> timedelta:
        """Raises ValueError for a kind without one."""
        if self.threshold_seconds is None:
            raise ValueError(f"{self.kind} has no threshold")
        return timedelta(seconds=self.threshold_seconds)


class KnownKind(Frozen):
    """A kind with its names and its rule unless the sitting has its own."""

    zh: str
    en: str
    rule: AlarmRule


Rules = Mapping[IncidentKind, AlarmRule]

_KINDS = TypeAdapter(tuple[KnownKind, ...])
_OWN = TypeAdapter(tuple[AlarmRule, ...])


def parse_kinds(text: str) -> Mapping[IncidentKind, KnownKind]:
    """From YAML. Raises ValueError unless every kind stands there once."""
    kinds = _KINDS.validate_python(strict_yaml.load(text))
    by_kind = {known.rule.kind: known for known in kinds}
    if len(kinds) != len(by_kind) or set(by_kind) != set(IncidentKind):
        raise ValueError("every kind of incident needs one rule")
    return by_kind


def own_rules(stored: Sequence[Mapping[str, Any]] | None) -> tuple[AlarmRule, ...]:
    """A sitting's own rules as they are stored."""
    return _OWN.validate_python(stored or ())


def rules_of(kinds: Mapping[IncidentKind, KnownKind], own: Sequence[AlarmRule]) -> Rules:
    """The defaults, and in their place the sitting's own."""
    return {kind: known.rule for kind, known in kinds.items()} | {rule.kind: rule for rule in own}


def rule_errors(kinds: Mapping[IncidentKind, KnownKind], own: Sequence[AlarmRule]) -> list[FieldError]:
    """What is wrong with a sitting's own rules: a kind twice, a threshold missing or where it means nothing."""
    errors = []
    for index, rule in enumerate(own):
        if any(rule.kind is other.kind for other in own[:index]):
            errors.append(FieldError(f"alarm_rules[{index}].kind", "alarm_rule_repeated", {"kind": rule.kind.value}))
        takes_one = kinds[rule.kind].rule.threshold_seconds is not None
        if takes_one != (rule.threshold_seconds is not None):
            place = f"alarm_rules[{index}].threshold_seconds"
            errors.append(FieldError(place, "alarm_rule_threshold", {"kind": rule.kind.value}))
    return errors
