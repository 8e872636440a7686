"""What a command says when it cannot do what it was asked to do."""

import click


class UserError(click.ClickException):
    """One message for the person at the command line; the command ends with exit code 2."""

    exit_code = 2
