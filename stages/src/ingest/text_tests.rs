use super::{Encoding, decode, printable};

fn utf16(text: &str, big: bool) -> Vec<u8> {
    text.encode_utf16()
        .flat_map(|unit| {
            if big {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            }
        })
        .collect()
}

#[test]
fn every_encoding_gives_the_same_text() {
    let text = "<gpx name=\"Škofja 😀\"/>";
    for (bytes, encoding) in [
        (text.as_bytes().to_vec(), Encoding::Utf8),
        ([b"\xEF\xBB\xBF", text.as_bytes()].concat(), Encoding::Utf8),
        ([vec![0xFF, 0xFE], utf16(text, false)].concat(), Encoding::Utf16Le),
        ([vec![0xFE, 0xFF], utf16(text, true)].concat(), Encoding::Utf16Be),
        (utf16(text, false), Encoding::Utf16Le),
        (utf16(text, true), Encoding::Utf16Be),
    ] {
        let decoded = decode(&bytes);
        assert_eq!(
            (decoded.text.as_ref(), decoded.encoding, decoded.replaced),
            (text, encoding, 0)
        );
    }
}

#[test]
fn offsets_lead_back_to_the_file() {
    assert_eq!(decode(b"\xEF\xBB\xBFabc").file_offset(1), 4);
    let bytes = [vec![0xFF, 0xFE], utf16("é😀x", false)].concat();
    assert_eq!(decode(&bytes).file_offset(6), 2 + 2 + 4);
}

#[test]
fn a_latin_1_name_costs_one_letter() {
    let decoded = decode(b"Stra\xDFe 5");
    assert_eq!((decoded.text.as_ref(), decoded.replaced), ("Stra?e 5", 1));
}

#[test]
fn odd_and_broken_utf16_is_read_as_far_as_it_goes() {
    let decoded = decode(&[0xFF, 0xFE, b'a', 0, 0x00, 0xD8, b'b', 0, b'c']);
    assert_eq!((decoded.text.as_ref(), decoded.replaced), ("a\u{FFFD}b", 1));
}

#[test]
fn printable_removes_controls_and_caps() {
    assert_eq!(printable(" \0Canon\u{7}  EOS\0\0 ", 64), "Canon  EOS");
    assert_eq!(printable("abc def", 4), "abc");
}
