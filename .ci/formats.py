"""Writes the table of what is read and what is refused into FORMATS.md: `just formats`.

usage: formats.py FOLDER    (the real files: FOLDER/network, FOLDER/corpus/...)
"""

import os
import pathlib
import subprocess
import sys

from between import put

root = pathlib.Path(__file__).resolve().parent.parent
target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", root / "target"))
real = pathlib.Path(sys.argv[1])
sets = ["network", "corpus/gpsd", "corpus/fitdecode", "corpus/immich", "corpus/mapillary-unit", "corpus/gopro-telemetry"]

parts = []
for name in sets:
    command = [target / "debug" / "cairn", "inspect", "--table", real / name]
    table = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    parts.append(f"### {name}\n\n{table}\n")
put(root / "FORMATS.md", "".join(parts))
