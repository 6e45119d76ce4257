"""Reads every published table of a run with the tools that people read maps with, and checks what they see.

Usage: read_tiles.py RUN, the folder of a published epoch. Prints one line for each reader that is content.
"""

import json
import sys
from pathlib import Path

import duckdb
import duckdb_extension_spatial
import geopandas
import polars
import pyarrow.parquet
import pyogrio
import shapely

TILED = ["images", "passes", "coverage", "standing", "credits"]
PLAIN = ["objects", "rewards", "adjustments"]
WITH_GEOMETRY = ["coverage", "images"]
SUMS = {"credits": ["credit", "reward"], "rewards": ["credit", "reward"], "passes": ["credit"], "objects": ["bytes"]}


def check(holds: bool, what: str) -> None:
    if not holds:
        sys.exit(f"not so: {what}")


def pattern(run: Path, table: str) -> str:
    return str(run / table / "tile=*" / "*.parquet") if table in TILED else str(run / f"{table}.parquet")


def sums_by_arrow(run: Path, manifest: dict) -> dict:
    """Rows and sums by the manifest's own list of files: what patterns have to give as well."""
    found = {}
    for table in TILED + PLAIN:
        files = [pyarrow.parquet.ParquetFile(run / f["path"]) for f in manifest["tables"][table]["files"]]
        parts = [file.read() for file in files]
        rows = sum(part.num_rows for part in parts)
        check(rows == manifest["tables"][table]["rows"], f"{table} has as many rows as the manifest says")
        columns = SUMS.get(table, [])
        found[table] = (rows, {c: sum(sum(part[c].to_pylist()) for part in parts) for c in columns})
        for file in files:
            described = [f for f in file.schema_arrow if b"description" not in (f.metadata or {})]
            check(not described, f"every column of {table} says what it is: {described}")
    paid = found["rewards"][1]["reward"]
    check(paid + manifest["unallocated"] == manifest["pool"], "rewards and what nobody earned make the pool")
    check(found["credits"][1] == found["rewards"][1], "lines add up to rewards")
    return found


def by_duckdb(run: Path, wanted: dict) -> None:
    db = duckdb.connect()
    for table, (rows, sums) in wanted.items():
        source = f"read_parquet('{pattern(run, table)}', hive_partitioning={table in TILED})"
        check(db.sql(f"SELECT count(*) FROM {source}").fetchone()[0] == rows, f"rows of {table}")
        for column, total in sums.items():
            check(int(db.sql(f"SELECT sum({column}) FROM {source}").fetchone()[0]) == total, f"{table}.{column}")
        if table in TILED:
            tiles = {str(row[0]) for row in db.sql(f"SELECT DISTINCT tile FROM {source}").fetchall()}
            folders = {path.name.removeprefix("tile=") for path in (run / table).iterdir()}
            check(tiles == folders, f"tiles of {table}: {tiles} and {folders}")
        for (name, kind, *_) in db.sql(f"DESCRIBE SELECT * FROM {source}").fetchall():
            check(name != "cell" or kind == "UBIGINT", f"cell of {table} is UBIGINT, not {kind}")
            check(not name.endswith("_at") or kind.startswith("TIMESTAMP WITH TIME ZONE"), f"{table}.{name} is {kind}")
    joined = f"""
        SELECT count(*) FROM read_parquet('{pattern(run, "coverage")}') c
        JOIN read_parquet('{pattern(run, "passes")}') p USING (cell) WHERE p.verdict = 'kept'"""
    kept = f"SELECT sum(passes) FROM read_parquet('{pattern(run, 'coverage')}')"
    check(db.sql(joined).fetchone()[0] == db.sql(kept).fetchone()[0], "kept passes by cell")
    print("duckdb: ok")


def by_duckdb_spatial(run: Path, wanted: dict) -> None:
    db = duckdb.connect(config={"allow_unsigned_extensions": True})
    folder = Path(duckdb_extension_spatial.__file__).parent / "extensions" / f"v{duckdb.__version__}"
    db.execute(f"LOAD '{folder / 'spatial.duckdb_extension'}'")
    coverage = f"read_parquet('{pattern(run, 'coverage')}')"
    kind = {row[0]: row[1] for row in db.sql(f"DESCRIBE SELECT * FROM {coverage}").fetchall()}["geometry"]
    check(kind.startswith("GEOMETRY"), f"GeoParquet is recognised: geometry is {kind}")
    outside = f"""SELECT count(*) FROM {coverage} WHERE NOT ST_IsValid(geometry) OR ST_Area(geometry) <= 0
        OR abs(bbox.xmin - ST_XMin(geometry)) > 0 OR abs(bbox.xmax - ST_XMax(geometry)) > 0
        OR abs(bbox.ymin - ST_YMin(geometry)) > 0 OR abs(bbox.ymax - ST_YMax(geometry)) > 0"""
    check(db.sql(outside).fetchone()[0] == 0, "polygons are valid and bbox is their envelope")
    images = f"(SELECT * FROM read_parquet('{pattern(run, 'images')}', hive_partitioning=true) WHERE tile != 'none')"
    inside = f"""SELECT count(*) FROM {images} i JOIN {coverage} c USING (cell)
        WHERE ST_Distance(i.geometry, c.geometry) > 1e-6"""
    check(db.sql(inside).fetchone()[0] == 0, "an image lies in its cell")
    check(db.sql(f"SELECT count(*) FROM {coverage}").fetchone()[0] == wanted["coverage"][0], "rows of coverage")
    print("duckdb spatial: ok")


