#!/usr/bin/env python3
"""Compares the fixes that Cairn read from GPX files with those that gpxpy reads from the same files.

usage: compare_gpx.py FIXES.csv FOLDER

FIXES.csv has the columns path, format, time_ms, lat_e7, lon_e7, one row per fix in file order; `path` is relative to FOLDER, and an
empty cell is an unknown value. Every `*.gpx` under FOLDER is read with gpxpy (PyPI, tried with 1.6.2) and compared point by
point. Printed are counts of differences by kind, and up to five places of each. Exit code 1 when there are differences that
nothing below explains.

Explained, because the two mean different things there:

- refused by gpxpy: it reads a file whole or not at all. Cairn keeps what precedes a break, reads other encodings than the
  declaration promises, joined files, decimal commas, bare ampersands and attributes that are no number.
- position out of range or not finite: gpxpy hands over any float (latitude 95, NaN); to Cairn that is no position.
- eighth decimal: gpxpy goes through a double; Cairn rounds the written digits. They may differ by one unit of 1e-7 degrees.
- fraction below a microsecond: gpxpy rounds or refuses what Cairn cuts; they may differ by one microsecond.
- unreadable time: gpxpy refuses or drops times that are no ISO 8601; Cairn keeps the point without a time.
- time only Cairn reads: blanks, basic form, one-digit fields; gpxpy's parser has none of these and drops the time.
"""

import csv
import datetime
import math
import pathlib
import sys
from collections import Counter, defaultdict

import gpxpy

EXPLAINED = {
    "refused by gpxpy",
    "position out of range or not finite",
    "eighth decimal",
    "fraction below a microsecond",
    "time only Cairn reads",
}
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def fixes_of_cairn(path):
    """Fixes by file: lists of (time_ms, lat_e7, lon_e7), unknown as None."""
    fixes = defaultdict(list)
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["format"] != "GPX":
                continue
            values = (row["time_ms"], row["lat_e7"], row["lon_e7"])
            fixes[row["path"]].append(tuple(int(v) if v else None for v in values))
    return fixes


def degrees_e7(value, limit):
    """The float as 1e-7 degrees, None when it is no such angle."""
    if value is None or not math.isfinite(value) or abs(value) > limit:
        return None
    return math.floor(abs(value) * 1e7 + 0.5) * (-1 if value < 0 else 1)


def time_ms(time):
    """Milliseconds since 1970; without an offset a GPX time is UTC."""
    if time is None:
        return None
    if time.tzinfo is None:
        time = time.replace(tzinfo=datetime.timezone.utc)
    return (time - EPOCH) // datetime.timedelta(milliseconds=1)


def fixes_of_gpxpy(path):
    """The same of gpxpy, and whether each position was one at all."""
    # Bytes, so that expat decodes by the file's own declaration and mark.
    with open(path, "rb") as file:
        gpx = gpxpy.parse(file.read())
    found = []
    for point in (p for track in gpx.tracks for segment in track.segments for p in segment.points):
        lat, lon = degrees_e7(point.latitude, 90), degrees_e7(point.longitude, 180)
        if lat is None or lon is None:
            lat = lon = None
        found.append((time_ms(point.time), lat, lon))
    return found


def kinds(ours, theirs):
    """The kinds in which one fix differs."""
    (time, lat, lon), (their_time, their_lat, their_lon) = ours, theirs
    if time != their_time:
        if time is not None and their_time is not None:
            yield "fraction below a microsecond" if abs(time - their_time) == 1 else "time"
        else:
            yield "time only gpxpy reads" if time is None else "time only Cairn reads"
    if (lat, lon) == (their_lat, their_lon):
        return
    if (lat is None) != (their_lat is None):
        yield "position only gpxpy reads" if lat is None else "position only Cairn reads"
    else:
        near = abs(lat - their_lat) <= 1 and abs(lon - their_lon) <= 1
        yield "eighth decimal" if near else "position"


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    cairn = fixes_of_cairn(sys.argv[1])
    folder = pathlib.Path(sys.argv[2])
    counts, places = Counter(), defaultdict(list)

    def note(kind, place):
        counts[kind] += 1
        if len(places[kind]) < 5:
            places[kind].append(place)

    files = points = 0
    for path in sorted(folder.rglob("*.gpx")):
        name = path.relative_to(folder).as_posix()
        files += 1
        ours = cairn.pop(name, [])
        try:
            theirs = fixes_of_gpxpy(path)
        except Exception as error:  # gpxpy lets several kinds of them through
            note("refused by gpxpy", f"{name}: {type(error).__name__}, Cairn reads {len(ours)} points")
            continue
        points += len(theirs)
        if len(ours) != len(theirs):
            note("number of points", f"{name}: Cairn {len(ours)}, gpxpy {len(theirs)}")
            continue
        for at, (our, their) in enumerate(zip(ours, theirs)):
            for kind in kinds(our, their):
                note(kind, f"{name} point {at}: Cairn {our}, gpxpy {their}")
        for at, their in enumerate(theirs):
            if their[1] is None:
                note("position out of range or not finite", f"{name} point {at}")
    for name in cairn:
        note("file only in the CSV", name)
    print(f"{files} files, {points} points of gpxpy")
    for kind, count in sorted(counts.items()):
        print(f"{count:8} {kind}{'' if kind in EXPLAINED else '  UNEXPLAINED'}")
        for place in places[kind]:
            print(f"           {place}")
    sys.exit(1 if set(counts) - EXPLAINED else 0)


if __name__ == "__main__":
    main()
