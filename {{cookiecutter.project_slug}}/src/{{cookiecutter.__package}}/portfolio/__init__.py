"""What makes the repository fit to be shown: its check, its posts and its sheet of questions."""
