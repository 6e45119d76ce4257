//! What images say about people and single devices is in no byte that a run publishes.

use std::collections::BTreeSet;
use std::path::Path;

use cairn_tests::{Published, Scratch, copy_folder, files_below, real};

use crate::fixtures::{cairn, scratch};

/// What the made images hold and nobody may find.
const SECRETS: [&str; 8] = [
    "Jane Q. Photographer",
    "Owner McOwnerface",
    "SN-C3331352471122",
    "jane.secret@example.org",
    "abad1deafeedc0ffee",
    "user-key-0123456789",
    "Creator O'Sidecar",
    "XMP-SERIAL-77",
];

/// A JPEG segment.
fn segment(code: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = u16::try_from(content.len() + 2).unwrap();
    [&[0xff, code], length.to_be_bytes().as_slice(), &content].concat()
}

/// One entry of an EXIF directory: tag, type, count, bytes.
type Entry = (u16, u16, u32, Vec<u8>);

fn text(tag: u16, value: &str) -> Entry {
    let bytes = [value.as_bytes(), b"\0"].concat();
    (tag, 2, u32::try_from(bytes.len()).unwrap(), bytes)
}

fn degrees(tag: u16, micro: u32) -> Entry {
    let numbers = [micro, 1_000_000, 0, 1, 0, 1];
    let bytes = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
    (tag, 5, 3, bytes)
}

/// EXIF of a main directory with two others below it.
fn exif(main: &[Entry], camera: &[Entry], gps: &[Entry]) -> Vec<u8> {
    let size = |entries: usize| 2 + 12 * entries + 4;
    let camera_at = 8 + size(main.len() + 2);
    let gps_at = camera_at + size(camera.len());
    let mut values_at = gps_at + size(gps.len());
    let at = |place: usize| u32::try_from(place).unwrap().to_be_bytes().to_vec();
    let below = [(0x8769, 4, 1, at(camera_at)), (0x8825, 4, 1, at(gps_at))];
    let (mut block, mut values) = (b"MM\0*\0\0\0\x08".to_vec(), Vec::<u8>::new());
    for directory in [[main, &below].concat().as_slice(), camera, gps] {
        block.extend(u16::try_from(directory.len()).unwrap().to_be_bytes());
        for (tag, kind, count, bytes) in directory {
            block.extend([tag.to_be_bytes(), kind.to_be_bytes()].concat());
            block.extend(count.to_be_bytes());
            if bytes.len() <= 4 {
                block.extend(bytes.iter().chain(&[0; 4]).take(4));
            } else {
                block.extend(at(values_at));
                values_at += bytes.len();
                values.extend(bytes);
            }
        }
        block.extend([0; 4]);
    }
    block.extend(values);
    block
}

