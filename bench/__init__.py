"""Load tests: `make bench` measures everything in one run, beside the limits of the machine. See docs/performance.md."""
