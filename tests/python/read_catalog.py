"""Reads the catalog of an output with the tools that people find data with, and checks what they see.

Usage: read_catalog.py OUT, the folder that epochs were published to. Prints one line for each reader that is content.
Nothing is fetched: the schemas are those that pystac brings, and what the two extensions ask for is said here again.
"""

import asyncio
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb_extension_spatial
import geopandas
import pyarrow.compute
import pyarrow.parquet
import pystac
import pystac.validation
import rustac
import shapely
import stac_geoparquet.arrow

COUNT = {"type": "integer", "minimum": 0}
TEXT = {"type": "string", "minLength": 1}
FILE = {
    "file:size": COUNT,
    "file:checksum": {"type": "string", "pattern": "^1220[0-9a-f]{64}$"},
}
COLUMN = {"type": "object", "required": ["name"], "properties": {"name": TEXT, "type": TEXT, "description": TEXT}}
TABLE = {
    "table:row_count": COUNT,
    "table:primary_geometry": TEXT,
    "table:columns": {"type": "array", "minItems": 1, "items": COLUMN},
    "table:tables": {"type": "array", "items": {"type": "object", "required": ["name"], "properties": {"name": TEXT}}},
}


def extension(prefix: str, fields: dict) -> dict:
    """A schema for the fields of an extension, wherever it lets them stand, and for no other of its prefix."""
    known = {"type": "object", "properties": fields, "patternProperties": {f"^(?!{prefix}:)": {}}, "additionalProperties": False}
    within = {"type": "object", "additionalProperties": known}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "allOf": [known, {"properties": {"properties": known, "assets": within, "item_assets": within}}],
    }


EXTENSIONS = {
    "https://stac-extensions.github.io/file/v2.1.0/schema.json": extension("file", FILE),
    "https://stac-extensions.github.io/table/v1.3.0/schema.json": extension("table", TABLE),
}


def check(holds: bool, what: str) -> None:
    if not holds:
        sys.exit(f"not so: {what}")


def files_of(out: Path) -> dict:
    """Every published file of a table: path below the output to its record in the manifest."""
    files = {}
    for manifest in sorted(out.glob("reward_epoch=*/manifest.json")):
        for table in json.loads(manifest.read_text())["tables"].values():
            for file in table["files"]:
                files[str(manifest.parent.relative_to(out) / file["path"])] = file
    return files


def by_pystac(out: Path, files: dict) -> list:
    catalog = pystac.Catalog.from_file(str(out / "catalog.json"))
    validator = pystac.validation.RegisteredValidator.get_validator()
    for uri, schema in EXTENSIONS.items():
        validator.schema_cache[uri] = schema
    catalog.validate_all()
    for root, _, found in catalog.walk():
        root.validate()
        for link in root.links:
            target = link.get_absolute_href()
            check(Path(target).is_file(), f"a link of {root.id} leads to {target}")
    items = list(catalog.get_items(recursive=True))
    seen = set()
    for item in items:
        (asset,) = item.assets.values()
        path = Path(asset.get_absolute_href()).resolve().relative_to(out.resolve())
        record = files[str(path)]
        seen.add(str(path))
        bytes_ = (out / path).read_bytes()
        check(asset.extra_fields["file:size"] == len(bytes_), f"size of {path}")
        check(asset.extra_fields["file:checksum"] == "1220" + hashlib.sha256(bytes_).hexdigest(), f"digest of {path}")
        check(asset.extra_fields["table:row_count"] == record["rows"], f"rows of {path}")
        check(asset.media_type == "application/vnd.apache.parquet", f"media type of {path}")
        placed(item, out / path)
    check(seen == set(files), f"an item for each file: {seen ^ set(files)}")
    manifests = [json.loads(path.read_text()) for path in out.glob("reward_epoch=*/manifest.json")]
    newest = max(manifests, key=lambda m: (m["inputs"]["as_of"], m["reward_epoch"]))["reward_epoch"]
    check(catalog.extra_fields["latest"] == newest, f"{newest} is the latest")
    latest = [link for link in catalog.get_child_links() if link.extra_fields.get("latest")]
    check(len(latest) == 1 and newest in latest[0].href, f"the link to {newest} says so")
    for collection in catalog.get_children():
        if collection.id.startswith("epoch-"):
            check({"manifest", "report"} <= set(collection.assets), f"views of {collection.id}")
            for asset in collection.assets.values():
                size = Path(asset.get_absolute_href()).stat().st_size
                check(asset.extra_fields["file:size"] == size, f"size of {asset.href}")
        else:
            columns = collection.extra_fields["table:columns"]
            check(all(column.get("description") for column in columns), f"every column of {collection.id} is described")
    print("pystac: ok")
    return items


def placed(item: pystac.Item, path: Path) -> None:
    """The box of an item holds every geometry, and its time every capture of the file."""
    file = pyarrow.parquet.ParquetFile(path)
    names = file.schema_arrow.names
    table = file.read()
    if "geometry" in names:
        shapes = shapely.from_wkb(table["geometry"].drop_null().to_pylist())
        bounds = shapely.total_bounds(shapes).tolist() if len(shapes) else None
        check(item.bbox == bounds, f"box of {item.id}: {item.bbox}, not {bounds}")
    check((item.bbox is None) == (item.geometry is None), f"{item.id} has box and geometry, or neither")
    times = [name for name in names if name.endswith("_at")]
    for name in [name for name in times if name != "uploaded_at"] or times:
        for moment in table[name].drop_null().to_pylist():
            span = item.common_metadata
            check(span.start_datetime <= moment <= span.end_datetime, f"{item.id}: {name} {moment}")


