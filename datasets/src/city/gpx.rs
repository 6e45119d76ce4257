//! Writes GPX 1.1 with the fields that loggers write.

use std::fmt::Write as _;

use super::drive::GnssFix;
use super::streets::Projection;
use super::time::Civil;

/// A whole GPX file with one track of one segment, named `name`.
pub(crate) fn gpx(name: &str, fixes: &[GnssFix], projection: &Projection) -> String {
    let mut out = String::from(concat!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
        "<gpx version=\"1.1\" creator=\"sample city\" xmlns=\"http://www.topografix.com/GPX/1/1\">\n",
    ));
    // Writing to a String cannot fail, so the results are dropped.
    let _ = writeln!(out, "<trk><name>{name}</name><trkseg>");
    for fix in fixes {
        let (lat_e7, lon_e7) = projection.to_e7(fix.at);
        let _ = writeln!(
            out,
            "<trkpt lat=\"{}\" lon=\"{}\"><ele>{:.1}</ele><time>{}</time><sat>{}</sat><hdop>{:.1}</hdop></trkpt>",
            degrees(lat_e7),
            degrees(lon_e7),
            fix.elevation_m,
            Civil::from_ms(fix.time_ms).rfc3339_ms(),
            fix.satellites,
            fix.hdop,
        );
    }
    out.push_str("</trkseg></trk>\n</gpx>\n");
    out
}

/// 1e-7 degrees as a decimal number, exactly.
fn degrees(e7: i32) -> String {
    let sign = if e7 < 0 { "-" } else { "" };
    let size = e7.unsigned_abs();
    format!("{sign}{}.{:07}", size / 10_000_000, size % 10_000_000)
}
