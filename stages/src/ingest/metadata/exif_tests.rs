use super::ExifFacts;
use crate::ingest::metadata::fixture::{In, Tiff};
use crate::ingest::metadata::{HeadingReference, MetadataFault, Position, PositionProblem};

fn read(tiff: &Tiff) -> (ExifFacts, Vec<MetadataFault>) {
    let mut faults = Vec::new();
    let facts = ExifFacts::read(&tiff.block(), &mut faults);
    (facts, faults)
}

fn place(tiff: &Tiff) -> Result<Option<(i32, i32)>, PositionProblem> {
    let (facts, _) = read(tiff);
    match facts.position_problem {
        Some(problem) => Err(problem),
        None => Ok(facts.position.map(|Position { lat_e7, lon_e7 }| (lat_e7, lon_e7))),
    }
}

#[test]
fn degrees_minutes_and_seconds_are_exact() {
    let dms = |ns: &str, ew: &str| {
        Tiff::default()
            .text(In::Gps, 1, ns)
            .rationals(In::Gps, 2, &[(37, 1), (46, 1), (2964, 100)])
            .text(In::Gps, 3, ew)
            .rationals(In::Gps, 4, &[(122, 1), (4_000_001, 100_000), (0, 1)])
    };
    // 37 + 46/60 + 29.64/3600 = 37.7749; 122 + 40.00001/60 = 122.66666683...
    assert_eq!(place(&dms("N", "W")), Ok(Some((377_749_000, -1_226_666_668))));
    assert_eq!(place(&dms("south", "e")), Ok(Some((-377_749_000, 1_226_666_668))));
}

#[test]
fn minutes_may_be_absent_and_types_may_be_wrong() {
    let tiff = Tiff::default()
        .text(In::Gps, 1, "S")
        .doubles(In::Gps, 2, &[33.5])
        .text(In::Gps, 3, "E")
        .rationals(In::Gps, 4, &[(151, 1)]);
    assert_eq!(place(&tiff), Ok(Some((-335_000_000, 1_510_000_000))));
    // A signed number says its hemisphere itself, and beside a reference the sign is not applied twice.
    let signed = Tiff::default()
        .signed_rationals(In::Gps, 2, &[(-67, 2)])
        .signed_rationals(In::Gps, 4, &[(151, 1)]);
    assert_eq!(place(&signed), Ok(Some((-335_000_000, 1_510_000_000))));
    let both = Tiff::default()
        .text(In::Gps, 1, "S")
        .signed_rationals(In::Gps, 2, &[(-67, 2)])
        .text(In::Gps, 3, "E")
        .signed_rationals(In::Gps, 4, &[(151, 1)]);
    assert_eq!(place(&both), Ok(Some((-335_000_000, 1_510_000_000))));
}

#[test]
fn a_position_that_is_none_says_why() {
    let full = |lat: &[(u32, u32)], lon: &[(u32, u32)]| {
        Tiff::default()
            .text(In::Gps, 1, "N")
            .rationals(In::Gps, 2, lat)
            .text(In::Gps, 3, "E")
            .rationals(In::Gps, 4, lon)
    };
    let one = [(1, 1), (0, 1), (0, 1)];
    assert_eq!(place(&Tiff::default()), Ok(None));
    assert_eq!(
        place(&full(&[(0, 1); 3], &[(0, 1); 3])),
        Ok(Some((0, 0))),
        "0,0 is a position for the gate to judge"
    );
    assert_eq!(place(&full(&[(0, 0); 3], &one)), Err(PositionProblem::NotFinite));
    assert_eq!(
        place(&full(&[(1, 1), (0, 1), (5, 0)], &one)),
        Err(PositionProblem::NotFinite)
    );
    assert_eq!(place(&full(&[(91, 1)], &one)), Err(PositionProblem::OutOfRange));
    assert_eq!(
        place(&full(&one, &[(u32::MAX, 1); 3])),
        Err(PositionProblem::OutOfRange)
    );
    assert_eq!(place(&full(&[], &one)), Err(PositionProblem::Unreadable));
    assert_eq!(
        place(&Tiff::default().text(In::Gps, 1, "N").rationals(In::Gps, 2, &one)),
        Err(PositionProblem::HalfMissing)
    );
    assert_eq!(
        place(
            &Tiff::default()
                .rationals(In::Gps, 2, &one)
                .rationals(In::Gps, 4, &one)
        ),
        Err(PositionProblem::NoReference)
    );
    let words = Tiff::default()
        .text(In::Gps, 1, "N")
        .text(In::Gps, 2, "48.1")
        .text(In::Gps, 3, "E")
        .text(In::Gps, 4, "11.5");
    assert_eq!(place(&words), Err(PositionProblem::Unreadable));
    assert_eq!(
        place(&full(&one, &one).doubles(In::Gps, 2, &[f64::NAN])),
        Err(PositionProblem::NotFinite)
    );
}

