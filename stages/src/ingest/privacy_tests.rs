//! Nothing personal that stands in the metadata of real images may be in a row that ingest makes of them.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::path::{Path, PathBuf};

use super::*;

/// Tags whose values are about people or single devices: artist, copyright, host, comments and keywords of Windows, user comment,
/// unique id, owner, serial numbers.
const TAGS: [u16; 12] = [
    0x013b, 0x013c, 0x8298, 0x9286, 0x9c9c, 0x9c9d, 0x9c9e, 0xa420, 0xa430, 0xa431, 0xa435, 0xa43a,
];
/// The same in XMP, by the ends of their names.
const PROPERTIES: [&str; 10] = [
    "SerialNumber",
    "OwnerName",
    "Artist",
    "Author",
    "AuthorsPosition",
    "CaptionWriter",
    "Credit",
    "Copyright",
    "creator",
    "rights",
];
/// Keys of Mapillary's JSON, by their starts.
const KEYS: [&str; 5] = [
    "MAPSettings",
    "MAPPhotoUUID",
    "MAPDeviceUUID",
    "MAPSequenceUUID",
    "MAPMetaTags",
];

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn in_exif(bytes: &[u8], found: &mut BTreeSet<String>) {
    let mut reader = exif::Reader::new();
    reader.continue_on_error(true);
    let parsed = reader
        .read_from_container(&mut std::io::Cursor::new(bytes))
        .or_else(|error| error.distill_partial_result(|_| {}));
    for field in parsed.iter().flat_map(exif::Exif::fields) {
        if !TAGS.contains(&field.tag.number()) {
            continue;
        }
        match &field.value {
            exif::Value::Ascii(parts) => {
                found.extend(
                    parts
                        .iter()
                        .map(|part| String::from_utf8_lossy(part).into_owned()),
                );
            }
            exif::Value::Byte(bytes) | exif::Value::Undefined(bytes, _) => {
                found.insert(String::from_utf8_lossy(bytes).into_owned());
                let units: Vec<u16> = bytes
                    .as_chunks()
                    .0
                    .iter()
                    .map(|pair| u16::from_le_bytes(*pair))
                    .collect();
                found.insert(String::from_utf16_lossy(&units));
            }
            _ => {}
        }
    }
}

/// `Name="value"`, `Name>value<` and `Name><rdf:Seq><rdf:li>value<`, by the letters alone.
fn in_xmp(text: &str, found: &mut BTreeSet<String>) {
    for name in PROPERTIES {
        for (at, _) in text.match_indices(name) {
            let rest = &text[at + name.len()..];
            if let Some(quoted) = rest.strip_prefix("=\"") {
                found.extend(quoted.split('"').next().map(str::to_owned));
            } else if rest.starts_with('>') {
                let texts = rest.split('<').take(4).filter_map(|part| part.split_once('>'));
                found.extend(texts.map(|(_, text)| text.to_owned()));
            }
        }
    }
}

fn in_json(text: &str, found: &mut BTreeSet<String>) {
    for key in KEYS {
        for (at, _) in text.match_indices(key) {
            let value = text[at..]
                .split([',', '}'])
                .next()
                .and_then(|pair| pair.split_once(':'));
            found.extend(value.map(|(_, value)| value.trim().trim_matches('"').to_owned()));
        }
    }
}

fn personal(bytes: &[u8]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    in_exif(bytes, &mut found);
    let text = String::from_utf8_lossy(bytes);
    in_xmp(&text, &mut found);
    in_json(&text, &mut found);
    let clean = |value: String| {
        value
            .trim_matches(|c: char| c.is_control() || c.is_whitespace())
            .to_owned()
    };
    // Words like `true` and `null`, and rubbish that the raw scan cut out of pictures, tell nothing.
    let tells = |value: &String| value.chars().count() >= 5 && !value.contains(char::REPLACEMENT_CHARACTER);
    found.into_iter().map(clean).filter(tells).collect()
}

