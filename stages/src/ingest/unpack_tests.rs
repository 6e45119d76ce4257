use std::io::Write;

use super::*;

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    writer.write_all(content).unwrap();
    writer.finish().unwrap()
}

fn zstd_of(content: &[u8]) -> Vec<u8> {
    zstd::stream::encode_all(content, 1).unwrap()
}

#[test]
fn both_wrappings_come_off_with_their_ending() {
    for (name, packed) in [
        ("a/b.gpx.gz", gzip(b"<gpx/>")),
        ("a/b.gpx.ZST", zstd_of(b"<gpx/>")),
    ] {
        let unpacked = unpack(name, &packed, 100).unwrap();
        assert_eq!(
            (&*unpacked.bytes, unpacked.name, unpacked.fault),
            (b"<gpx/>".as_slice(), "a/b.gpx", None)
        );
    }
}

#[test]
fn what_is_not_wrapped_stays_as_it_is() {
    let unpacked = unpack("é.gz", b"<gpx/>", 3).unwrap();
    assert_eq!((&*unpacked.bytes, unpacked.name), (b"<gpx/>".as_slice(), "é.gz"));
}

#[test]
fn members_of_a_gzip_file_follow_each_other() {
    let both = [gzip(b"one "), gzip(b"two")].concat();
    assert_eq!(&*unpack("a.gz", &both, 100).unwrap().bytes, b"one two");
}

#[test]
fn policy_o1_a_bomb_is_refused_at_the_limit() {
    let zeros = vec![0; 1 << 20];
    for packed in [gzip(&zeros), zstd_of(&zeros)] {
        assert!(packed.len() < 10_000);
        assert_eq!(unpack("a.gz", &packed, 1_000), Err(TooLarge { limit: 1_000 }));
        assert_eq!(unpack("a.gz", &packed, 1 << 20).unwrap().bytes.len(), 1 << 20);
    }
}

#[test]
fn a_cut_archive_gives_what_precedes_the_cut() {
    let content: Vec<u8> = (0..200_000_u32)
        .flat_map(|n| (n.wrapping_mul(2_654_435_761)).to_le_bytes())
        .collect();
    for packed in [gzip(&content), zstd_of(&content)] {
        let unpacked = unpack("a.gz", packed.get(..packed.len() / 2).unwrap(), 1 << 30).unwrap();
        assert!(unpacked.bytes.len() > 100_000 && content.starts_with(&unpacked.bytes));
        assert!(unpacked.fault.unwrap().starts_with("the archive broke after "));
    }
}
