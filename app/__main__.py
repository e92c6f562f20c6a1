"""`python -m app`, and the console script `broker`."""

from app.cli import build


def main() -> None:
    """Runs one command and ends the process with its exit code."""
    build()()


if __name__ == "__main__":
    main()
