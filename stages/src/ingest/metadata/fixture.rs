//! EXIF written tag by tag, for tests.

/// One entry of a directory: tag, type code, count and big-endian value bytes.
type Entry = (u16, u16, u32, Vec<u8>);

/// What goes into the three directories that matter.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tiff {
    main: Vec<Entry>,
    exif: Vec<Entry>,
    gps: Vec<Entry>,
}

/// The directory a tag lies in.
#[derive(Debug, Clone, Copy)]
pub(crate) enum In {
    Main,
    Exif,
    Gps,
}

impl Tiff {
    fn push(mut self, place: In, entry: Entry) -> Self {
        match place {
            In::Main => self.main.push(entry),
            In::Exif => self.exif.push(entry),
            In::Gps => self.gps.push(entry),
        }
        self
    }

    pub(crate) fn text(self, place: In, tag: u16, text: &str) -> Self {
        let bytes = [text.as_bytes(), b"\0"].concat();
        self.push(place, (tag, 2, count(bytes.len()), bytes))
    }

    pub(crate) fn short(self, place: In, tag: u16, value: u16) -> Self {
        self.push(place, (tag, 3, 1, value.to_be_bytes().to_vec()))
    }

    pub(crate) fn rationals(self, place: In, tag: u16, list: &[(u32, u32)]) -> Self {
        let bytes = list
            .iter()
            .flat_map(|(num, den)| [num.to_be_bytes(), den.to_be_bytes()].concat())
            .collect();
        self.push(place, (tag, 5, count(list.len()), bytes))
    }

    pub(crate) fn signed_rationals(self, place: In, tag: u16, list: &[(i32, i32)]) -> Self {
        let bytes = list
            .iter()
            .flat_map(|(num, den)| [num.to_be_bytes(), den.to_be_bytes()].concat())
            .collect();
        self.push(place, (tag, 10, count(list.len()), bytes))
    }

    pub(crate) fn doubles(self, place: In, tag: u16, list: &[f64]) -> Self {
        let bytes = list.iter().flat_map(|value| value.to_be_bytes()).collect();
        self.push(place, (tag, 12, count(list.len()), bytes))
    }

    /// A position in decimal degrees of 1e-6 parts, with references.
    pub(crate) fn position(self, lat_e6: i32, lon_e6: i32) -> Self {
        let (ns, ew) = (
            if lat_e6 < 0 { "S" } else { "N" },
            if lon_e6 < 0 { "W" } else { "E" },
        );
        self.text(In::Gps, 1, ns)
            .rationals(In::Gps, 2, &[(lat_e6.unsigned_abs(), 1_000_000), (0, 1), (0, 1)])
            .text(In::Gps, 3, ew)
            .rationals(In::Gps, 4, &[(lon_e6.unsigned_abs(), 1_000_000), (0, 1), (0, 1)])
    }

    /// The block from its TIFF header on.
    pub(crate) fn block(&self) -> Vec<u8> {
        let mut block = b"MM\0*\0\0\0\x08".to_vec();
        let size = |entries: usize| 2 + 12 * entries + 4;
        let main_at = block.len();
        let exif_at = main_at + size(self.main.len() + 2);
        let gps_at = exif_at + size(self.exif.len());
        let mut values_at = gps_at + size(self.gps.len());
        let mut main = self.main.clone();
        main.push((0x8769, 4, 1, count(exif_at).to_be_bytes().to_vec()));
        main.push((0x8825, 4, 1, count(gps_at).to_be_bytes().to_vec()));
        let mut values: Vec<u8> = Vec::new();
        for directory in [&main, &self.exif, &self.gps] {
            block.extend(u16::try_from(directory.len()).unwrap().to_be_bytes());
            for (tag, kind, count_of, bytes) in directory {
                block.extend(tag.to_be_bytes());
                block.extend(kind.to_be_bytes());
                block.extend(count_of.to_be_bytes());
                if bytes.len() <= 4 {
                    let mut inline = bytes.clone();
                    inline.resize(4, 0);
                    block.extend(inline);
                } else {
                    block.extend(count(values_at).to_be_bytes());
                    values.extend(bytes);
                    values_at += bytes.len();
                }
            }
            block.extend([0; 4]);
        }
        block.extend(values);
        block
    }

    /// A JPEG of 4000 x 3000 pixels with this EXIF, this XMP if not empty, and no picture.
    pub(crate) fn jpeg(&self, xmp: &str) -> Vec<u8> {
        let mut bytes = vec![0xFF, 0xD8];
        let mut segment = |code: u8, parts: &[&[u8]]| {
            let content = parts.concat();
            bytes.extend([0xFF, code]);
            bytes.extend(u16::try_from(content.len() + 2).unwrap().to_be_bytes());
            bytes.extend(content);
        };
        segment(0xE1, &[b"Exif\0\0", &self.block()]);
        if !xmp.is_empty() {
            segment(0xE1, &[b"http://ns.adobe.com/xap/1.0/\0", xmp.as_bytes()]);
        }
        segment(0xC0, &[&[8, 0x0B, 0xB8, 0x0F, 0xA0, 1, 1, 0x11, 0]]);
        bytes.extend([0xFF, 0xDA]);
        bytes
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap()
}
