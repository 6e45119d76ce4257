#!/usr/bin/env python3
"""Image quality (P3) of real photos and of degraded copies of them, beside BRISQUE and Panoramax's grade: the tables of QUALITY.md.

    quality.py PHOTOS CAIRN OUT [--brisque FOLDER] [--workers N]

PHOTOS is a folder of real photos. Where it holds the sets of SETS below, those are taken; else every JPEG in it of at least 640 pixels on the
long side. CAIRN is the binary. OUT gets the degraded copies (1 GB for 74 photos), a run of Cairn over them and scores.csv; what is there
already is not made again.

Needs Python 3.11, numpy, opencv-contrib-python-headless, pillow (11 or later), pyarrow and geopic-tag-reader. BRISQUE needs
brisque_model_live.yml and brisque_range_live.yml too, which OpenCV's wheels lack (Debian: opencv-data); without them it is left out.

Every copy is the decoded original, degraded, and saved at quality 90 with the original's EXIF and XMP; "original" is saved so too. All noise
is drawn from the file's name, so a second run makes the same files.
"""

import argparse
import csv
import multiprocessing
import subprocess
import sys
import tomllib
import zlib
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np
import pyarrow.dataset as dataset
from geopic_tag_reader.reader import PartialExifException, readPictureMetadata
from PIL import Image

Image.MAX_IMAGE_PIXELS = None
BASE, QUALITY = "original", 90
# Photos of streets, squares and paths as cameras wrote them: no copy, thumbnail, broken file or cover.
SETS = [
    "network/opensfm/berlin/*.jpg",
    "network/opensfm/lund/*.jpg",
    "network/pixtrail/rome/*.jpg",
    "network/mapillary-tools/cameras/*.JPG",
    "network/geovisio/fixtures/[123].jpg",
    "network/geovisio/fixtures/d1.jpg",
    "network/geovisio/fixtures/e[12345].jpg",
    "network/geovisio/fixtures/invalid_exif.jpg",
    "network/exif-samples/mixed/DSCN00*.jpg",
    "network/exif-samples/mixed/30-type_error.jpg",
    "network/exif-samples/mixed/87_OSError.jpg",
]
# Pictures that are bad as they came from the camera. They are not re-encoded, and have no original.
FOUND = {"real lens cap": "network/agung/*/*LENS_CAP.JPG", "real blur": "network/agung/*/*POOR_SHARPNESS.JPG"}


def linear(pixels, factor):
    """Light times a factor, as a shorter or longer exposure has it: sRGB to linear light, times, and back."""
    level = np.arange(256) / 255
    light = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4) * factor
    back = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.rint(back.clip(0, 1) * 255).astype(np.uint8)[pixels]


def blur(pixels, sigma):
    return cv2.GaussianBlur(pixels, (0, 0), sigma)


def relative_blur(pixels, sigma):
    """Sigma as it would be at 1024 pixels on the long side."""
    return blur(pixels, sigma * max(pixels.shape[:2]) / 1024)


def motion(pixels, length):
    return cv2.blur(pixels, (length, 1))


def noise(pixels, sigma, random):
    grain = random.normal(0, sigma, pixels.shape[:2]).astype(np.float32)[:, :, None]
    return np.rint(pixels + grain).clip(0, 255).astype(np.uint8)


def cap(pixels, random):
    """A closed lens: the sensor's noise over black."""
    return noise(np.full_like(pixels, 1), 1.5, random)


