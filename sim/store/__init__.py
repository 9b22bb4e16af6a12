"""Rows on disk: Parquet parts, a manifest, a summary; written atomically, resumed, verified."""
