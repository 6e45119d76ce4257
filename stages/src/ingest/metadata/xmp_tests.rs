use super::*;

fn read(properties: &str) -> XmpFacts {
    let mut faults = Vec::new();
    let facts = XmpFacts::read(wrapped(properties).as_bytes(), &mut faults);
    assert_eq!(faults, [], "{properties}");
    facts
}

fn wrapped(properties: &str) -> String {
    format!(
        "<?xpacket begin='\u{feff}' id='W5M0MpCehiHzreSzNTczkc9d'?><x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF>\
         <rdf:Description rdf:about=''>{properties}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end='w'?>"
    )
}

fn place(latitude: &str, longitude: &str) -> Result<(i32, i32), PositionProblem> {
    let packet = wrapped(&format!(
        "<exif:GPSLatitude>{latitude}</exif:GPSLatitude><exif:GPSLongitude>{longitude}</exif:GPSLongitude>"
    ));
    let facts = XmpFacts::read(packet.as_bytes(), &mut Vec::new());
    match (facts.position, facts.position_problem) {
        (Some(place), None) => Ok((place.lat_e7, place.lon_e7)),
        (None, Some(problem)) => Err(problem),
        other => panic!("{other:?}"),
    }
}

#[test]
fn coordinates_in_all_their_forms() {
    assert_eq!(
        place("45,30.1234N", "122,34.3659W"),
        Ok((455_020_567, -1_225_727_650))
    );
    assert_eq!(
        place("37,46,29.64N", "122,25,9.84W"),
        Ok((377_749_000, -1_224_194_000))
    );
    assert_eq!(place("33.5s", "151.25E"), Ok((-335_000_000, 1_512_500_000)));
    assert_eq!(place("-33.5", "+151.25"), Ok((-335_000_000, 1_512_500_000)));
    assert_eq!(place("0,0,0N", "0,0,0E"), Ok((0, 0)), "for the gate to judge");
    assert_eq!(place("45,30.1N", "122,34.3"), Err(PositionProblem::NoReference));
    assert_eq!(place("45,30.1E", "122,34.3N"), Err(PositionProblem::NoReference));
    assert_eq!(place("91,0N", "1,0E"), Err(PositionProblem::OutOfRange));
    assert_eq!(place("1,2,3,4N", "1,0E"), Err(PositionProblem::Unreadable));
    assert_eq!(place("north", "1,0E"), Err(PositionProblem::Unreadable));
    let half = wrapped("<exif:GPSLatitude>1,0N</exif:GPSLatitude>");
    assert_eq!(
        XmpFacts::read(half.as_bytes(), &mut Vec::new()).position_problem,
        Some(PositionProblem::HalfMissing)
    );
    let apart = read(
        "<exif:GPSLatitude>33,30</exif:GPSLatitude><exif:GPSLatitudeRef>South</exif:GPSLatitudeRef>\
         <exif:GPSLongitude>151,15</exif:GPSLongitude><exif:GPSLongitudeRef>E</exif:GPSLongitudeRef>",
    );
    assert_eq!(apart.position.unwrap().lat_e7, -335_000_000);
}

#[test]
fn the_position_of_a_drone_stands_in_where_there_is_no_other() {
    let drone = "<drone-dji:GpsLatitude>+48.5334</drone-dji:GpsLatitude><drone-dji:GpsLongtitude>+7.6923</drone-dji:GpsLongtitude>";
    assert_eq!(read(drone).position.unwrap().lon_e7, 76_923_000);
    let both = format!(
        "{drone}<exif:GPSLatitude>1,0N</exif:GPSLatitude><exif:GPSLongitude>2,0E</exif:GPSLongitude>"
    );
    assert_eq!(read(&both).position.unwrap().lon_e7, 20_000_000);
    let none = "<d:GpsLatitude>0.0</d:GpsLatitude><d:GpsLongitude>0.0</d:GpsLongitude>";
    assert_eq!(read(none).position, None);
}

