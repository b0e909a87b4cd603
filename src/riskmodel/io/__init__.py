"""Reading and writing files: tables, configuration, saved models and tracking."""
