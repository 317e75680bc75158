"""YAML and JSON read so that nothing is lost: scalars stay the text that is written, no key stands twice."""

from collections.abc import Hashable
from typing import Any

import yaml


class _Loader(yaml.BaseLoader):
    """`BaseLoader` leaves every scalar a string, so that 1.10 stays `1.10` and weights keep their digits."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    problem=f"key {key.value} repeated", problem_mark=key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def load(text: str) -> Any:
    """The document in `text`: mappings, sequences and strings. Raises `yaml.YAMLError`."""
    return yaml.load(text, _Loader)  # noqa: S506 - BaseLoader builds no objects
