"""Tests of the project: data, models, money, pages."""