#[test]
fn gps_time_needs_a_real_date_and_a_time() {
    let at = |date: &str, time: &[(u32, u32)]| {
        read(
            &Tiff::default()
                .text(In::Gps, 0x1D, date)
                .rationals(In::Gps, 7, time),
        )
        .0
        .gps_time_us
    };
    let ten = 1_714_557_600_000_000;
    assert_eq!(at("2024:05:01", &[(10, 1), (0, 1), (0, 1)]), Some(ten));
    assert_eq!(
        at("2024-05-01", &[(9, 1), (59, 1), (59_500, 1_000)]),
        Some(ten - 500_000)
    );
    assert_eq!(at("2024:05:01", &[(10, 1), (0, 1), (0, 0)]), None);
    assert_eq!(at("2024:05:01", &[(24, 1), (0, 1), (0, 1)]), None);
    assert_eq!(at("2024:05:01", &[(10, 1), (0, 1)]), None);
    assert_eq!(at("0000:00:00", &[(10, 1), (0, 1), (0, 1)]), None);
    assert_eq!(at("1970:01:01", &[(10, 1), (0, 1), (0, 1)]), None);
    assert_eq!(
        read(&Tiff::default().text(In::Gps, 0x1D, "2024:05:01"))
            .0
            .gps_time_us,
        None,
        "a date alone is no time"
    );
}

#[test]
fn the_clock_has_sub_seconds_and_an_offset_where_written() {
    let clock = |tiff: Tiff| read(&tiff).0.clock.map(|clock| (clock.local_us, clock.offset_s));
    let ten = 1_714_557_600_000_000;
    let plain = Tiff::default().text(In::Exif, 0x9003, "2024:05:01 10:00:00");
    assert_eq!(clock(plain.clone()), Some((ten, None)));
    assert_eq!(
        clock(
            plain
                .clone()
                .text(In::Exif, 0x9291, "07 ")
                .text(In::Exif, 0x9011, "-05:00")
        ),
        Some((ten + 70_000, Some(-18_000)))
    );
    assert_eq!(
        clock(
            plain
                .clone()
                .text(In::Exif, 0x9011, "   :  ")
                .text(In::Exif, 0x9010, "+02:00")
        ),
        Some((ten, Some(7_200)))
    );
    assert_eq!(clock(plain.text(In::Exif, 0x9011, "rubbish")), Some((ten, None)));
    // Digitised stands in for original; an edit time for neither.
    let digitised = Tiff::default()
        .text(In::Exif, 0x9003, "0000:00:00 00:00:00")
        .text(In::Exif, 0x9004, "2024:05:01 10:00:00");
    assert_eq!(clock(digitised), Some((ten, None)));
    assert_eq!(
        clock(Tiff::default().text(In::Main, 0x0132, "2024:05:01 10:00:00")),
        None
    );
    assert_eq!(
        clock(Tiff::default().text(In::Exif, 0x9003, "1970:01:01 00:00:00")),
        None
    );
}

#[test]
fn reads_the_rest() {
    let tiff = Tiff::default()
        .text(In::Main, 0x010F, " GoPro\u{1}\0\0")
        .text(In::Main, 0x0110, &"X".repeat(200))
        .short(In::Main, 0x0112, 6)
        .short(In::Exif, 0xA405, 28)
        .text(In::Gps, 0x10, "M")
        .rationals(In::Gps, 0x11, &[(36_000, 100)])
        .rationals(In::Gps, 0x1F, &[(48_255, 10_000)]);
    let (facts, faults) = read(&tiff);
    assert_eq!(
        (facts.make.as_deref(), facts.model.map(|model| model.len())),
        (Some("GoPro"), Some(64))
    );
    assert_eq!((facts.orientation, facts.focal_length_35mm), (Some(6), Some(28)));
    assert_eq!(
        facts.heading.map(|heading| (heading.centideg, heading.reference)),
        Some((0, HeadingReference::Magnetic))
    );
    assert_eq!(facts.accuracy_mm, Some(4_826));
    assert_eq!(faults, []);
}

#[test]
fn unusable_values_are_faults() {
    let tiff = Tiff::default()
        .short(In::Main, 0x0112, 9)
        .short(In::Exif, 0xA405, 0)
        .rationals(In::Gps, 0x11, &[(0, 0)])
        .signed_rationals(In::Gps, 0x1F, &[(-1, 1)]);
    let (facts, faults) = read(&tiff);
    assert_eq!(facts, ExifFacts::default());
    let tags = ["GPSImgDirection", "GPSHPositioningError", "Orientation"];
    assert_eq!(faults, tags.map(|tag| MetadataFault::Tag { tag }));
}

#[test]
fn a_cut_block_gives_what_precedes_the_cut() {
    let block = Tiff::default()
        .text(In::Main, 0x010F, "GoPro Inc")
        .position(48_000_000, 11_000_000)
        .block();
    let mut faults = Vec::new();
    let facts = ExifFacts::read(&block[..block.len() - 20], &mut faults);
    assert_eq!((facts.make.as_deref(), facts.position), (Some("GoPro Inc"), None));
    assert!(!faults.is_empty());
    assert_eq!(ExifFacts::read(b"rubbish!", &mut faults), ExifFacts::default());
}
