use super::*;

fn spec(text: &str) -> EpochSpec {
    text.parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn an_iso_week_starts_on_monday_and_takes_its_end_not_in() {
    let week = spec("2026-W20");
    assert!(!week.contains(at("2026-05-10T23:59:59.999Z")));
    assert!(week.contains(at("2026-05-11T00:00:00Z")));
    assert!(!week.contains(at("2026-05-18T00:00:00Z")));
    assert_eq!(week.name(&Digest::of(b"")), "2026-W20");
}

#[test]
fn a_span_of_days_is_named_without_slashes_or_colons() {
    let span = spec("2026-05-11/2026-05-12T06:30:00Z");
    assert_eq!(
        span.name(&Digest::of(b"")),
        "2026-05-11T000000Z_2026-05-12T063000Z"
    );
    assert_eq!(spec(&span.to_string()), span);
}

#[test]
fn all_is_named_after_its_inputs_and_ends_as_the_policy_says() {
    let (now, upload) = (at("2026-11-22T20:00:00Z"), at("2026-05-16T13:00:00Z"));
    assert_eq!(EpochSpec::All.name(&Digest([0xab; 32])), "all-abababab");
    assert_eq!(EpochSpec::All.end(None, Some(upload), now), upload);
    assert_eq!(EpochSpec::All.end(None, None, now), at("2026-11-23T00:00:00Z"));
    assert_eq!(EpochSpec::All.end(Some(now), Some(upload), now), now);
}

#[test]
fn what_is_no_epoch_is_told_how_to_write_one() {
    for wrong in [
        "2026",
        "2026-W54",
        "2026-05-12/2026-05-11",
        "soon",
        "2026-05-11/later",
    ] {
        let error = wrong.parse::<EpochSpec>().unwrap_err().to_string();
        assert!(error.contains(wrong) && error.contains("2026-W20"), "{error}");
    }
}
