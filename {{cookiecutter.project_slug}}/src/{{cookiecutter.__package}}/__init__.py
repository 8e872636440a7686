"""The code of this project; ``pipeline.py`` shows the order in which it runs."""
