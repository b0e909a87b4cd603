"""Statistics: arrays in, figures out.

Nothing here knows what a row stands for. Modules read from the top down:

`arrays`
    checks that every function shares.
`durations`, `censoring`
    survival curves, competing endings, inverse-probability-of-censoring weights.
`discrimination`, `calibration`, `scoring_rules`, `decision`
    how well a risk ranks, whether it means what it says, whether acting on it pays.
`logistic`, `updating`
    a small penalised logistic regression, and how much of a model new data may change.
`resampling`, `intervals`, `agreement`, `sample_size`
    folds and bootstrap draws, exact limits, agreement of raters, how many rows are enough.

`logistic` is the only module that scoring may import; it needs numpy alone.
"""
