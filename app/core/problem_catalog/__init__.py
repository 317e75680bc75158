"""The catalogue of problem types: stable code -> HTTP status, title and detail in Chinese and English."""

from app.core.problem_catalog.access import ACCESS
from app.core.problem_catalog.exam import EXAM
from app.core.problem_catalog.fields import FIELDS
from app.core.problem_catalog.http import HTTP
from app.core.problem_catalog.incidents import INCIDENTS
from app.core.problem_catalog.items import ITEMS
from app.core.problem_catalog.papers import PAPERS
from app.core.problem_catalog.rosters import ROSTERS
from app.core.problem_catalog.standards import STANDARDS
from app.core.problem_catalog.types import ProblemType, Text

CATALOG: dict[str, ProblemType] = HTTP | ACCESS | EXAM | FIELDS | STANDARDS | ITEMS | PAPERS | ROSTERS | INCIDENTS

__all__ = ["CATALOG", "ProblemType", "Text"]