def by_polars(run: Path, wanted: dict) -> None:
    for table, (rows, sums) in wanted.items():
        frame = polars.scan_parquet(pattern(run, table), hive_partitioning=table in TILED).collect()
        check(frame.height == rows, f"rows of {table}")
        for column, total in sums.items():
            check(frame[column].cast(polars.Int128).sum() == total, f"{table}.{column}")
        if "cell" in frame.columns:
            check(frame.schema["cell"] == polars.UInt64, f"cell of {table} is UInt64")
    print("polars: ok")


def by_geopandas(run: Path, manifest: dict) -> None:
    for table in WITH_GEOMETRY:
        rows = 0
        for file in manifest["tables"][table]["files"]:
            path = run / file["path"]
            frame = geopandas.read_parquet(path)
            # GeoPandas takes the covering column for its own use and does not show it.
            boxes = pyarrow.parquet.ParquetFile(path).read(["bbox"])["bbox"].to_pylist()
            rows += len(frame)
            check(frame.crs is not None and frame.crs.to_authority() == ("OGC", "CRS84"), f"{path} is OGC:CRS84")
            geo = json.loads(pyarrow.parquet.ParquetFile(path).metadata.metadata[b"geo"])
            column = geo["columns"]["geometry"]
            check(geo["version"] == "1.1.0" and column["encoding"] == "WKB", f"{path} is GeoParquet 1.1: {geo}")
            there = frame[frame.geometry.notna()]
            check(set(there.geom_type) == set(column["geometry_types"]), f"{path} names its types of geometry")
            check(bool(there.is_valid.all()), f"geometries of {path} are valid")
            sides = there.geometry.bounds.to_numpy().tolist()
            told = [[b["xmin"], b["ymin"], b["xmax"], b["ymax"]] for b in boxes if b is not None]
            check(sides == told, f"bbox of {path} is the envelope of each geometry")
            if len(there):
                check(list(there.total_bounds) == column["bbox"], f"bbox of all of {path}")
            if len(there) and table == "coverage":
                parts = there.geometry.explode().to_numpy()
                check(bool(shapely.is_ccw(shapely.get_exterior_ring(parts)).all()), f"{path} turns left")
                x = there.total_bounds
                near = geopandas.read_parquet(path, bbox=(x[0], x[1], x[0], x[1]))
                check(len(near) <= len(there), f"{path} can be read by a box")
            if table == "images":
                where = list(zip(there.geometry.x, there.geometry.y))
                told = list(zip(there["lon_e7"] / 1e7, there["lat_e7"] / 1e7))
                check(where == told, f"points of {path} are its positions")
                check(bool(frame[frame.geometry.isna()]["cell"].isna().all()), f"{path}: no position, no cell")
        check(rows == manifest["tables"][table]["rows"], f"rows of {table}")
    print("geopandas: ok")


def by_gdal(run: Path) -> None:
    """The map, by GDAL's driver of PMTiles: that is how QGIS opens it as vectors. Features at the edge of two tiles come twice."""
    archive = run / "coverage.pmtiles"
    layers = set(pyogrio.list_layers(archive)[:, 0])
    check(layers == {"coverage", "images"}, f"layers of {archive}: {layers}")
    cells = pyogrio.read_dataframe(archive, layer="coverage").drop_duplicates("cell").set_index("cell")
    # What lies beyond the edge of web maps is drawn at that edge, and GDAL cuts it off there.
    coverage = polars.scan_parquet(pattern(run, "coverage")).filter(polars.col("bbox").struct.field("ymin") < 85.051128)
    there = {f"{cell:x}": row for cell, *row in coverage.select("cell", "score_ppm", "passes").collect().iter_rows()}
    check(set(cells.index) == set(there), f"cells of {archive}: {len(cells)} of {len(there)}")
    differing = [c for c, row in there.items() if cells.loc[c, ["score_ppm", "passes"]].tolist() != row]
    check(not differing, f"cells of {archive} say what the table says: {differing[:3]}")
    shown = set(pyogrio.read_dataframe(archive, layer="images")["image_id"])
    images = polars.scan_parquet(pattern(run, "images"), hive_partitioning=True)
    kept = set(images.filter(polars.col("verdict") == "kept").select("image_id").collect()["image_id"])
    check(shown == kept, f"images of {archive}: {len(shown)} of {len(kept)}")
    print("gdal: ok")


def main() -> None:
    run = Path(sys.argv[1])
    manifest = json.loads((run / "manifest.json").read_text())
    wanted = sums_by_arrow(run, manifest)
    by_duckdb(run, wanted)
    by_duckdb_spatial(run, wanted)
    by_polars(run, wanted)
    by_geopandas(run, manifest)
    by_gdal(run)


main()
