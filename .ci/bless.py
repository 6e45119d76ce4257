"""Puts what `cairn policy reference` prints at the end of POLICY.md."""

import os
import pathlib
import subprocess

root = pathlib.Path(__file__).resolve().parent.parent
target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", root / "target"))
reference = subprocess.run(
    [target / "debug" / "cairn", "policy", "reference"], check=True, capture_output=True, text=True
).stdout
path = root / "POLICY.md"
text = path.read_text().split("## Fields\n")[0]
path.write_text(text + reference)
