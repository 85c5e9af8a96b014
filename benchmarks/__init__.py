"""Measurements of `make bench`, always one thing beside another in one run: docs/performance.md tells how."""
