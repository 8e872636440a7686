"""What any project needs and none is about, and the errors that a user can mend."""

import click


class ProjectError(click.ClickException):
    """Says what is wrong, where, what was expected and how to mend it."""

    exit_code = 2


class DataError(ProjectError):
    """A data set cannot be fetched, read or trusted."""


class ModelError(ProjectError):
    """A model is missing, damaged or from another version of the code."""


class CheckError(ProjectError):
    """What was checked is not as it should be: no fault of the project's."""

    exit_code = 1
