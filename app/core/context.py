"""What one running service holds: made at start, closed at the end, injected everywhere."""

from dataclasses import dataclass, field

from app.core.clock import Clock
from app.core.database import Database
from app.core.keyring import Keyring
from app.core.metrics import Metrics
from app.core.own_process import OwnProcess
from app.core.settings import Settings


@dataclass(frozen=True)
class Context:
    settings: Settings
    database: Database
    keyring: Keyring
    clock: Clock
    metrics: Metrics = field(default_factory=Metrics)
    apart: OwnProcess = field(default_factory=OwnProcess)
