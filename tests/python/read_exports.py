"""Reads what `cairn export` wrote of a table with GDAL, and holds the formats against each other.

Usage: read_exports.py RUN FOLDER, a published epoch and a folder with coverage.fgb, coverage.geojson, coverage.geojsonl,
coverage.csv and the same of images. Prints one line for each reader that is content.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pandas
import pyarrow.parquet
import pyogrio
import shapely

KEYS = {"coverage": "cell", "images": "image_id"}
KINDS = {"coverage": {"Polygon", "MultiPolygon"}, "images": {"Point"}}


def check(holds: bool, what: str) -> None:
    if not holds:
        sys.exit(f"not so: {what}")


def published(run: Path, table: str) -> dict:
    """Key to geometry of every row, as the published files say it."""
    rows = {}
    for path in sorted((run / table).glob("tile=*/*.parquet")):
        read = pyarrow.parquet.ParquetFile(path).read()
        for row in read.to_pylist():
            key = row[KEYS[table]]
            key = f"{key:x}" if isinstance(key, int) else key
            rows[key] = row["geometry"] and shapely.from_wkb(row["geometry"])
    return rows


def by_pyogrio(run: Path, folder: Path) -> None:
    for table, key in KEYS.items():
        wanted = published(run, table)
        for suffix in ["fgb", "geojson", "geojsonl"]:
            path = folder / f"{table}.{suffix}"
            info = pyogrio.read_info(path)
            check(info["crs"] in ["OGC:CRS84", "EPSG:4326"], f"{path} has longitudes and latitudes: {info['crs']}")
            frame = pyogrio.read_dataframe(path)
            rows = {k: g for k, g in wanted.items() if g is not None or suffix != "fgb"}
            check(set(frame[key]) == set(rows), f"rows of {path}")
            check(set(frame.geom_type.dropna()) <= KINDS[table], f"types of {path}: {set(frame.geom_type)}")
            for name, shape in zip(frame[key], frame.geometry):
                other = rows[name]
                same = shape is None if other is None else shapely.equals(shapely.normalize(shape), shapely.normalize(other))
                check(same or shapely.equals_exact(shape, other, 1e-9), f"{name} of {path}: {shape} and {other}")
            x, y = next(g for g in rows.values() if g is not None).centroid.coords[0]
            near = pyogrio.read_dataframe(path, bbox=(x, y, x, y)) if suffix == "fgb" else frame
            check(0 < len(near) <= len(frame), f"{path} can be read by a box")
        table_rows = pandas.read_csv(folder / f"{table}.csv")
        check(len(table_rows) == len(wanted), f"rows of {table}.csv")
        for line in (folder / f"{table}.geojsonl").read_text().splitlines():
            check(json.loads(line)["type"] == "Feature", f"a feature a line: {line}")
    print("pyogrio: ok")


def by_gdal(folder: Path, run: Path) -> None:
    if shutil.which("ogrinfo") is None:
        print("gdal: not here")
        return
    drivers = subprocess.run(["ogrinfo", "--formats"], capture_output=True, text=True).stdout
    for table in KEYS:
        counts = set()
        for path in [folder / f"{table}.fgb", folder / f"{table}.geojsonl"]:
            said = subprocess.run(["ogrinfo", "-so", "-al", path], capture_output=True, text=True)
            check(said.returncode == 0 and not said.stderr, f"{path}: {said.stderr}")
            counts.add(next(line for line in said.stdout.splitlines() if line.startswith("Feature Count")))
            if path.suffix == ".fgb":
                check("WGS 84" in said.stdout, f"{path} says its CRS: {said.stdout}")
            out = folder / f"{table}-{path.suffix[1:]}.gpkg"
            said = subprocess.run(["ogr2ogr", "-f", "GPKG", out, path], capture_output=True, text=True)
            check(said.returncode == 0, f"{path} to GeoPackage: {said.stderr}")
        check(len(counts) == 1 or table == "images", f"{table}: {counts}")
        if "Parquet" in drivers:
            for path in sorted((run / table).glob("tile=8*/*.parquet")):
                said = subprocess.run(["ogrinfo", "-so", "-al", path], capture_output=True, text=True)
                check(said.returncode == 0, f"{path}: {said.stderr}")
    print("gdal: ok")


def main() -> None:
    run, folder = map(Path, sys.argv[1:])
    by_pyogrio(run, folder)
    by_gdal(folder, run)


main()
