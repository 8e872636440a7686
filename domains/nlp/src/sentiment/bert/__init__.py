"""Fine-tuning: the last rung, whose transformer learns too; an extra like ``transfer/``."""
