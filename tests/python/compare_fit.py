"""Compares the fixes that Cairn reads from FIT files with what fitdecode reads from the same files.

Usage: compare_fit.py FIXES.csv FOLDER...

FIXES.csv has the columns path,format,time_ms,lat_e7,lon_e7, a row for each fix in file order; path is the file's path
below its folder, and unknown values are empty. A file without fixes has no row. Needs fitdecode 0.11 (PyPI).

fitdecode runs with its lenient error handling, and what it gives before a fault counts. Its raw semicircles become 1e-7 degrees
here, by integers of our own. Prints the differences by kind, each with its count and some places. Exits with 1 where one is
unexplained. Explained ones are not faults of either side:

- half: fitdecode has one half of a position. Cairn gives a fix without a position, for the gate to reject; no fix is compared.
- out-of-range: a position beyond 90 or 180 degrees is one that Cairn does not take over; its row has to be empty.
- since-start: a time below 0x10000000 counts from the device's start. Cairn gives no UTC for it.
- first-offset: a compressed timestamp before any whole one. fitdecode counts it from 0, Cairn has no time for it.
- course: the records of a course (file_id.type 6) are a plan; Cairn gives no fix.
- base-type: a base type with other high bits than its own (0x05 for 0x85). fitdecode takes it for bytes, Cairn for the number.
- unfinished: the header's data size is 0. fitdecode takes the file to be empty, Cairn reads it to the end.
- stops-earlier: fitdecode refuses what Cairn does not look at: a field of 0 bytes, or a developer field whose developer is not
  declared. Cairn goes on, so it has more fixes.
- stops-later: fitdecode takes any architecture but 0 for big endian. Cairn stops, so it has fewer fixes.

The last four make files differ in length from some place on. They are recognised by looking for their cause in the file, not by
the difference itself.
"""

import csv
import sys
import warnings
from collections import defaultdict
from pathlib import Path

import fitdecode

EPOCH_S = 631_065_600
LEAST_UTC = 0x1000_0000
RECORD, FILE_ID, COURSE, TIMESTAMP = 20, 0, 6, 253
INTEGERS = (0, 1, 2, 3, 4, 5, 6, 10, 11, 12, 13)


def e7(semicircles: int) -> int:
    """Half away from zero, as Cairn rounds."""
    scaled = semicircles * 1_800_000_000
    size = (abs(scaled) * 2 + 2**31) // 2**32
    return size if scaled >= 0 else -size


def place(latitude: int | None, longitude: int | None) -> tuple[tuple[int | None, int | None], str]:
    if latitude is None or longitude is None:
        return (None, None), "half"
    found = (e7(latitude), e7(longitude))
    if abs(found[0]) > 900_000_000 or abs(found[1]) > 1_800_000_000:
        return (None, None), "out-of-range"
    return found, ""


def number(message: fitdecode.FitDataMessage, field: int) -> int | None:
    """The first field of that number. get_raw_value would also find developer fields, which number theirs as they like."""
    for found in message.fields:
        if found.def_num == field and not (found.field_def and found.field_def.is_dev):
            return found.raw_value if isinstance(found.raw_value, int) else None
    return None


def seconds(message: fitdecode.FitDataMessage) -> int | None:
    """The written time, else the one that a compressed header makes, which fitdecode appends."""
    made = [f.raw_value for f in message.fields if f.def_num == TIMESTAMP and f.field_def is None]
    written = number(message, TIMESTAMP)
    return made[0] if written is None and made else written


