"""The errors a user can mend; anything else is a bug and keeps its traceback."""

import click


class ProjectError(click.ClickException):
    """Says what is wrong, where, what was expected and how to mend it."""

    exit_code = 2


class ConfigError(ProjectError):
    """A setting is missing, unknown or out of range."""


class DataError(ProjectError):
    """A data set cannot be fetched, read or trusted."""


class ModelError(ProjectError):
    """A model is missing, damaged or from another version of the code."""
