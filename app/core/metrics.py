"""What one service measures of itself, for Prometheus: every figure has its name, unit and meaning here."""

import os
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.process_collector import ProcessCollector

SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Of the environment, set before this module is loaded: several processes behind one port then count together."""

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
TASKS = ("announcements", "boards", "grading", "mailbox", "presence", "save_flush", "sweeper", "watch")
STREAMS = ("boards", "candidates")
ANSWERS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)


def forget_dead_processes() -> None:
    """Takes what processes that have ended last told of themselves out of the shared figures."""
    folder = os.environ.get(SHARED_FOLDER)
    if folder is None:
        return
    for file in Path(folder).glob("gauge_live*_*.db"):
        pid = int(file.stem.rpartition("_")[2])
        if not Path(f"/proc/{pid}").exists():
            mark_process_dead(pid, folder)  # type: ignore[no-untyped-call]


class Metrics:
    """A registry of its own with all figures of the service; those of the database are set by
    `app.services.measuring`."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)

        self._requests = Histogram(
            "kaochang_request_seconds",
            "From the arrival of a request to the beginning of its answer.",
            ("operation", "status"),
            buckets=SECONDS,
            registry=registry,
        )
        self._by_operation: dict[tuple[str, int], Histogram] = {}
        self.problems = Counter(
            "kaochang_problems", "Refusals and errors, by their code.", ("code",), registry=registry
        )

        self.save_seconds = Histogram(
            "kaochang_save_seconds",
            "From the arrival of a save in the queue to its commit.",
            buckets=SECONDS,
            registry=registry,
        )
        self.queued_answers = _sum("kaochang_save_queue_answers", "Answers waiting for their flush.", registry)
        self.flush_answers = Histogram(
            "kaochang_flush_answers", "Answers in one flush.", buckets=ANSWERS, registry=registry
        )
        self.flush_seconds = Histogram(
            "kaochang_flush_seconds", "Duration of one flush with its commit.", buckets=SECONDS, registry=registry
        )
        self.refused_saves = Counter(
            "kaochang_saves_refused",
            "Saves that were queued and then not stored: sent again by clients.",
            registry=registry,
        )

        self.stream_readers = Gauge(
            "kaochang_stream_readers",
            "Open streams: of boards and of candidates.",
            ("stream",),
            multiprocess_mode="livesum",
            registry=registry,
        )
        self.announcement_seconds = Histogram(
            "kaochang_announcement_seconds",
            "From a notification of this process to its hearing it.",
            buckets=SECONDS,
            registry=registry,
        )
        self.announcement_heard = Gauge(
            "kaochang_announcement_heard_timestamp_seconds",
            "When notifications were heard last; every second unless they are cut.",
            multiprocess_mode="livemin",
            registry=registry,
        )
        self.presence_writes = Counter("kaochang_presence_writes", "Statements that wrote presence.", registry=registry)
        self.presence_signs = Counter("kaochang_presence_signs", "Signs of life that they wrote.", registry=registry)
        self.failures = Counter(
            "kaochang_task_failures",
            "Work in the background that failed and will be tried again.",
            ("task",),
            registry=registry,
        )

        for task in TASKS:
            self.failures.labels(task)
        for stream in STREAMS:
            self.stream_readers.labels(stream)

        self.connections = _sum("kaochang_database_connections_in_use", "Connections taken from the pool.", registry)
        self.connections_limit = _sum("kaochang_database_connections_limit", "Connections in all.", registry)
        self.database_up = _newest("kaochang_database_up", "1 while the database answers, else 0.", registry)
        self.clock_offset = _newest(
            "kaochang_clock_offset_seconds", "This host's clock minus the database's, the exam's.", registry
        )
        self.attempts = Gauge(
            "kaochang_attempts",
            "Attempts of live sittings, by state.",
            ("state",),
            multiprocess_mode="livemostrecent",
            registry=registry,
        )
        self.sweeper_lag = _newest(
            "kaochang_sweeper_lag_seconds",
            "Since when an attempt should have been ended; 0 when none is due.",
            registry,
        )
        self.ungraded = _newest("kaochang_ungraded", "Attempts handed in and not yet graded.", registry)
        self.audit_chains = _newest("kaochang_audit_chains", "Chains of the audit log.", registry)

    def answered(self, operation: str, status: int, seconds: float) -> None:
        key = operation, status
        histogram = self._by_operation.get(key)
        if histogram is None:
            histogram = self._by_operation[key] = self._requests.labels(operation, str(status))
        histogram.observe(seconds)

    def exposition(self, accept: str) -> tuple[bytes, str]:
        """All figures, and their media type: OpenMetrics or Prometheus's own, as `accept` asks."""
        registry = self.registry
        if SHARED_FOLDER in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        encode, media_type = choose_encoder(accept)
        return encode(registry), media_type


def _sum(name: str, text: str, registry: CollectorRegistry) -> Gauge:
    """Of several processes: what all of them have together."""
    return Gauge(name, text, multiprocess_mode="livesum", registry=registry)


def _newest(name: str, text: str, registry: CollectorRegistry) -> Gauge:
    """Of several processes: what the last one to look has seen."""
    return Gauge(name, text, multiprocess_mode="livemostrecent", registry=registry)
