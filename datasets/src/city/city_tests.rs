use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};

use super::{CitySpec, Truth, city, true_positions, truth};

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// A city small enough for a debug build: all kinds of files, tiny pictures.
fn small() -> CitySpec {
    CitySpec {
        frames_per_drive: 2,
        width: 96,
        height: 64,
        ..CitySpec::default()
    }
}

#[test]
fn the_same_spec_makes_the_same_bytes_and_another_seed_does_not() {
    let digest = |spec: &CitySpec| {
        let mut hash = Sha256::new();
        for file in city(spec) {
            hash.update(file.path.as_bytes());
            hash.update(&file.bytes);
        }
        hash.finalize()
    };
    assert_eq!(digest(&small()), digest(&small()));
    assert_ne!(digest(&small()), digest(&CitySpec { seed: 21, ..small() }));
}

/// Changes whenever a byte of the city does: on purpose after an edit, never between machines or profiles.
#[test]
fn the_bytes_are_the_same_everywhere() {
    let mut hash = Sha256::new();
    for file in city(&small()) {
        hash.update(&file.bytes);
    }
    let digest = hex(&hash.finalize());
    assert_eq!(
        digest,
        "c11e84c6e3b08dd49163ccaa909179e9acc3c661d8880b1a3507760a4cea5b29"
    );
}

#[test]
fn the_list_of_uploads_names_every_file_with_its_digest_but_one() {
    let files: Vec<_> = city(&small()).collect();
    let (list, files) = files.split_last().unwrap();
    assert_eq!(list.path, "uploads.csv");
    let text = String::from_utf8(list.bytes.clone()).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("path,contributor,uploaded_at,sha256,session"));
    let mut wrong = Vec::new();
    for (line, file) in lines.by_ref().zip(files) {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(cells[0], file.path);
        assert!(file.path.starts_with(&format!("{}/{}/", cells[1], cells[4])));
        assert!(
            ("2026-05-11T00:00:00Z".."2026-05-18T00:00:00Z").contains(&cells[2]),
            "{}",
            cells[2]
        );
        let digest = hex(&Sha256::digest(&file.bytes));
        if cells[3] != digest {
            wrong.push(file.path.clone());
        }
    }
    assert_eq!(lines.next(), None);
    let expected: Vec<String> = truth(&small())
        .into_iter()
        .filter(|(_, truth)| *truth == Truth::WrongDigest)
        .map(|(path, _)| path)
        .collect();
    assert_eq!(wrong, expected);
}

#[test]
fn truth_follows_the_files_and_copies_name_files_that_exist() {
    let files: Vec<_> = city(&small()).collect();
    let truth = truth(&small());
    assert_eq!(truth.len() + 1, files.len());
    let paths: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths.len(), files.len());
    let bytes = |path: &str| files.iter().find(|file| file.path == path).unwrap().bytes.clone();
    let scan = |bytes: &[u8]| {
        bytes
            .windows(2)
            .position(|pair| pair == [0xff, 0xdb])
            .map(|at| bytes[at..].to_vec())
    };
    for (file, (path, truth)) in files.iter().zip(&truth) {
        assert_eq!(&file.path, path);
        match truth {
            Truth::ExactCopy { of } => assert_eq!(file.bytes, bytes(of)),
            Truth::EditedCopy { of } => {
                assert_ne!(file.bytes, bytes(of));
                assert_eq!(scan(&file.bytes), scan(&bytes(of)));
            }
            Truth::Reencoded { of } => assert_ne!(scan(&file.bytes), scan(&bytes(of))),
            Truth::Parked { of } => assert!(paths.contains(of.as_str())),
            _ => {}
        }
    }
}

#[test]
fn honest_pictures_decode_and_are_neither_dark_nor_blank() {
    let honest: BTreeSet<String> = truth(&small())
        .into_iter()
        .filter(|(_, truth)| *truth == Truth::Honest)
        .map(|(path, _)| path)
        .collect();
    for file in city(&small()).filter(|file| honest.contains(&file.path)) {
        let luma = image::load_from_memory(&file.bytes).unwrap().to_luma8();
        assert_eq!(luma.dimensions(), (96, 64));
        let (mut sum, mut squares) = (0.0, 0.0);
        for byte in luma.as_raw() {
            sum += f64::from(*byte);
            squares += f64::from(*byte) * f64::from(*byte);
        }
        let (mean, square) = (sum / 6_144.0, squares / 6_144.0);
        assert!((70.0..170.0).contains(&mean), "{}: mean {mean}", file.path);
        assert!(
            square - mean * mean > 900.0,
            "{}: std {}",
            file.path,
            (square - mean * mean).sqrt()
        );
    }
}

#[test]
fn the_demo_covers_forty_cells_from_five_contributors() {
    let places = true_positions(&CitySpec::default());
    let cells: BTreeSet<u64> = places
        .iter()
        .map(|place| {
            let (lat, lon) = (f64::from(place.lat_e7) * 1e-7, f64::from(place.lon_e7) * 1e-7);
            u64::from(
                h3o::LatLng::new(lat, lon)
                    .unwrap()
                    .to_cell(h3o::Resolution::Eleven),
            )
        })
        .collect();
    assert!(cells.len() >= 40, "{} cells", cells.len());
}

#[test]
fn odd_sizes_make_a_city_too() {
    for (contributors, frames, blocks) in [(0, 0, 0), (1, 1, 1), (2, 3, 2), (9, 1, 3)] {
        let spec = CitySpec {
            contributors,
            frames_per_drive: frames,
            blocks_east: blocks,
            blocks_north: blocks,
            width: 0,
            height: 65,
            ..CitySpec::default()
        };
        let files = city(&spec).count();
        assert!(files >= 1);
    }
}

#[test]
fn traces_are_well_formed_unless_they_are_meant_to_be_broken() {
    let truth = truth(&small());
    for (file, (_, truth)) in city(&small()).zip(truth) {
        let broken = match truth {
            Truth::Trace | Truth::TeleportingTrace => false,
            Truth::BrokenTrace => true,
            _ => continue,
        };
        let mut reader = quick_xml::Reader::from_reader(file.bytes.as_slice());
        let (mut points, mut depth, mut failed) = (0, 0_i32, false);
        loop {
            match reader.read_event() {
                Ok(quick_xml::events::Event::Start(tag)) => {
                    depth += 1;
                    points += i32::from(tag.name().as_ref() == "trkpt");
                }
                Ok(quick_xml::events::Event::End(_)) => depth -= 1,
                Ok(quick_xml::events::Event::Eof) => break,
                Ok(_) => {}
                Err(_) => {
                    failed = true;
                    break;
                }
            }
        }
        assert!(points > 3, "{points} points");
        assert_eq!(failed || depth != 0, broken, "{}", file.path);
    }
}
