//! What Cairn reads in real files, held against other readers: gpxpy, pynmea2, fitdecode and exiftool. The scripts in
//! `tests/python` say which differences are known, and fail on any other.

use std::io::Write;
use std::path::Path;
use std::process::Command;

use cairn_tests::real;

use crate::fixtures::{cairn, scratch};
use crate::python::python;

/// Has a script compare what `cairn inspect` wrote of some folders (below the real files).
fn compare(script: &str, what: &str, folders: &[&str]) {
    let Some(python) = python() else { return };
    for name in folders {
        let Some(folder) = real(name) else { continue };
        let scratch = scratch();
        let (read, folder) = (scratch.arg("read.csv"), folder.to_string_lossy().into_owned());
        let _ = cairn().succeed(&["inspect", what, &read, &folder]);
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python").join(script);
        let output = Command::new(&python)
            .arg(&script)
            .args([&read, &folder])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let _ = writeln!(std::io::stderr(), "{} on {name}:\n{said}", script.display());
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success() && !said.trim().is_empty(),
            "{name}: {said}{errors}"
        );
    }
}

#[test]
fn fixes_of_gpx_are_those_of_gpxpy() {
    compare("compare_gpx.py", "--fixes", &["network"]);
}

#[test]
fn fixes_of_nmea_are_those_of_pynmea2() {
    compare(
        "compare_nmea.py",
        "--fixes",
        &["corpus/gpsd", "network/google-gnss", "network/aerorust"],
    );
}

#[test]
fn fixes_of_fit_are_those_of_fitdecode() {
    compare("compare_fit.py", "--fixes", &["network", "corpus/fitdecode"]);
}

#[test]
fn positions_and_times_of_images_are_those_of_exiftool() {
    let has_exiftool = Command::new("exiftool")
        .arg("-ver")
        .output()
        .is_ok_and(|ran| ran.status.success());
    if !has_exiftool {
        let _ = writeln!(
            std::io::stderr(),
            "skipped: exiftool is not there (Debian: libimage-exiftool-perl)"
        );
        return;
    }
    compare(
        "compare_exif.py",
        "--images",
        &["network", "corpus/immich", "corpus/mapillary-unit"],
    );
}
