"""From a table of closed cases to a fitted model."""
