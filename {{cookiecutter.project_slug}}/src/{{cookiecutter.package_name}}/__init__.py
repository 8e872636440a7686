"""Customer churn, end to end."""
