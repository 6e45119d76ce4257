"""usage: readers.py gpxpy|lxml|pynmea2 FILE -> prints the number of fixes and the seconds that reading them took."""

import sys
import time


def gpxpy_(path):
    import gpxpy

    with open(path) as file:
        gpx = gpxpy.parse(file)
    points = [
        (point.latitude, point.longitude, point.elevation, point.time, point.horizontal_dilution)
        for track in gpx.tracks
        for segment in track.segments
        for point in segment.points
    ]
    return len(points)


def lxml_(path):
    from lxml import etree

    ns = "{http://www.topografix.com/GPX/1/1}"
    points = []
    for _, element in etree.iterparse(path, events=("end",), tag=ns + "trkpt"):
        found = {child.tag: child.text for child in element}
        points.append(
            (
                float(element.get("lat")),
                float(element.get("lon")),
                float(found.get(ns + "ele", "nan")),
                found.get(ns + "time"),
                float(found.get(ns + "hdop", "nan")),
            )
        )
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]
    return len(points)


def pynmea2_(path):
    import pynmea2

    fixes = 0
    with open(path, encoding="latin-1") as file:
        for line in file:
            try:
                sentence = pynmea2.parse(line.strip())
            except pynmea2.ParseError:
                continue
            fixes += sentence.sentence_type == "GGA" and bool(sentence.lat)
    return fixes


readers = {"gpxpy": gpxpy_, "lxml": lxml_, "pynmea2": pynmea2_}
name, path = sys.argv[1:]
started = time.perf_counter()
count = readers[name](path)
print(count, time.perf_counter() - started)
