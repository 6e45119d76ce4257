"""Writes the table of what is read and what is refused into FORMATS.md: `just formats`.

usage: formats.py FOLDER    (the real files: FOLDER/network, FOLDER/corpus/...)
"""

import os
import pathlib
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parent.parent
target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", root / "target"))
real = pathlib.Path(sys.argv[1])
sets = ["network", "corpus/gpsd", "corpus/fitdecode", "corpus/immich", "corpus/mapillary-unit", "corpus/gopro-telemetry"]
start, end = "<!-- table: begin -->\n", "<!-- table: end -->\n"

parts = []
for name in sets:
    command = [target / "debug" / "cairn", "inspect", "--table", real / name]
    table = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    parts.append(f"### {name}\n\n{table}\n")
path = root / "FORMATS.md"
text = path.read_text()
before, rest = text.split(start)
after = rest.split(end)[1]
path.write_text(before + start + "\n" + "".join(parts) + end + after)
