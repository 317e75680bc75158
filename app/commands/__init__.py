"""Subcommands of `kaochang`."""
