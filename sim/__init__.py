"""A mediated negotiation simulator. What it computes is a model, not a forecast."""

__version__ = "0.1.0"
