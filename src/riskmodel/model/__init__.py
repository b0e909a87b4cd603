"""The additive risk model: encoding, tables, curves, and the estimators that fit them.

Modules that scoring needs (`encoding`, `binning`, `tables`, `curve`, `risk_model`,
`scoring`) import numpy and pandas only.
"""