def skin(shape, level, random, uneven=1):
    """A palm or finger on the lens: skin of about one grey level, a gradient of 20 % across the frame, a falloff of 15 % to its corners and
    blotches of 5 %, each times `uneven`, and the sensor's noise."""
    height, width = shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    angle = random.uniform(0, 2 * np.pi)
    light = 0.1 * (x * np.cos(angle) + y * np.sin(angle)) - 0.075 * (x * x + y * y)
    blotches = cv2.resize(random.normal(0, 0.05, (6, 8)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    colour = np.array([1.3, 0.9, 0.8], np.float32) * level
    return noise(np.multiply.outer(1 + uneven * (light + blotches), colour), 2, random)


def covered(pixels, share, random):
    """Something out of focus before the left part of the picture, its edge soft over a tenth of the width."""
    height, width = pixels.shape[:2]
    ramp = np.clip((share * width - np.arange(width)) / (0.1 * width) + 0.5, 0, 1)[None, :, None]
    return np.rint(pixels * (1 - ramp) + skin(pixels.shape, 60, random) * ramp).astype(np.uint8)


# Series of degradations: the steps, and from pixels, step and a random source to pixels and JPEG quality.
SERIES = {
    # Sigma in pixels.
    "blur": ([0.5, 1, 2, 4, 8], lambda p, s, r: (blur(p, s), QUALITY)),
    "blur at 1024": ([1, 2, 4], lambda p, s, r: (relative_blur(p, s), QUALITY)),
    # Pixels along the rows.
    "motion": ([5, 10, 20, 40], lambda p, s, r: (motion(p, s), QUALITY)),
    # Light times this.
    "dark": ([0.5, 0.25, 0.12, 0.06], lambda p, s, r: (linear(p, s), QUALITY)),
    "bright": ([1.5, 2, 3], lambda p, s, r: (linear(p, s), QUALITY)),
    "jpeg": ([70, 50, 30, 10], lambda p, s, r: (p, s)),
    # Sigma in grey levels.
    "noise": ([5, 10, 20, 40], lambda p, s, r: (noise(p, s, r), QUALITY)),
    # Part of the width.
    "cover": ([0.5, 0.75, 0.9], lambda p, s, r: (covered(p, s, r), QUALITY)),
    "lens cap": ([""], lambda p, s, r: (cap(p, r), QUALITY)),
    # Grey level.
    "skin": ([20, 60, 110, 160], lambda p, s, r: (skin(p.shape, s, r), QUALITY)),
    "uneven skin": ([60, 160], lambda p, s, r: (skin(p.shape, s, r, 2.5), QUALITY)),
}
VERSIONS = [(BASE, BASE, "", lambda p, s, r: (p, QUALITY))]
VERSIONS += [(f"{name} {step}".strip(), name, step, make) for name, (steps, make) in SERIES.items() for step in steps]
# Steps that are asked for: AUC of .98 at least, by the measure meant for them and by quality.
ASKED = {"blur 2": "sharpness", "blur 4": "sharpness", "blur 8": "sharpness", "lens cap": "exposure", "real lens cap": "exposure"}
ASKED |= {f"dark {step}": "exposure" for step in SERIES["dark"][0]}
# The measure that is meant for a series.
OWN = {"blur": "sharpness", "blur at 1024": "sharpness", "motion": "sharpness", "dark": "exposure", "bright": "exposure", "jpeg": "sharpness",
       "noise": "sharpness", "cover": "contrast"}  # fmt: skip
MEASURES = {
    "share": "high-frequency share", "sharpness": "sharpness", "exposure": "exposure", "contrast": "contrast", "quality": "quality",
    "brisque": "BRISQUE", "panoramax": "Panoramax",
}  # fmt: skip


def photos(root):
    found = [path for pattern in SETS for path in sorted(root.glob(pattern))]
    if not found:
        every = sorted(path for path in root.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg"))
        found = [path for path in every if max(Image.open(path).size) >= 640]
    if not found:
        sys.exit(f"no photos in {root}")
    above = root / "network" if found[0].is_relative_to(root / "network") else root
    return {"_".join(path.relative_to(above).with_suffix("").parts): path for path in found}


def folder_of(version):
    return version.replace(" ", "-").replace(".", "_")


def degrade(job):
    """All versions of one photo, each in a contributor's folder of its own."""
    name, path, source = job
    image = Image.open(path)
    extra = {key: image.info[key] for key in ("exif", "xmp") if image.info.get(key)}
    pixels = np.asarray(image.convert("RGB"))
    for version, _, step, make in VERSIONS:
        target = source / folder_of(version) / "photos" / f"{name}.jpg"
        if target.exists():
            continue
        random = np.random.default_rng(zlib.crc32(f"{name} {version}".encode()))
        made, quality = make(pixels, step, random)
        part = target.with_suffix(".part")
        Image.fromarray(made).save(part, "JPEG", quality=quality, **extra)
        part.rename(target)


def brisque(job):
    """OpenCV's, at the picture's own scale; of pictures over 2 megapixels the band across the middle that has as many."""
    path, model = job
    pixels = cv2.imread(str(path), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    height, width = pixels.shape[:2]
    rows = min(height, 2_097_152 // width)
    top = (height - rows) // 2
    pixels = np.ascontiguousarray(pixels[top : top + rows])
    return cv2.quality.QualityBRISQUE_compute(pixels, *model)[0]


def panoramax(path):
    """The grade of Panoramax's viewer, 5 (A) to 1 (E), from what its tag reader reads: four fifths pixels per degree, a fifth accuracy."""
    try:
        tags = readPictureMetadata(path.read_bytes())
    except PartialExifException as part:
        tags = part.tags
    density = round(Image.open(path).width / tags.field_of_view) if tags.field_of_view else None
    if density is None:
        resolution = 1
    elif tags.field_of_view == 360:
        resolution = 3 + (density >= 15) + (density >= 30)
    else:
        resolution = 1 + (density >= 10) + (density >= 15) + (density >= 30)
    metres = tags.gps_accuracy
    accuracy = 1 if metres is None else 1 + sum(metres < end for end in (1.01, 2.01, 5.01, 10.01))
    return int(resolution * 4 / 5 + accuracy / 5 + 0.5)


def ramp(value, zero, full):
    sign = 1 if full > zero else -1
    return min(max((value - zero) * sign * 1_000_000 // ((full - zero) * sign), 0), 1_000_000)


def times(a, b):
    return a * b // 1_000_000


def parts(row, policy):
    """The factors of P3, and whether the image is unusable (I6), from the published features."""
    score, place = policy["score"], policy["place"]
    mean, std = row["mean_milli"], row["std_milli"]
    exposure = min(
        ramp(mean, score["exposure-dark-milli"], score["exposure-full-from-milli"]),
        ramp(mean, score["exposure-burnt-milli"], score["exposure-full-to-milli"]),
    )
    wide = "detail-360-" if row["is_360"] else "detail-"
    if row["is_360"]:
        density = row["width"] * 1000 // 360
    else:
        density = row["width"] * 1_000_000 // row["field_of_view_mdeg"] if row["field_of_view_mdeg"] else None
    found = {
        "share": row["sharpness"],
        "sharpness": ramp(row["sharpness"], place["blurred-ppm"], score["sharp-ppm"]),
        "exposure": times(exposure, max(1_000_000 - row["dark_ppm"] - row["burnt_ppm"], 0)),
        "contrast": ramp(std, score["contrast-zero-milli"], score["contrast-full-milli"]),
        "detail": score["detail-unknown-ppm"] if density is None else ramp(density, score[wide + "zero-milli"], score[wide + "full-milli"]),
        "quality": row["quality_ppm"],
        "unusable": int(any([
            mean < max(place["covered-mean-milli"], place["dark-mean-milli"]), mean > place["burnt-mean-milli"], std < place["blank-std-milli"],
            row["dark_ppm"] >= place["dark-share-ppm"], row["burnt_ppm"] >= place["burnt-share-ppm"], row["sharpness"] <= place["blurred-ppm"],
        ])),
    }  # fmt: skip
    quality = times(times(found["sharpness"], found["exposure"]), times(found["contrast"], found["detail"]))
    assert quality == found["quality"], f"{row['path']}: {quality} by the published features, {found['quality']} published"
    return found | {key: row[key] for key in ("mean_milli", "std_milli", "dark_ppm", "burnt_ppm", "laplacian_milli")}


def cairn_scores(cairn, source, out):
    policy = tomllib.loads(subprocess.run([cairn, "policy", "show"], check=True, capture_output=True, text=True).stdout)
    if not out.exists():
        subprocess.run([cairn, "run", "--quiet", "--source", source, "--out", out], check=True, stdout=subprocess.DEVNULL)
    (images,) = out.glob("reward_epoch=*/images")
    return {row["path"]: parts(row, policy) for row in dataset.dataset(images).to_table().to_pylist()}


def scores(arguments, names):
    """One line per picture: version, name and every measure."""
    source, kept = arguments.out / "source", arguments.out / "scores.csv"
    if kept.exists():
        with kept.open() as lines:
            return [numbers(line) for line in csv.DictReader(lines)]
    for version, *_ in VERSIONS:
        (source / folder_of(version) / "photos").mkdir(parents=True, exist_ok=True)
    model = [arguments.brisque / f"brisque_{part}_live.yml" for part in ("model", "range")] if arguments.brisque else []
    if not (model and all(part.is_file() for part in model) and hasattr(cv2, "quality")):
        print("BRISQUE is left out: no brisque_model_live.yml and brisque_range_live.yml (--brisque FOLDER)", file=sys.stderr)
        model = []
    with multiprocessing.Pool(arguments.workers, cv2.setNumThreads, [1]) as pool:
        pool.map(degrade, [(name, path, source) for name, path in names.items()], chunksize=1)
        lines = [(version, name, source / folder_of(version) / "photos" / f"{name}.jpg") for version, *_ in VERSIONS for name in names]
        for version, pattern in FOUND.items():
            for path in sorted(arguments.photos.glob(pattern)):
                copy = source / folder_of(version) / "photos" / path.name
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(path.read_bytes())
                lines.append((version, path.stem, copy))
        ours = cairn_scores(arguments.cairn, source, arguments.out / "run")
        grades = pool.map(panoramax, [path for *_, path in lines])
        theirs = pool.map(brisque, [(path, [str(part) for part in model]) for *_, path in lines], chunksize=4) if model else [""] * len(lines)
    table = []
    for (version, name, path), grade, score in zip(lines, grades, theirs, strict=True):
        row = ours[path.relative_to(source).as_posix()]
        # Of every measure more is better: BRISQUE counts faults.
        table.append({"version": version, "name": name, **row, "panoramax": grade, "brisque": -score if model else ""})
    with kept.open("w") as target:
        writer = csv.DictWriter(target, table[0])
        writer.writeheader()
        writer.writerows(table)
    return [numbers(line) for line in table]


def numbers(line):
    """A line of scores.csv with numbers for text, None where there is none."""
    return {key: value if key in ("version", "name") else None if value == "" else float(value) for key, value in line.items()}


def auc(better, worse):
    """The chance that one of the better is above one of the worse, a tie counting half (Mann-Whitney)."""
    a, b = np.array(better)[:, None], np.array(worse)[None, :]
    return ((a > b).mean() + (a == b).mean() / 2).item()


def markdown(head, rows):
    marks = ["---"] + ["--:"] * (len(head) - 1)
    return "\n".join("| " + " | ".join(line) + " |" for line in [head, marks, *rows])


def short(value):
    text = f"{value:.3f}"
    return "1" if text == "1.000" else text.removeprefix("0")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("photos", type=Path)
    arguments.add_argument("cairn", type=lambda text: Path(text).resolve())
    arguments.add_argument("out", type=Path)
    arguments.add_argument("--brisque", type=Path, help="folder of OpenCV's brisque_model_live.yml and brisque_range_live.yml")
    arguments.add_argument("--workers", type=int, default=2)
    arguments = arguments.parse_args()
    names = photos(arguments.photos)
    table = defaultdict(dict)
    for line in scores(arguments, names):
        table[line["version"]][line["name"]] = line
    base = table[BASE]
    measures = {key: title for key, title in MEASURES.items() if next(iter(base.values()))[key] is not None}

    print(f"{len(base)} photos. AUC, original against degraded:\n")
    rows = []
    for version, lines in table.items():
        if version == BASE:
            continue
        cells = [short(auc([line[key] for line in base.values()], [line[key] for line in lines.values()])) for key in measures]
        for at, key in enumerate(measures):
            if version in ASKED and key in (ASKED[version], "quality"):
                cells[at] = f"**{cells[at]}**" + ("" if float(cells[at]) >= 0.98 else " missed")
        own = [line["quality"] < base[name]["quality"] for name, line in lines.items() if name in base]
        unusable = np.mean([line["unusable"] for line in lines.values()])
        rows.append([version, *cells, f"{np.mean(own):.0%}" if own else "-", f"{unusable:.0%}"])
    print(markdown(["degradation", *measures.values(), "under its own original", "unusable (I6)"], rows))

    print("\nShare of the photos for which a measure rises at no step of a series, from the original on:\n")
    rows = []
    for name, (steps, _) in SERIES.items():
        chain = [BASE] + [f"{name} {step}" for step in steps]
        for key in (OWN[name], "quality", "brisque") if name in OWN else ():
            if key not in measures:
                continue
            values = np.array([[table[version][photo][key] for version in chain] for photo in base])
            rise = np.diff(values)
            falls = (rise < 0) | ((values[:, :-1] == 0) & (values[:, 1:] == 0))
            slack = 10_000 if key != "brisque" else 1
            shares = [holds.all(axis=1).mean() for holds in (rise <= 0, falls, rise <= slack)]
            cells = [f"{share:.1%}" for share in shares]
            if name in ("blur", "dark") and key != "brisque":
                cells[0] = f"**{cells[0]}**" + ("" if shares[0] >= 0.95 else " missed")
            rows.append([name, measures[key], *cells])
    print(markdown(["series", "measure", "never rises", "falls until it is 0", "rises by .01 (BRISQUE: 1) at most"], rows))

    print("\nThe median photo's parts of quality:\n")
    keys = ["share", "mean_milli", "std_milli", "sharpness", "exposure", "contrast", "detail", "quality"]
    rows = [[version, *(f"{np.median([line[key] for line in lines.values()]) / 1e6:.3f}" if not key.endswith("milli")
             else f"{np.median([line[key] for line in lines.values()]) / 1e3:.1f}" for key in keys)] for version, lines in table.items()]  # fmt: skip
    print(markdown(["degradation", "high-frequency share", "mean", "std", *keys[3:]], rows))


if __name__ == "__main__":
    main()
