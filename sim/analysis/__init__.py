"""From rows of runs to result objects that carry their errors: nothing here draws or prints."""
