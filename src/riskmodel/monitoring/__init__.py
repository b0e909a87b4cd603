"""Practice after the start: decisions beside recommendations, audits, and employers."""
