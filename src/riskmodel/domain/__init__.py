"""What the program knows of cases: the codebook, the case table, review and privacy."""
