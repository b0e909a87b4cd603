"""How good a model is, on cases it has not seen: figures with intervals, never pictures."""