fn rows(bytes: &[u8]) -> String {
    let kernel = IngestKernel {
        policy: IngestPolicy::default(),
        span: None,
        buckets: 8,
    };
    let upload = Upload {
        contributor: "ada".into(),
        session: "monday".into(),
        ..Upload::listed("a.jpg", bytes.len() as u64, "1")
    };
    let fetch = |_: &str, _: Option<u64>| -> Result<Option<Vec<u8>>, Infallible> { Ok(Some(bytes.to_vec())) };
    match kernel.read(&upload, &fetch) {
        Ok(rows) => format!("{rows:?}"),
    }
}

#[test]
fn nothing_personal_in_real_images_reaches_a_row() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/real");
    if !folder.is_dir() {
        eprintln!("skipped: no real files at {}", folder.display());
        return;
    }
    let (mut looked_at, mut values) = (0, BTreeSet::new());
    for place in ["network", "corpus/immich", "corpus/mapillary-unit"] {
        for path in files(&folder.join(place)) {
            #[expect(clippy::disallowed_methods, reason = "tests read the real files")]
            let bytes = std::fs::read(&path).unwrap();
            let personal = personal(&bytes);
            if picture::sniff(&bytes).is_none() || personal.is_empty() {
                continue;
            }
            let shown = rows(&bytes);
            for value in &personal {
                assert!(!shown.contains(value.as_str()), "{}: `{value}`", path.display());
            }
            looked_at += 1;
            values.extend(personal);
        }
    }
    // The scan must have found what is known to be there, else this tests nothing.
    assert!(looked_at >= 60, "{looked_at} images");
    assert!(
        values.iter().any(|value| value.contains('@')),
        "no e-mail address"
    );
    for known in ["6TVFM9N0M2X7KD", "4803006108", "Pilar Flores", "53HQK6K0M113QP"] {
        assert!(values.contains(known), "`{known}` was not found by the scan");
    }
}

#[test]
fn nothing_personal_in_a_made_image_reaches_a_row() {
    let tiff = metadata::fixture::Tiff::default()
        .text(metadata::fixture::In::Main, 0x010f, "jane@example.org")
        .text(metadata::fixture::In::Main, 0x0110, "Theta S (C3331352471122)")
        .text(metadata::fixture::In::Main, 0x013b, "Jane Doe")
        .text(
            metadata::fixture::In::Main,
            0x010e,
            r#"{"MAPSettingsEmail": "jane@example.org", "MAPSettingsUserKey": "abad1dea", "MAPDeviceModel": "jane@example.org", "MAPCaptureTime": "Jane Doe"}"#,
        )
        .text(metadata::fixture::In::Exif, 0xa430, "Jane Doe")
        .text(metadata::fixture::In::Exif, 0xa431, "C3331352471122");
    let xmp = "<rdf:Description tiff:Make='jane@example.org' aux:SerialNumber='C3331352471122'>\
        <dc:creator><rdf:Seq><rdf:li>Jane Doe</rdf:li></rdf:Seq></dc:creator></rdf:Description>";
    let picture = include_bytes!("picture/fixtures/baseline.jpg");
    // Segments of metadata, then the picture without its own start.
    let made = tiff.jpeg(xmp);
    let segments = &made[..made.len() - 2 - 13];
    let bytes = [segments, &picture[2..]].concat();
    let shown = rows(&bytes);
    assert!(shown.contains("Shot {"), "{shown}");
    for value in ["jane", "Jane", "C3331352471122", "abad1dea"] {
        assert!(!shown.contains(value), "{value} in {shown}");
    }
}

#[test]
fn a_table_without_a_header_keeps_its_first_row_to_itself() {
    for text in [
        "2026-04-17T11:05:29Z,52.5249440,13.3693610,Jane Doe\n",
        "Jane Doe;at home;52,5249440N;13,3693610E\n",
    ] {
        let upload = Upload::listed("ada/monday/a.csv", text.len() as u64, "1");
        let kernel = IngestKernel {
            policy: IngestPolicy::default(),
            span: None,
            buckets: 8,
        };
        let fetch =
            |_: &str, _: Option<u64>| -> Result<Option<&[u8]>, Infallible> { Ok(Some(text.as_bytes())) };
        let Ok(rows) = kernel.read(&upload, &fetch);
        let detail = &rows.objects[0].detail;
        assert!(detail.contains("may be a row"), "{detail}");
        for value in ["5249440", "3693610", "Jane", "2026-04"] {
            assert!(!detail.contains(value), "{detail}");
        }
    }
}
