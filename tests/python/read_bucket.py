"""Asks an output in a bucket for the images of a city block, as README does, and checks them against the same output in a folder.

Usage: read_bucket.py READER RUN s3://BUCKET/OUT XMIN YMIN XMAX YMAX. RUN is the folder of an epoch, or of its tables alone; OUT is
what it lies in, in the bucket. READER is duckdb (by a pattern of files), duckdb-catalog (by the catalog's rows), polars or geopandas.
The environment has the store, as it has for `cairn`. Prints rows found, and what a reader says that it read.
"""

import os
import re
import sys
from pathlib import Path

import duckdb
import duckdb_extension_httpfs
import geopandas
import polars
import pyarrow.dataset
import pyarrow.fs

RUN = Path(sys.argv[2])
OUT = sys.argv[3]
XMIN, YMIN, XMAX, YMAX = map(float, sys.argv[4:8])
XMIN_E7, YMIN_E7, XMAX_E7, YMAX_E7 = (round(side * 1e7) for side in (XMIN, YMIN, XMAX, YMAX))
IN_BLOCK = f"bbox.xmin <= {XMAX} AND bbox.xmax >= {XMIN} AND bbox.ymin <= {YMAX} AND bbox.ymax >= {YMIN}"


def check(holds: bool, what: str) -> None:
    if not holds:
        sys.exit(f"not so: {what}")


def wanted() -> set:
    """The block's images by the integers of their positions, from the folder."""
    x, y = pyarrow.dataset.field("lon_e7"), pyarrow.dataset.field("lat_e7")
    inside = (x >= XMIN_E7) & (x <= XMAX_E7) & (y >= YMIN_E7) & (y <= YMAX_E7)
    files = sorted(map(str, (RUN / "images").glob("tile=*/*.parquet")))
    table = pyarrow.dataset.dataset(files).to_table(columns=["image_id"], filter=inside)
    return set(table["image_id"].to_pylist())


def database() -> duckdb.DuckDBPyConnection:
    db = duckdb.connect(config={"allow_unsigned_extensions": True})
    folder = Path(duckdb_extension_httpfs.__file__).parent / "extensions" / f"v{duckdb.__version__}"
    db.execute(f"LOAD '{folder / 'httpfs.duckdb_extension'}'")
    db.execute(f"""CREATE SECRET (TYPE s3, KEY_ID '{os.environ["AWS_ACCESS_KEY_ID"]}',
        SECRET '{os.environ["AWS_SECRET_ACCESS_KEY"]}', REGION '{os.environ["AWS_REGION"]}', URL_STYLE 'path', USE_SSL false,
        ENDPOINT '{os.environ["AWS_ENDPOINT"].removeprefix("http://")}')""")
    return db


def asked(db: duckdb.DuckDBPyConnection, source: str) -> set:
    """What EXPLAIN ANALYZE says, and the rows: one question, since what was read is kept for the next."""
    question = f"SELECT image_id, contributor, captured_at FROM {source} WHERE {IN_BLOCK}"
    text = db.sql(f"EXPLAIN ANALYZE CREATE TEMP TABLE found AS {question}").fetchall()[0][1]
    for line in re.findall(r"(?:in|#[A-Z]+): [^│]*", text):
        print("duckdb says", line.strip())
    return {row[0] for row in db.sql("SELECT image_id FROM found").fetchall()}


def by_duckdb() -> set:
    return asked(database(), f"read_parquet('{OUT}/*/images/*/*.parquet')")


def by_duckdb_catalog() -> set:
    db = database()
    db.execute(f"""SET VARIABLE files = (SELECT list('{OUT}/' || assets.data.href) FROM '{OUT}/items.parquet'
        WHERE collection = 'images' AND {IN_BLOCK})""")
    return asked(db, "read_parquet(getvariable('files'))")


def by_polars() -> set:
    store = {
        "aws_endpoint_url": os.environ["AWS_ENDPOINT"],
        "aws_allow_http": "true",
        **{name.lower(): os.environ[name] for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"]},
    }
    x, y = polars.col("lon_e7"), polars.col("lat_e7")
    inside = x.is_between(XMIN_E7, XMAX_E7) & y.is_between(YMIN_E7, YMAX_E7)
    images = polars.scan_parquet(f"{OUT}/*/images/*/*.parquet", storage_options=store)
    return set(images.filter(inside).select("image_id", "contributor", "captured_at").collect()["image_id"])


def by_geopandas() -> set:
    endpoint = os.environ["AWS_ENDPOINT"].removeprefix("http://")
    bucket = pyarrow.fs.S3FileSystem(
        access_key=os.environ["AWS_ACCESS_KEY_ID"],
        secret_key=os.environ["AWS_SECRET_ACCESS_KEY"],
        region=os.environ["AWS_REGION"],
        endpoint_override=endpoint,
        scheme="http",
    )
    epoch = f"{OUT.removeprefix('s3://')}/{RUN.name}"
    columns = ["image_id", "contributor", "captured_at", "geometry"]
    frame = geopandas.read_parquet(
        f"{epoch}/images", filesystem=bucket, columns=columns, bbox=(XMIN, YMIN, XMAX, YMAX)
    )
    return set(frame["image_id"])


READERS = {"duckdb": by_duckdb, "duckdb-catalog": by_duckdb_catalog, "polars": by_polars, "geopandas": by_geopandas}


def main() -> None:
    found, there = READERS[sys.argv[1]](), wanted()
    check(len(there) > 0, "the block has images")
    check(found == there, f"{len(found)} images were found, {len(there)} are there")
    print(len(found))


main()
