"""The errors a user can mend. Anything else is a bug and keeps its traceback."""


class ProjectError(Exception):
    """Says what is wrong, where, what was expected and how to mend it."""


class ConfigError(ProjectError):
    """A setting is missing, unknown or out of range."""


class DataError(ProjectError):
    """A data set cannot be fetched, read or trusted."""


class ModelError(ProjectError):
    """A model is missing, damaged or from another version of the code."""
