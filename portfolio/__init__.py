"""The command line `portfolio`: everything that is done over projects of this template."""
