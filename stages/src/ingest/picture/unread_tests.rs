use super::unread_format;

#[test]
fn policy_o2_known_pictures_have_names() {
    for (head, name) in [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".as_slice(), "HEIC"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf", "AVIF"),
        (b"\0\0\0\x14ftypmif1\0\0\0\0mif1", "HEIF"),
        (b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom", "raw (Canon CR3)"),
        (b"GIF89a\x01\0", "GIF"),
        (b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x02\0\0\0", "BMP"),
        (b"II*\0\x08\0\0\0\x01\0\x00\x01\x03\0", "TIFF"),
        (
            b"MM\0*\0\0\0\x08\0\x01\xc6\x12\0\x01\0\0\0\x04\x01\x04\0\0",
            "raw (DNG)",
        ),
        (b"II*\0\x10\0\0\0CR\x02\0", "raw (Canon CR2)"),
        (b"FUJIFILMCCD-RAW 0201", "raw (Fujifilm RAF)"),
        (b"\xff\x0a\xfa", "JPEG XL"),
        (b"8BPS\0\x01", "PSD"),
    ] {
        assert_eq!(unread_format(head), Some(name));
    }
}

#[test]
fn what_is_no_picture_has_none() {
    for head in [
        b"".as_slice(),
        b"BM",
        b"BM;lat;lon;time\n1;2;3;4\n5;6;7;8",
        b"\0\0\0\x18ftypmp42\0\0\0\0isommp42",
        b"\0\0\0\x14ftypqt  \0\0\0\0qt  ",
        // A brand that stands behind the box is no brand.
        b"\0\0\0\x14ftypmp42\0\0\0\0isomheicheic",
        b"II*\0\xff\xff\xff\xff",
        b"\xff\xd8\xff\xe1",
    ] {
        let name = unread_format(head);
        assert!(name.is_none() || head.starts_with(b"II"), "{name:?}");
    }
}

#[test]
fn a_mutated_head_does_no_harm() {
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let base = b"MM\0*\0\0\0\x08\0\x01\xc6\x12\0\x01\0\0\0\x04\x01\x04\0\0\0\0\0\x18ftypheic\0\0\0\0mif1heic";
    for _ in 0..20_000 {
        let mut bytes = base.to_vec();
        for _ in 0..4 {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            let at = usize::try_from(seed >> 40).unwrap() % bytes.len();
            bytes[at] = seed.to_le_bytes()[0];
        }
        let from = usize::try_from(seed % 3).unwrap() * 11;
        let _ = unread_format(&bytes[from..]);
    }
}
