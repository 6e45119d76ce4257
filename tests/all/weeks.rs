//! A city that grows: what is uploaded week by week, up to a year of it.
//!
//! Each week is a small sample city on the same streets, so that what was mapped a week ago is driven again by more
//! people, when a part of it has faded. At the weekend one of them drives once more, and what was taken then is
//! uploaded then or in the next week. From the second week on somebody sends what others sent the week before:
//! by turns the same bytes, the same picture under other metadata, compressed again, and compressed again from a place
//! kilometres away. In some weeks there are broken files and copies of the same week too.

use std::fmt::Write;
use std::path::Path;

use cairn_datasets::city::{CitySpec, Truth, city, truth};
use cairn_datasets::digest::Digest;
use cairn_datasets::units::Timestamp;
use image::codecs::jpeg::JpegEncoder;

/// The midnight that starts Monday of the week 2026-W01, in ms since 1970 UTC.
const FIRST_MONDAY_MS: i64 = 1_766_966_400_000;
const DAY_MS: i64 = 86_400_000;

/// The ISO week of a number, from 0.
pub(crate) fn name(week: usize) -> String {
    format!("2026-W{:02}", week + 1)
}

/// One object of the source.
struct Upload {
    path: String,
    contributor: String,
    session: String,
    uploaded_at: String,
    bytes: Vec<u8>,
    /// A picture that says where it was taken, of the week and not of somebody who copies.
    worth_copying: bool,
    trace: bool,
}

fn monday(week: usize) -> i64 {
    FIRST_MONDAY_MS + i64::try_from(week).unwrap() * 7 * DAY_MS
}

/// The honest part of a week and its accidents.
fn driven(week: usize) -> Vec<Upload> {
    let seed = 1_000 + u64::try_from(week).unwrap();
    // Two days back and forth, so that standing differs from week to week.
    let shift = [0, 1, -1][week % 3] * DAY_MS;
    let small = |seed, contributors, frames_per_drive, week_start_ms, mischief| CitySpec {
        seed,
        contributors,
        frames_per_drive,
        width: 240,
        height: 136,
        week_start_ms,
        mischief,
        ..CitySpec::default()
    };
    let mischief = week % 8 == 3;
    // Three who map, and one more every six weeks.
    let contributors = 3 + u32::try_from(week / 6).unwrap() + u32::from(mischief);
    let weekdays = small(seed, contributors, 3, monday(week) + shift, mischief);
    // A city's first drive is on Tuesday, so this one is on Sunday, and sent on Sunday or on Monday.
    let weekend = small(seed + 500, 1, 2, monday(week) + 5 * DAY_MS, false);
    let mut uploads = made(&weekdays, &format!("w{week:02}"));
    uploads.extend(made(&weekend, &format!("w{week:02}-weekend")));
    uploads
}

/// The files of a city below a folder, each as its list of uploads has it.
fn made(spec: &CitySpec, folder: &str) -> Vec<Upload> {
    let mut files: Vec<_> = city(spec).collect();
    let list = String::from_utf8(files.pop().unwrap().bytes).unwrap();
    let files = files.into_iter().zip(truth(spec)).zip(list.lines().skip(1));
    files
        .map(|((file, (_, truth)), line)| {
            let fields: Vec<&str> = line.split(',').collect();
            let located = file
                .bytes
                .windows(DEGREES_NORTH.len())
                .any(|at| at == DEGREES_NORTH);
            Upload {
                path: format!("{folder}/{}", file.path),
                contributor: fields[1].to_owned(),
                session: format!("{folder}-{}", fields[4]),
                uploaded_at: fields[2].to_owned(),
                worth_copying: truth == Truth::Honest && located,
                trace: truth == Truth::Trace,
                bytes: file.bytes,
            }
        })
        .collect()
}

/// What somebody sends on a Saturday of what others sent the week before.
fn copied(week: usize, before: &[Upload]) -> Vec<Upload> {
    let saturday = Timestamp(monday(week) + 5 * DAY_MS + 20 * 3_600_000);
    let pictures = before.iter().filter(|upload| upload.worth_copying);
    let originals = pictures.skip(week % 2).step_by(2).take(3);
    let edit = |jpeg: &[u8]| match week % 4 {
        0 => jpeg.to_vec(),
        1 => commented(jpeg),
        2 => recoded(jpeg),
        _ => recoded(&moved(jpeg)),
    };
    let mut copies: Vec<Vec<u8>> = originals.map(|upload| edit(&upload.bytes)).collect();
    let trace = before.iter().find(|upload| upload.trace);
    copies.extend(trace.map(|upload| upload.bytes.clone()));
    let upload = |(number, bytes): (usize, Vec<u8>)| Upload {
        path: format!("w{week:02}/magpie/again/{number}"),
        contributor: "magpie".into(),
        session: format!("again-{week:02}"),
        uploaded_at: saturday.to_string(),
        bytes,
        worth_copying: false,
        trace: false,
    };
    copies.into_iter().enumerate().map(upload).collect()
}

/// Writes the uploads of the first weeks into a folder.
pub(crate) fn grow(folder: &Path, weeks: usize) {
    let mut list = "path,contributor,uploaded_at,sha256,session\n".to_owned();
    let mut before: Vec<Upload> = Vec::new();
    for week in 0..weeks {
        let copies = copied(week, &before);
        before = driven(week);
        for upload in before.iter().chain(&copies) {
            let path = folder.join(&upload.path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, &upload.bytes).unwrap();
            let digest = Digest::of(&upload.bytes);
            let Upload {
                path,
                contributor,
                session,
                uploaded_at,
                ..
            } = upload;
            writeln!(list, "{path},{contributor},{uploaded_at},{digest},{session}").unwrap();
        }
    }
    std::fs::write(folder.join("uploads.csv"), list).unwrap();
}

/// Where the first segment of a JPEG ends, which is the metadata that the city writes.
fn after_metadata(jpeg: &[u8]) -> usize {
    assert_eq!(
        &jpeg[..4],
        [0xff, 0xd8, 0xff, 0xe1],
        "a JPEG whose metadata come first"
    );
    4 + usize::from(u16::from_be_bytes([jpeg[4], jpeg[5]]))
}

/// The same picture with a comment.
fn commented(jpeg: &[u8]) -> Vec<u8> {
    let (metadata, picture) = jpeg.split_at(after_metadata(jpeg));
    [metadata, b"\xff\xfe\x00\x06mine", picture].concat()
}

/// The same picture compressed again under its metadata.
fn recoded(jpeg: &[u8]) -> Vec<u8> {
    let pixels = image::load_from_memory(jpeg).unwrap().to_rgb8();
    let mut coded = Vec::new();
    JpegEncoder::new_with_quality(&mut coded, 60)
        .encode_image(&pixels)
        .unwrap();
    [&jpeg[..after_metadata(jpeg)], &coded[2..]].concat()
}

/// 55 degrees, as the rational number of an EXIF latitude; its minutes follow.
const DEGREES_NORTH: [u8; 8] = [55, 0, 0, 0, 1, 0, 0, 0];

/// The same file from five minutes of arc further north, which are nine kilometres.
fn moved(jpeg: &[u8]) -> Vec<u8> {
    let mut jpeg = jpeg.to_vec();
    let at = jpeg.windows(8).position(|bytes| bytes == DEGREES_NORTH).unwrap();
    jpeg[at + 8] += 5;
    jpeg
}
