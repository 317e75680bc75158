"""Load tests: `make bench` measures all in one run, beside the limits of the machine. See docs/performance.md."""
