"""Words and pictures for the people who read a case: pages, texts and structured records.

Everything is drawn from a `CaseExplanation` and a `Recommendation`; nothing is computed
from the model here, and nothing is written to a file.
"""
