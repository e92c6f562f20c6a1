"""broker: keeps Autotask PSA tickets and Field Nation work orders in step."""

__version__ = "0.1.0"
