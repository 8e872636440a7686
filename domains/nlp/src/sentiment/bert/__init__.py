"""A fine-tuned transformer: the optional last rung, trained and served apart from the others."""
