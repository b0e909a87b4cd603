"""What holds in every test: nothing reports home, nothing is drawn on a screen, no chance."""

from __future__ import annotations

import os

from hypothesis import settings

# Set before anything imports mlflow, matplotlib or LightGBM.
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["DO_NOT_TRACK"] = "true"
os.environ["MPLBACKEND"] = "Agg"
os.environ["OMP_WAIT_POLICY"] = "passive"
# A tracking server of whoever runs the tests must not receive their runs.
for name in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI", "MLFLOW_EXPERIMENT_NAME"):
    os.environ.pop(name, None)

# The same examples in every run, however slow the machine; `--hypothesis-profile=search` looks on.
settings.register_profile("suite", derandomize=True, deadline=None, max_examples=50, database=None)
settings.register_profile("search", deadline=None, max_examples=2000)
settings.load_profile("suite")
