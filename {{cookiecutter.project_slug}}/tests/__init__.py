"""Tests of the project; `uv run pytest` runs them on the synthetic sample, offline."""
