use super::{Frame, Frames, Sentence};

/// Kind, fields and whether checked of each sentence, and the names of the other frames.
fn frames(bytes: &[u8]) -> Vec<String> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    Frames::new(bytes)
        .map(|frame| match frame {
            Frame::Sentence(Sentence {
                at,
                talker,
                kind,
                fields,
                checked,
            }) => {
                let mark = if checked { "" } else { "?" };
                format!("{at} {}.{} {}{mark}", text(&talker), text(&kind), text(fields))
            }
            other => format!("{other:?}"),
        })
        .collect()
}

#[test]
fn a_sentence_is_found_with_and_without_checksum() {
    assert_eq!(frames(b"$GPTXT,a,b*4C\r\n"), ["0 GP.TXT a,b"]);
    assert_eq!(frames(b"$GPTXT,a,b\r\n"), ["0 GP.TXT a,b?"]);
    assert_eq!(frames(b"$GPTXT,\n"), ["0 GP.TXT ?"]);
    assert_eq!(
        frames(b"$GPGSA,a*0f"),
        ["0 GP.GSA a"],
        "a checksum ends a sentence"
    );
}

#[test]
fn a_sentence_is_found_wherever_it_starts() {
    let whole = "$GPTXT,a,b*4C";
    for before in [
        "NMEA,",
        "1581041657.1 ",
        "{\"a\":1}\n",
        "\0\u{7f}$$!",
        "$",
        "# x\n",
        "$GP",
    ] {
        for after in [",1467321969000\n", "\n", "", "$GPTXT"] {
            let found = frames(format!("{before}{whole}{after}").as_bytes());
            assert_eq!(
                found,
                [format!("{} GP.TXT a,b", before.len())],
                "{before} {after}"
            );
        }
    }
    assert_eq!(frames(b"\xB5\x62\xFF$GPTXT,a,b*4C\xB5"), ["3 GP.TXT a,b"]);
}

#[test]
fn a_broken_sentence_does_not_hide_the_next() {
    assert_eq!(
        frames(b"$GPGGA,0301$GPTXT,a,b*4C\n"),
        ["WrongChecksum", "11 GP.TXT a,b"]
    );
    assert_eq!(frames(b"$GPGGA,0301\0\0$GPTXT,a,b\n"), ["Cut", "13 GP.TXT a,b?"]);
    assert_eq!(frames(b"$GPGGA,03*1\n$GPTXT,a,b*4C\n"), ["Cut", "12 GP.TXT a,b"]);
}

#[test]
fn a_sentence_that_the_file_cuts_is_cut() {
    assert_eq!(frames(b"$GPTXT,a,b"), ["Cut"]);
    assert_eq!(frames(b"$GPTXT,a,b*1"), ["Cut"]);
    assert_eq!(frames(b"$GPTXT"), [""; 0]);
    assert_eq!(
        frames(format!("$GPTXT,{}\n", "a".repeat(200)).as_bytes()),
        ["Cut"]
    );
}

#[test]
fn quotations_in_notes_are_no_sentences() {
    assert_eq!(frames(b"# like $GPTXT,a,b*4C\n"), [""; 0]);
    assert_eq!(frames(b"x\n#   $GPTXT,a,b*4C\n$GPTXT,a,b*4C"), ["20 GP.TXT a,b"]);
}

#[test]
fn other_voices_are_told_apart() {
    assert_eq!(frames(b"$PUBX,a*52\n"), ["Proprietary"]);
    assert_eq!(frames(b"$PUBX,a\n$PUBX,a*00\n"), [""; 0]);
    assert_eq!(frames(b"!AIVDM,1*4A\n"), ["Ais"]);
    assert_eq!(frames(b"!AIVDM,1*00\n"), [""; 0]);
    assert_eq!(frames(b"costs $100 or $GPGGA or $gpgga,1\n"), [""; 0]);
}
