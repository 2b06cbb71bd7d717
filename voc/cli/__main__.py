"""Runs the command line as `python -m voc.cli`."""

from voc.cli import main

if __name__ == "__main__":
    main(prog_name="voc")