class Reference:
    """What fitdecode gives of one file."""

    def __init__(self, path: Path) -> None:
        self.fixes: list[tuple[int | None, int | None, int | None]] = []
        self.explained: dict[str, int] = defaultdict(int)
        self.causes: set[str] = set()
        self.fault = ""
        try:
            self.read(path)
        # Broken files make it raise what it did not mean to: struct.error, KeyError, AssertionError.
        except Exception as error:
            self.fault = f"{type(error).__name__}: {error}"
            if not isinstance(error, (fitdecode.FitHeaderError, fitdecode.FitEOFError)) and "not defined" not in self.fault:
                self.causes.add("stops-earlier")
            if "developer_data_index" in self.fault:
                self.causes.add("stops-earlier")

    def read(self, path: Path) -> None:
        course, whole_time = False, False
        options = {"check_crc": fitdecode.CrcCheck.READONLY, "error_handling": fitdecode.ErrorHandling.IGNORE}
        with fitdecode.FitReader(path, processor=None, keep_raw_chunks=True, **options) as reader:
            for frame in reader:
                if isinstance(frame, fitdecode.FitHeader):
                    course, whole_time = False, False
                    if frame.body_size == 0:
                        self.causes.add("unfinished")
                elif isinstance(frame, fitdecode.FitDefinitionMessage):
                    self.definition(frame)
                elif isinstance(frame, fitdecode.FitDataMessage):
                    whole_time |= any(f.field_def and f.def_num == TIMESTAMP and f.raw_value for f in frame.fields)
                    if frame.global_mesg_num == FILE_ID:
                        course = number(frame, 0) == COURSE
                    elif frame.global_mesg_num == RECORD:
                        self.record(frame, course, whole_time)

    def definition(self, frame: fitdecode.FitDefinitionMessage) -> None:
        raw = frame.chunk.bytes
        if raw[2] > 1:
            self.causes.add("stops-later")
        listed = [raw[at : at + 3] for at in range(6, 6 + 3 * raw[5], 3)]
        if any(base not in fitdecode.types.BASE_TYPES and base & 0x1F in INTEGERS for _, _, base in listed):
            self.causes.add("base-type")

    def record(self, message: fitdecode.FitDataMessage, course: bool, whole_time: bool) -> None:
        latitude, longitude = number(message, 0), number(message, 1)
        if latitude is None and longitude is None:
            return
        if course:
            self.explained["course"] += 1
            return
        position, why = place(latitude, longitude)
        if why:
            self.explained[why] += 1
        time = seconds(message)
        if time is not None and message.time_offset is not None and not whole_time:
            self.explained["first-offset"] += 1
            time = None
        elif time is not None and time < LEAST_UTC:
            self.explained["since-start"] += 1
            time = None
        self.fixes.append((None if time is None else (time + EPOCH_S) * 1_000, *position))


def cairn(path: str) -> dict[str, list[tuple[int | None, int | None, int | None]]]:
    found = defaultdict(list)
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            if row["format"] != "FIT":
                continue
            values = (row["time_ms"], row["lat_e7"], row["lon_e7"])
            found[row["path"]].append(tuple(int(v) if v else None for v in values))
    return found


def main() -> None:
    warnings.simplefilter("ignore")
    ours = cairn(sys.argv[1])
    explained, unexplained = defaultdict(int), defaultdict(list)
    files = sorted(p for folder in sys.argv[2:] for p in Path(folder).rglob("*") if p.suffix.lower() == ".fit")
    fixes = faults = 0
    for path in files:
        below = next(str(path.relative_to(folder)) for folder in sys.argv[2:] if path.is_relative_to(folder))
        theirs, mine = Reference(path), ours.pop(below, [])
        fixes += len(theirs.fixes)
        faults += bool(theirs.fault)
        for kind, count in theirs.explained.items():
            explained[kind] += count
        if len(mine) != len(theirs.fixes):
            wanted = {"unfinished", "base-type", "stops-earlier"} if len(mine) > len(theirs.fixes) else {"stops-later"}
            causes = sorted(wanted & theirs.causes)
            if causes:
                explained[causes[0]] += 1
            else:
                unexplained["count"].append(f"{path}: {len(mine)} fixes and {len(theirs.fixes)} ({theirs.fault})")
        for at, (a, b) in enumerate(zip(mine, theirs.fixes)):
            if a != b and "base-type" in theirs.causes:
                explained["base-type"] += 1
                continue
            if a[0] != b[0]:
                unexplained["time"].append(f"{path} fix {at}: {a[0]} and {b[0]}")
            if a[1:] != b[1:]:
                unexplained["position"].append(f"{path} fix {at}: {a[1:]} and {b[1:]}")
    for path in ours:
        unexplained["file"].append(f"{path} is not below the folders")
    print(f"{len(files)} files, {fixes} fixes by fitdecode, which found a fault in {faults}")
    for kind, count in sorted(explained.items()):
        print(f"explained: {kind}: {count}")
    for kind, places in sorted(unexplained.items()):
        print(f"unexplained: {kind}: {len(places)}")
        for where in places[:5]:
            print(f"  {where}")
    if unexplained:
        sys.exit(1)
    print("no unexplained difference")


main()