async def by_rustac(path: Path) -> list:
    return (await rustac.read(str(path)))["features"]


def by_stac_geoparquet(out: Path, items: list) -> None:
    file = pyarrow.parquet.ParquetFile(out / "items.parquet")
    table = file.read()
    # This reader takes no item without a place, which STAC allows; rustac takes them, with an empty geometry.
    placed_rows = table.filter(pyarrow.compute.is_valid(table["geometry"]))
    rows = {row["id"]: row for row in stac_geoparquet.arrow.stac_table_to_items(placed_rows)}
    everyone = asyncio.run(by_rustac(out / "items.parquet"))
    rows.update({row["id"]: row for row in everyone if row["id"] not in rows})
    check(table.num_rows == len(everyone) == len(rows) == len(items), "a row for each item")
    metadata = json.loads(file.metadata.metadata[b"stac-geoparquet"])
    check(metadata["version"] == "1.0.0", "the version of stac-geoparquet")
    for item in items:
        row = rows[item.id]
        told = item.to_dict()
        check(row["collection"] in metadata["collections"], f"the collection of {item.id}")
        check(row["stac_extensions"] == told["stac_extensions"], f"extensions of {item.id}")
        for name, value in told["properties"].items():
            found = row["properties"][name]
            if name.endswith("datetime"):
                found, value = (pystac.utils.str_to_datetime(v) for v in (found, value))
            check(found == value, f"{name} of {item.id}: {found}, not {value}")
        asset, same = row["assets"]["data"], told["assets"]["data"]
        check((out / asset["href"]).resolve() == Path(item.assets["data"].get_absolute_href()).resolve(), f"file of {item.id}")
        check(all(asset[key] == same[key] for key in same if key != "href"), f"asset of {item.id}")
        if item.geometry is not None:
            check(shapely.equals(shapely.geometry.shape(row["geometry"]), shapely.geometry.shape(item.geometry)), item.id)
            check(list(row["bbox"]) == item.bbox, f"box of {item.id}")
    print("stac-geoparquet: ok")


def by_geopandas(out: Path, items: list) -> None:
    frame = geopandas.read_parquet(out / "items.parquet")
    check(len(frame) == len(items), "GeoPandas reads every item")
    there = [item for item in items if item.bbox]
    west, south, east, north = there[0].bbox
    near = geopandas.read_parquet(out / "items.parquet", bbox=(west, south, east, north))
    check(there[0].id in set(near["id"]), "GeoPandas finds an item by its box")
    print("geopandas: ok")


def by_geoparquet_validator(out: Path, files: dict) -> None:
    program = Path(sys.executable).parent / "geoparquet-validator"
    for path in ["items.parquet", *files]:
        if b"geo" not in (pyarrow.parquet.ParquetFile(out / path).metadata.metadata or {}):
            continue
        said = subprocess.run([program, "check", out / path], capture_output=True, text=True)
        failed = [line for line in said.stdout.splitlines() if line.split()[:1] == ["FAIL"]]
        # Without a single geometry there is no box that the file could say.
        allowed = "geospatial-statistics" if "tile=none" in path else None
        check(all(allowed and allowed in line for line in failed), f"{path}: {said.stdout}")
        check(" conformant" in said.stdout and not said.stderr, f"{path}: {said.stdout} {said.stderr}")
    print("geoparquet-validator: ok")


def by_gpio(out: Path, files: dict) -> None:
    program = Path(sys.executable).parent / "gpio"
    with tempfile.TemporaryDirectory() as home:
        # It has DuckDB load its extension from the home folder, or fetches it.
        (version,) = (Path(duckdb_extension_spatial.__file__).parent / "extensions").iterdir()
        place = Path(home) / ".duckdb" / "extensions" / version.name / "linux_amd64"
        place.mkdir(parents=True)
        (place / "spatial.duckdb_extension").symlink_to(version / "spatial.duckdb_extension")
        # One of each table: it starts slowly.
        one = {path.split("/")[1]: path for path in files if "tile=8" in path}
        for path in ["items.parquet", *one.values()]:
            if b"geo" not in (pyarrow.parquet.ParquetFile(out / path).metadata.metadata or {}):
                continue
            environment = dict(os.environ, HOME=home)
            said = subprocess.run([program, "check", "all", out / path], capture_output=True, text=True, env=environment)
            text = said.stdout + said.stderr
            check(said.returncode == 0 and "checks passed" in text, f"{path}: {text}")
    print("gpio: ok")


def main() -> None:
    out = Path(sys.argv[1])
    files = files_of(out)
    items = by_pystac(out, files)
    by_stac_geoparquet(out, items)
    by_geopandas(out, items)
    by_geoparquet_validator(out, files)
    by_gpio(out, files)


main()
