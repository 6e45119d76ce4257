"""Holds Cairn's fixes from NMEA 0183 logs against those of pynmea2, an independent parser.

Usage: compare_nmea.py FIXES FOLDER. FIXES is a CSV with the columns path,format,time_ms,lat_e7,lon_e7 (path below FOLDER; empty is
unknown), a row for each fix that Cairn read. Needs pynmea2 (written against 1.19.0). Exit code 1 when more than
UNEXPLAINED_PER_MILLE of the fixes of either side differ without an explanation.

Both sides read the same sentences: RMC, GGA, GNS and GLL that have a position, of any talker. Each side has a set of
(time, place) for each log. On this side a place is what pynmea2 says, a float, rounded to 1e-7 degrees; a time is the
time of day of the sentence, with the date of the last RMC or ZDA before it, or else the first one after it.

What is compared, and what explains a difference:

- `same`: time and place agree. Places may differ by 2e-7 degrees, because pynmea2 goes through floats.
- `same, without a date`: Cairn knows no date and gives no time; some sentence of the log has the place.
- `rounded time`: place and date agree and the time of day differs by less than 10 ms: some receivers round the time of one
  sentence and not of another, and Cairn merges them.
- `date`: time of day and place agree and the date does not. Cairn lets the date of an RMC without a fix count for its own
  moment only and carries other dates over midnight both ways; these come from cold clocks.
- `other sentence of the moment`: pynmea2 has each sentence alone, and Cairn makes one fix of a moment, with the place of GGA
  before GNS, RMC and GLL, a valid one first. The sentence's time is that of a fix, and its place is not.
- `without a time`: a sentence with a place that Cairn has, without a time of its own.
- `sentences refused by pynmea2`: it raises on the sentence or one of its values; Cairn may have a fix there.
- `sentences refused by Cairn`: minutes of 60 and more, an RMC that ends before its date or has one that is no six digits.
- `cairn only` and `pynmea2 only`: the rest, unexplained.
"""

import csv
import re
import sys
from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path

import pynmea2

UNEXPLAINED_PER_MILLE = 2
KINDS = ("RMC", "GGA", "GNS", "GLL")
SENTENCE = re.compile(rb"\$([A-OQ-Z0-9][A-Z0-9])([A-Z0-9]{2}[A-Z]),[^\r\n*$!\x00-\x1f\x7f-\xff]{0,150}(\*[0-9A-Fa-f]{2}|(?=[\r\n]))")
DAY_US = 86_400_000_000
ROUNDING_US = 10_000
EPOCH = date(1970, 1, 1)


def whole_e7(degrees: float) -> int:
    return round(degrees * 1e7)


def near(a: tuple, b: tuple) -> bool:
    return abs(a[0] - b[0]) <= 2 and abs(a[1] - b[1]) <= 2


def in_note(data: bytes, at: int) -> bool:
    start = max(data.rfind(b"\n", 0, at), data.rfind(b"\r", 0, at)) + 1
    return data[start : start + 1] == b"#"


def clock_us(time) -> int:
    return ((time.hour * 60 + time.minute) * 60 + time.second) * 1_000_000 + time.microsecond


def refused(sentence) -> str | None:
    """Why Cairn does not take a sentence, or a position, that pynmea2 takes."""
    if any(float(text or 0) % 100 >= 60 for text in (sentence.lat, sentence.lon)):
        return "60 minutes or more"
    if sentence.sentence_type == "RMC":
        if len(sentence.data) < 9:
            return "a cut RMC"
        if not re.fullmatch(r"(\d{6})?", sentence.data[8]):
            return "a date that cannot be read"
    return None


def day_of(sentence) -> int | None:
    """Days since 1970 that an RMC or ZDA names."""
    if sentence.sentence_type == "ZDA":
        named = date(int(sentence.year), int(sentence.month), int(sentence.day))
    else:
        text = sentence.data[8]
        if not text or text == "000000":
            return None
        year = int(text[4:6])
        named = date((1900 if year >= 80 else 2000) + year, int(text[2:4]), int(text[0:2]))
    return (named - EPOCH) // timedelta(days=1)