#[test]
fn times_with_their_offsets() {
    let ten = 1_714_557_600_000_000;
    let gps = read("<exif:GPSTimeStamp>2024-05-01T10:00:00Z</exif:GPSTimeStamp>");
    assert_eq!(gps.gps_time_us, Some(ten));
    let apart = read("<e:GPSTimeStamp>10:00:00</e:GPSTimeStamp><e:GPSDateStamp>2024:05:01</e:GPSDateStamp>");
    assert_eq!(apart.gps_time_us, Some(ten));
    assert_eq!(
        read("<e:GPSTimeStamp>10:00:00</e:GPSTimeStamp>").gps_time_us,
        None
    );
    let clock = |properties: &str| {
        read(properties)
            .clock
            .map(|clock| (clock.local_us, clock.offset_s))
    };
    assert_eq!(
        clock("<exif:DateTimeOriginal>2024-05-01T10:00:00.25+02:00</exif:DateTimeOriginal>"),
        Some((ten + 250_000, Some(7_200)))
    );
    assert_eq!(
        clock("<photoshop:DateCreated>2024-05-01T10:00</photoshop:DateCreated>"),
        Some((ten, None))
    );
    assert_eq!(
        clock(
            "<exif:DateTimeOriginal>2024:05:01 10:00:00</exif:DateTimeOriginal><exif:OffsetTimeOriginal>-05:00</exif:OffsetTimeOriginal>\
             <exif:SubSecTimeOriginal>5</exif:SubSecTimeOriginal><photoshop:DateCreated>2001-01-01T00:00:00Z</photoshop:DateCreated>"
        ),
        Some((ten + 500_000, Some(-18_000)))
    );
    assert_eq!(
        clock("<xmp:CreateDate>2024-05-01T10:00:00Z</xmp:CreateDate>"),
        None,
        "of the file"
    );
    assert_eq!(
        clock("<photoshop:DateCreated>2024-05-01</photoshop:DateCreated>"),
        None
    );
}

#[test]
fn the_pose_of_a_panorama_is_a_heading_unless_everything_is_zero() {
    let pose = |heading: &str, pitch: &str| {
        read(&format!(
            "<GPano:PoseHeadingDegrees>{heading}</GPano:PoseHeadingDegrees><GPano:PosePitchDegrees>{pitch}</GPano:PosePitchDegrees>"
        ))
        .pose_centideg
    };
    assert_eq!(pose("67.0", "0"), Some(6_700));
    assert_eq!(pose("0.0", "0.0"), None);
    assert_eq!(pose("0.0", "1.5"), Some(0));
    assert_eq!(pose("-5", "0"), None);
    let compass = read(
        "<exif:GPSImgDirection>20612/100</exif:GPSImgDirection><exif:GPSImgDirectionRef>M</exif:GPSImgDirectionRef>",
    );
    assert_eq!(compass.direction, Some((20_612, true)));
}

#[test]
fn what_is_nested_in_another_property_is_not_the_images() {
    let shown = "<Iptc4xmpExt:LocationShown><rdf:Bag><rdf:li rdf:parseType='Resource'>\
        <exif:GPSLatitude>1,0N</exif:GPSLatitude><exif:GPSLongitude>2,0E</exif:GPSLongitude></rdf:li></rdf:Bag></Iptc4xmpExt:LocationShown>";
    assert_eq!(read(shown), XmpFacts::default());
    let as_attributes = "<Iptc4xmpExt:LocationShown><rdf:Bag><rdf:li><rdf:Description exif:GPSLatitude='1,0N' exif:GPSLongitude='2,0E'/>\
        </rdf:li></rdf:Bag></Iptc4xmpExt:LocationShown><tiff:Make>GoPro</tiff:Make>";
    let facts = read(as_attributes);
    assert_eq!((facts.position, facts.make.as_deref()), (None, Some("GoPro")));
}

#[test]
fn mapillarys_json_may_stand_in_a_description() {
    let json = "{&quot;MAPLatitude&quot;: 52.5, &#34;MAPLongitude&quot;: 13.4, &quot;MAPSettingsEmail&quot;: &quot;jane@example.org&quot;}";
    for properties in [
        format!(
            "<dc:description><rdf:Alt><rdf:li xml:lang='x-default'>{json}</rdf:li></rdf:Alt></dc:description>"
        ),
        format!("<tiff:ImageDescription>{json}</tiff:ImageDescription>"),
    ] {
        let facts = read(&properties);
        let place = facts.mapillary.as_ref().unwrap().position.unwrap();
        assert_eq!((place.lat_e7, place.lon_e7), (525_000_000, 134_000_000));
        assert!(!format!("{facts:?}").contains("jane"));
    }
}

#[test]
fn names_that_are_none_are_left_out() {
    let facts =
        read("<tiff:Make>jane@example.org</tiff:Make><tiff:Model>Mini 3 Pro 53HQK6K0M113QP</tiff:Model>");
    assert_eq!((facts.make, facts.model), (None, None));
}

#[test]
fn attributes_count_as_elements_do_and_long_values_are_none() {
    let attributes = "<x:xmpmeta><rdf:RDF><rdf:Description exif:GPSLatitude='1,0N' exif:GPSLongitude='2,0E' tiff:Make='A &amp; B'/></rdf:RDF></x:xmpmeta>";
    let facts = XmpFacts::read(attributes.as_bytes(), &mut Vec::new());
    assert_eq!(facts.position.unwrap().lon_e7, 20_000_000);
    assert_eq!(facts.make.as_deref(), Some("A & B"));
    let long = read(&format!(
        "<exif:GPSLatitude>{}N</exif:GPSLatitude>",
        "1".repeat(500)
    ));
    assert_eq!(long, XmpFacts::default());
}
