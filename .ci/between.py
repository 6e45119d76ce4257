"""Puts text between the two marks of a document. usage: between.py FILE TEXT"""

import pathlib
import sys

START, END = "<!-- table: begin -->\n", "<!-- table: end -->\n"


def put(path, text):
    """The document keeps what stands before, between and after the marks, but for the text."""
    before, rest = path.read_text().split(START)
    path.write_text(before + START + "\n" + text + END + rest.split(END)[1])


if __name__ == "__main__":
    put(pathlib.Path(sys.argv[1]), sys.argv[2])
