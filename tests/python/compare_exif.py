#!/usr/bin/env python3
"""Holds what Cairn read from images against what exiftool reads from them.

    compare_exif.py READ.csv FOLDER

READ.csv has the columns path,lat_e7,lon_e7,time_ms,civil_time_ms,time_source, an image a line; empty where Cairn found nothing. The paths are
below FOLDER. exiftool is Debian's libimage-exiftool-perl.

A position differs beyond 2e-7 degrees, a time beyond a millisecond. Differences that are known and meant are counted by kind:

- exif-behind-mapillary: the JSON with MAP... keys in the image description comes first. exiftool prints it and does not open it; this
  script does, compares with it, and counts where EXIF says something else.
- no-hemisphere: EXIF has an unsigned coordinate without N, S, E or W. exiftool takes it for north and east; Cairn does not guess.
- half-position: latitude or longitude alone. exiftool prints it, Cairn has no position.
- zone-of-position: the camera's clock has no offset, and Cairn took that of the position's time zone: the difference is a multiple
  of 15 minutes of at most 14 hours.
- clock-without-zone: nobody knows the zone; Cairn hands the clock on as it stands, and so does this script.

Exit code 1 when a difference is none of these.
"""

import csv
import json
import re
import subprocess
import sys
from collections import Counter
from datetime import datetime, timezone
from pathlib import Path

TAGS = [
    "GPS:GPSLatitude", "GPS:GPSLatitudeRef", "GPS:GPSLongitude", "GPS:GPSLongitudeRef", "GPS:GPSDateStamp", "GPS:GPSTimeStamp",
    "IFD0:ImageDescription", "ExifIFD:DateTimeOriginal", "ExifIFD:SubSecTimeOriginal", "ExifIFD:OffsetTimeOriginal",
    "ExifIFD:OffsetTimeDigitized", "ExifIFD:OffsetTime", "ExifIFD:CreateDate", "ExifIFD:SubSecTimeDigitized",
    "XMP-exif:GPSLatitude", "XMP-exif:GPSLongitude", "XMP-exif:GPSDateTime", "XMP-exif:DateTimeOriginal",
    "XMP-exif:DateTimeDigitized", "XMP-photoshop:DateCreated", "XMP-drone-dji:GPSLatitude", "XMP-drone-dji:GPSLongitude",
]  # fmt: skip
MOMENT = re.compile(r"(\d{4})\D(\d{1,2})\D(\d{1,2})[ T](\d{1,2}):(\d{1,2})(?::(\d{1,2})(\.\d*)?)?\s*(Z|[+-]\d{1,2}:?\d{2})?$")
FIRST_REAL_US = 86_400_000_000


def read_all(folder, paths):
    """What exiftool says of each image, by path. `-n` gives numbers, `-G1` the group of each tag."""
    found = {}
    for start in range(0, len(paths), 100):
        part = paths[start : start + 100]
        command = ["exiftool", "-json", "-n", "-G1", *[f"-{tag}" for tag in TAGS], "--", *part]
        run = subprocess.run(command, cwd=folder, capture_output=True, check=False)
        for row in json.loads(run.stdout or b"[]"):
            found[row.pop("SourceFile")] = row
    return found


def moment(text, offset=None, sub_second=None):
    """Microseconds since 1970 as the clock showed them, and the offset in seconds, if there is one."""
    match = MOMENT.match(str(text or "").strip())
    if not match:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    try:
        at = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second or 0), tzinfo=timezone.utc)
    except ValueError:
        return None
    digits = (fraction or "")[1:] or (re.match(r"\d*", str(sub_second if sub_second is not None else "").strip()).group())
    micros = int(at.timestamp()) * 1_000_000 + int((digits + "000000")[:6])
    if micros < FIRST_REAL_US:
        return None
    zone = zone or (str(offset).strip() if offset else None)
    seconds = None
    if zone == "Z":
        seconds = 0
    elif zone and (parts := re.match(r"([+-])(\d{1,2}):?(\d{2})$", zone)):
        seconds = (int(parts[2]) * 3600 + int(parts[3]) * 60) * (-1 if parts[1] == "-" else 1)
    return micros, seconds


def mapillary(tags):
    """The object in the image description, if it is Mapillary's."""
    try:
        found = json.loads(str(tags.get("IFD0:ImageDescription", "")))
    except ValueError:
        return {}
    return found if isinstance(found, dict) and any(key.startswith("MAP") for key in found) else {}


def number(value):
    return float(value) if isinstance(value, (int, float)) else None


def position(tags):
    """Where exiftool puts the image, and the group that says it."""
    lat, lon = number(tags.get("GPS:GPSLatitude")), number(tags.get("GPS:GPSLongitude"))
    if lat is not None or lon is not None:
        if lat is None or lon is None:
            return None, "half-position"
        refs = [str(tags.get(f"GPS:GPS{axis}Ref", "")).strip().upper()[:1] for axis in ("Latitude", "Longitude")]
        if refs[0] not in ("N", "S") or refs[1] not in ("E", "W"):
            return None, "no-hemisphere"
        # `-n` leaves EXIF's numbers without their sign.
        lat, lon = abs(lat) * (-1 if refs[0] == "S" else 1), abs(lon) * (-1 if refs[1] == "W" else 1)
        return (lat, lon), "EXIF"
    for group in ("XMP-exif", "XMP-drone-dji"):
        lat, lon = number(tags.get(f"{group}:GPSLatitude")), number(tags.get(f"{group}:GPSLongitude"))
        if lat is not None and lon is not None:
            return (lat, lon), group
    return None, "none"