def read(path: Path, counts: Counter) -> list:
    """The sentences with a position as (day or None, time of day or None, place), in file order."""
    data = path.read_bytes()
    found, day, last_clock, first_day = [], None, None, None
    for match in SENTENCE.finditer(data):
        kind = match[2].decode()
        if kind not in (*KINDS, "ZDA") or in_note(data, match.start()):
            continue
        try:
            sentence = pynmea2.parse(match[0].decode("ascii"))
            why = refused(sentence) if kind != "ZDA" else None
            if why:
                counts[f"sentences refused by Cairn ({why})"] += 1
                continue
            place = None
            if kind != "ZDA" and sentence.lat and sentence.lon:
                place = (whole_e7(sentence.latitude), whole_e7(sentence.longitude))
                if abs(place[0]) > 900_000_000 or abs(place[1]) > 1_800_000_000:
                    place = None
            time = sentence.timestamp if sentence.data else None
            clock = clock_us(time) if time else None
            own = day_of(sentence) if kind == "ZDA" or (kind == "RMC" and len(sentence.data) > 8) else None
        except (pynmea2.ParseError, ValueError, TypeError, AttributeError, IndexError) as error:
            counts[f"sentences refused by pynmea2 ({type(error).__name__})"] += 1
            continue
        if day is not None and clock is not None and last_clock is not None and clock - last_clock < -DAY_US // 2:
            day += 1
        last_clock = clock if clock is not None else last_clock
        if own is not None:
            has_fix = kind == "ZDA" or sentence.status in ("A", "D")
            if has_fix:
                day = own
                first_day = own if first_day is None else first_day
        if place is not None:
            found.append([own if own is not None else day, clock, place])
    for row in found:
        row[0] = first_day if row[0] is None else row[0]
    return found


class ByClock:
    """Rows (day, clock, place) by the time of day, with a look at what lies less than 10 ms beside."""

    def __init__(self, rows: list):
        self.rows = rows
        self.buckets = defaultdict(list)
        for row in rows:
            self.buckets[None if row[1] is None else row[1] // ROUNDING_US].append(row)

    def at(self, clock: int | None) -> list:
        if clock is None:
            return self.buckets.get(None, [])
        bucket = clock // ROUNDING_US
        beside = [row for b in (bucket - 1, bucket, bucket + 1) for row in self.buckets.get(b, [])]
        return [row for row in beside if abs(row[1] - clock) < ROUNDING_US]


def compare(cairn: list, peer: list, counts: Counter) -> int:
    """Compares the rows of one log, counts what it meets and returns the unexplained differences."""
    ours, theirs = ByClock(cairn), ByClock(peer)
    unexplained = 0
    for day, clock, place in cairn:
        beside = theirs.at(clock) if clock is not None else peer
        same_place = [row for row in beside if near(place, row[2])]
        if clock is None:
            what = "same, without a date" if same_place else "cairn only"
        elif any(row[0] == day for row in same_place):
            what = "same" if any(row[1] == clock for row in same_place) else "rounded time"
        else:
            what = "date" if same_place else "cairn only"
        counts[what] += 1
        unexplained += what == "cairn only"
    undated = ours.at(None)
    seen = set()
    for _, clock, place in peer:
        beside = ours.at(clock) or undated
        if any(near(place, row[2]) for row in beside):
            continue
        if (clock, place) in seen:
            continue
        seen.add((clock, place))
        if clock is None:
            what = "without a time" if any(near(place, row[2]) for row in cairn) else "pynmea2 only"
        else:
            what = "other sentence of the moment" if ours.at(clock) else "pynmea2 only"
        counts[what] += 1
        unexplained += what == "pynmea2 only"
    return unexplained


def main(fixes: Path, folder: Path) -> None:
    cairn = defaultdict(list)
    with fixes.open(newline="") as lines:
        for row in csv.DictReader(lines):
            if row["format"] != "NMEA 0183":
                continue
            time = int(row["time_ms"]) * 1_000 if row["time_ms"] else None
            day, clock = (None, None) if time is None else divmod(time, DAY_US)
            if row["lat_e7"]:
                cairn[row["path"]].append((day, clock, (int(row["lat_e7"]), int(row["lon_e7"]))))
    paths = sorted(p for p in folder.rglob("*") if p.suffix in (".log", ".nmea", ".txt"))
    counts, unexplained, compared = Counter(), 0, 0
    for path in paths:
        name = path.relative_to(folder).as_posix()
        peer = read(path, counts)
        differing = compare(cairn.get(name, []), peer, counts)
        compared += max(len(cairn.get(name, [])), len({clock for _, clock, _ in peer}))
        if differing:
            print(f"{name}: {differing} unexplained")
        unexplained += differing
    for what, count in sorted(counts.items()):
        print(f"{count:8} {what}")
    print(f"{unexplained} of {compared} fixes differ without an explanation")
    if compared == 0 or unexplained * 1000 > compared * UNEXPLAINED_PER_MILLE:
        sys.exit(1)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
