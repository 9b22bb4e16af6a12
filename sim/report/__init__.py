"""From result objects to words, tables and pictures. Nothing is estimated here."""
