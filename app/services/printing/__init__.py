"""Printed papers: what each shows, and their setting in type."""