/// A picture with personal metadata of every kind before it.
fn personal(picture: &[u8], number: u32) -> Vec<u8> {
    let json = format!(
        r#"{{"MAPSettingsUsername": "{}", "MAPSettingsEmail": "{}", "MAPSettingsUploadHash": "{}", "MAPSettingsUserKey": "{}", "MAPDeviceModel": "{}"}}"#,
        SECRETS[0], SECRETS[3], SECRETS[4], SECRETS[5], SECRETS[3]
    );
    let main = [
        text(0x010e, &json),
        text(0x010f, SECRETS[3]),
        text(0x0110, SECRETS[2]),
        text(0x013b, SECRETS[0]),
        text(0x8298, SECRETS[1]),
    ];
    let camera = [
        text(0x9003, &format!("2026:05:11 08:00:{number:02}")),
        text(0x9011, "+02:00"),
        text(0xa430, SECRETS[1]),
        text(0xa431, SECRETS[2]),
        text(0xa435, SECRETS[2]),
    ];
    let gps = [
        text(1, "N"),
        degrees(2, 55_705_000 + 100 * number),
        text(3, "E"),
        degrees(4, 13_191_000),
    ];
    let xmp = format!(
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF><rdf:Description aux:SerialNumber=\"{}\" aux:OwnerName=\"{}\" tiff:Model=\"{}\">\
         <dc:creator><rdf:Seq><rdf:li>{}</rdf:li></rdf:Seq></dc:creator></rdf:Description></rdf:RDF></x:xmpmeta>",
        SECRETS[7], SECRETS[1], SECRETS[3], SECRETS[0]
    );
    // A second packet, as long ones are cut: its identifier must not be taken for one.
    let extension = b"0123456789ABCDEF0123456789ABCDEF\0\0\0\x04\0\0\0\0<x/>";
    [
        b"\xff\xd8".to_vec(),
        segment(0xe1, &[b"Exif\0\0", &exif(&main, &camera, &gps)]),
        segment(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0", xmp.as_bytes()]),
        segment(0xe1, &[b"http://ns.adobe.com/xmp/extension/\0", extension]),
        segment(0xfe, &[SECRETS[0].as_bytes()]),
        picture[2..].to_vec(),
    ]
    .concat()
}

/// A picture of the sample city, without what it says about itself.
fn pictures() -> Vec<Vec<u8>> {
    let city = cairn_datasets::city::city(&cairn_tests::small_city());
    let pictures = city
        .into_iter()
        .filter(|file| file.bytes.starts_with(b"\xff\xd8"));
    pictures.map(|file| file.bytes).take(4).collect()
}

fn sidecar(latitude: &str) -> String {
    format!(
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF><rdf:Description exif:GPSLatitude='{latitude}' exif:GPSLongitude='13,11.46E'>\
         <exif:DateTimeOriginal>2026-05-11T08:01:00+02:00</exif:DateTimeOriginal>\
         <dc:creator><rdf:Seq><rdf:li>{}</rdf:li></rdf:Seq></dc:creator></rdf:Description></rdf:RDF></x:xmpmeta>",
        SECRETS[6]
    )
}

/// Every file as it is, and every text of every table as it reads.
fn everything(published: &Published) -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<(String, Vec<u8>)> = files_below(&published.folder)
        .into_iter()
        .map(|(path, bytes)| (format!("{path:?}"), bytes))
        .collect();
    for table in cairn_tests::TABLES {
        for (column, values) in published.table(table).columns() {
            all.push((format!("{table}.{column}"), format!("{values:?}").into_bytes()));
        }
    }
    all
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

fn published(scratch: &Scratch) -> Published {
    let _ = cairn().publish(&scratch.join("source"), &scratch.join("out"), &["--epoch", "all"]);
    Published::below(&scratch.join("out"))
}

#[test]
fn owners_serial_numbers_and_addresses_of_made_images_are_nowhere() {
    let scratch = scratch();
    let pictures = pictures();
    for (number, picture) in (0..).zip(&pictures[..3]) {
        scratch.write(
            &format!("source/ada/monday/{number}.jpg"),
            personal(picture, number),
        );
    }
    scratch.write("source/ada/monday/2.jpg.xmp", sidecar("55,42.3N"));
    let published = published(&scratch);
    let objects = published.table("objects");
    let row = objects.find("path", "ada/monday/0.jpg");
    assert_eq!(objects.text("kind", row), "image");
    assert!(
        objects.maybe_int("captured_at", row).is_some(),
        "the metadata was read"
    );
    for (place, bytes) in everything(&published) {
        for secret in SECRETS {
            assert!(!holds(&bytes, secret), "{place} holds `{secret}`");
        }
    }
}

#[test]
fn a_sidecar_places_its_image_and_a_changed_one_places_it_anew() {
    let scratch = scratch();
    let pictures = pictures();
    // Without any metadata of its own: a picture begins behind its first segments.
    let bare = strip(&pictures[3]);
    scratch.write("source/ada/monday/a.jpg", &bare);
    scratch.write("source/ada/monday/a.XMP", sidecar("55,42.3N"));
    scratch.write("source/ada/monday/lonely.xmp", sidecar("55,42.3N"));
    let run = |out: &str| {
        let (source, out, work) = (scratch.arg("source"), scratch.arg(out), scratch.arg("work"));
        let args = [
            "run", "--epoch", "all", "--source", &source, "--out", &out, "--work", &work,
        ];
        let _ = cairn().succeed(&args);
        Published::below(Path::new(&out))
    };
    let latitude = |published: &Published| {
        let images = published.table("images");
        images.int("lat_e7", images.find("path", "ada/monday/a.jpg"))
    };
    let first = run("first");
    assert_eq!(latitude(&first), 557_050_000);
    let objects = first.table("objects");
    assert_eq!(objects.rows(), 3, "rows in are rows out");
    let said = |path: &str| {
        let row = objects.find("path", path);
        [
            objects.text("kind", row),
            objects.text("verdict", row),
            objects.text("reason", row),
            objects.text("detail", row),
        ]
    };
    assert_eq!(
        said("ada/monday/a.XMP"),
        ["sidecar", "kept", "", "describes 1 image"]
    );
    let [kind, verdict, reason, detail] = said("ada/monday/lonely.xmp");
    assert_eq!((kind, verdict), ("sidecar", "rejected"));
    assert!(
        reason.starts_with("O2-") && detail.starts_with("describes no image"),
        "{detail}"
    );
    let audit = cairn().run(&["audit", &first.arg(), "--source", &scratch.arg("source")]);
    assert_eq!(audit.code, Some(0), "{audit}");
    // The same work folder: what the image was is not taken for what it is.
    scratch.write("source/ada/monday/a.XMP", sidecar("55,42.60000N"));
    assert_eq!(latitude(&run("second")), 557_100_000);
}

/// A JPEG without its application segments.
fn strip(jpeg: &[u8]) -> Vec<u8> {
    let mut at = 2;
    while let [0xff, 0xe0..=0xef, high, low, ..] = jpeg[at..] {
        at += 2 + usize::from(u16::from_be_bytes([high, low]));
    }
    [&jpeg[..2], &jpeg[at..]].concat()
}

/// Values of Mapillary's settings in real files, by the letters alone.
fn settings(bytes: &[u8]) -> BTreeSet<String> {
    let text = String::from_utf8_lossy(bytes);
    let pairs = text
        .match_indices("MAPSettings")
        .filter_map(|(at, _)| text[at..].split([',', '}']).next()?.split_once(':'));
    let values = pairs.map(|(_, value)| value.trim().trim_matches('"').to_owned());
    values.filter(|value| value.len() >= 6).collect()
}

#[test]
fn what_real_images_say_about_their_uploaders_is_nowhere() {
    let Some(opensfm) = real("network/opensfm") else {
        return;
    };
    let scratch = scratch();
    copy_folder(&opensfm, &scratch.join("source/opensfm"));
    let secrets: BTreeSet<String> = files_below(&scratch.join("source"))
        .values()
        .flat_map(|bytes| settings(bytes))
        .collect();
    assert!(
        secrets.iter().any(|secret| secret.contains('@')),
        "the images hold an address, else this tests nothing: {} values",
        secrets.len()
    );
    for (place, bytes) in everything(&published(&scratch)) {
        for secret in &secrets {
            assert!(!holds(&bytes, secret), "{place} holds a value of the settings");
        }
    }
}
