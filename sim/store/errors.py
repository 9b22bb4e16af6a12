"""The error of this room."""


class StoreError(ValueError):
    """A folder of results cannot be written or read, or is not what it says it is."""