def time(tags):
    """When exiftool says that the image was taken: microseconds, whether in UTC, and by what."""
    stamp = f"{tags.get('GPS:GPSDateStamp', '')} {tags.get('GPS:GPSTimeStamp', '')}"
    for text, name in ((stamp, "GPS"), (tags.get("XMP-exif:GPSDateTime"), "XMP GPS")):
        if (found := moment(text)) is not None:
            return found[0] - (found[1] or 0) * 1_000_000, True, name
    common = tags.get("ExifIFD:OffsetTime")
    clocks = [
        moment(tags.get("ExifIFD:DateTimeOriginal"), tags.get("ExifIFD:OffsetTimeOriginal") or common, tags.get("ExifIFD:SubSecTimeOriginal")),
        moment(tags.get("ExifIFD:CreateDate"), tags.get("ExifIFD:OffsetTimeDigitized") or common, tags.get("ExifIFD:SubSecTimeDigitized")),
    ]  # fmt: skip
    others = [moment(tags.get(f"XMP-{tag}")) for tag in ("exif:DateTimeOriginal", "photoshop:DateCreated", "exif:DateTimeDigitized")]
    clocks, others = [c for c in clocks if c], [c for c in others if c]
    if not clocks and not others:
        return None, False, "none"
    at, offset = (clocks or others)[0]
    if offset is None and others:
        # The offset of XMP's time, if it shows the same second.
        offset = others[0][1] if others[0][0] // 1_000_000 == at // 1_000_000 else None
    if offset is None:
        return at, False, "clock"
    return at - offset * 1_000_000, True, "clock with offset"


def compare_position(row, tags):
    theirs, by = position(tags)
    ours = (int(row["lat_e7"]) / 1e7, int(row["lon_e7"]) / 1e7) if row["lat_e7"] else None
    if ours is None and theirs is None:
        return f"same: no position ({by})" if by in ("half-position", "no-hemisphere") else "same: no position"
    same = bool(ours and theirs and all(abs(a - b) <= 2e-7 for a, b in zip(ours, theirs)))
    told = mapillary(tags)
    if "MAPLatitude" in told:
        there = (float(told["MAPLatitude"]), float(told["MAPLongitude"]))
        if ours is None or any(abs(a - b) > 2e-7 for a, b in zip(ours, there)):
            return f"UNEXPLAINED position: cairn {ours}, Mapillary's JSON {there}"
        return "same: position by Mapillary's JSON" if same else "known: exif-behind-mapillary, position"
    if same:
        return "same: position"
    if ours is None and theirs and not all(abs(v) <= limit for v, limit in zip(theirs, (90, 180))):
        return "known: out of range"
    return f"UNEXPLAINED position: cairn {ours}, exiftool {theirs} by {by}"


def compare_time(row, tags):
    theirs, utc, by = time(tags)
    written = row["time_ms"] or row["civil_time_ms"]
    ours = int(written) * 1_000 if written else None
    if ours is None and theirs is None:
        return "same: no time"
    if row["time_source"] == "mapillary":
        parts = re.findall(r"\d+", str(mapillary(tags).get("MAPCaptureTime", "")))
        there = moment("{}:{}:{} {}:{}:{}.{}".format(*parts)) if len(parts) == 7 else None
        if there is None or abs(there[0] - ours) > 1_000:
            return f"UNEXPLAINED time: cairn {ours}, Mapillary's JSON {there}"
        same = theirs is not None and abs(ours - theirs) <= 1_000
        return "same: time by Mapillary's JSON" if same else "known: exif-behind-mapillary, time"
    if ours is not None and theirs is not None and abs(ours - theirs) <= 1_000:
        if row["time_source"] == "unknown-zone":
            return "known: clock-without-zone"
        return "same: time" if utc or row["time_source"] == "position-zone" else "UNEXPLAINED time: cairn knew a zone"
    if row["time_source"] == "position-zone" and theirs is not None and not utc:
        apart = ours - theirs
        # Cairn's times are cut to milliseconds.
        if (apart + 1_000) % 900_000_000 <= 1_000 and abs(apart) <= 14 * 3_600_000_000:
            return "known: zone-of-position"
    return f"UNEXPLAINED time: cairn {ours} by {row['time_source']}, exiftool {theirs} by {by}"


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder = Path(sys.argv[2])
    with open(sys.argv[1], newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    said = read_all(folder, [row["path"] for row in rows])
    counts, unexplained = Counter(), 0
    for row in rows:
        tags = said.get(row["path"], {})
        for kind in (compare_position(row, tags), compare_time(row, tags)):
            if kind.startswith("UNEXPLAINED"):
                print(f"{row['path']}: {kind}")
                unexplained += 1
            else:
                counts[kind] += 1
    for kind, count in sorted(counts.items()):
        print(f"{count:6} {kind}")
    print(f"{unexplained:6} unexplained, of {len(rows)} images")
    sys.exit(1 if unexplained else 0)


if __name__ == "__main__":
    main()
