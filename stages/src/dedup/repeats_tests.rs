use cairn_datasets::units::Timestamp;

use super::*;

fn epochs() -> Epochs {
    Epochs {
        history: vec!["past".into()],
        own: "test".into(),
    }
}

fn print(path: &str, clause: Reason, digest: u8, uploaded_at: i64, passed: bool) -> Fingerprint {
    Fingerprint {
        digest: Digest([digest; 32]),
        clause,
        history: None,
        path: path.into(),
        ordinal: 0,
        id: Digest::of(path.as_bytes()),
        uploaded_at: Some(Timestamp(uploaded_at)),
        contributor: "ada".into(),
        passed,
        lat_e7: None,
        lon_e7: None,
        home: "tile=none".into(),
    }
}

fn named(prints: &[Fingerprint]) -> Vec<(String, String, Reason)> {
    repeats(&epochs(), prints)
        .into_iter()
        .map(|(_, r)| (r.repeat_path, r.repeat_of_path.unwrap(), r.repeat_reason.unwrap()))
        .collect()
}

#[test]
fn policy_d1_the_earliest_upload_is_the_original_whatever_the_input_order() {
    let mut prints = vec![
        print("c", Reason::ImageSameBytes, 1, 30, true),
        print("a", Reason::ImageSameBytes, 1, 20, true),
        print("b", Reason::ImageSameBytes, 1, 10, true),
    ];
    let mut found = named(&prints);
    found.sort();
    let of_b = |path: &str| (path.to_owned(), "b".to_owned(), Reason::ImageSameBytes);
    assert_eq!(found, [of_b("a"), of_b("c")]);
    prints.reverse();
    let mut again = named(&prints);
    again.sort();
    assert_eq!(found, again);
}

#[test]
fn policy_order_a_record_that_failed_i_is_no_original() {
    let prints = [
        print("a", Reason::ImageSameBytes, 1, 10, false),
        print("b", Reason::ImageSameBytes, 1, 20, true),
        print("c", Reason::ImageSameBytes, 1, 30, true),
    ];
    assert_eq!(
        named(&prints),
        [("c".to_owned(), "b".to_owned(), Reason::ImageSameBytes)]
    );
}

#[test]
fn policy_d1_goes_before_d2_and_a_record_is_named_once() {
    let prints = [
        print("a", Reason::ImageSameBytes, 1, 10, true),
        print("b", Reason::ImageSameBytes, 1, 20, true),
        print("a", Reason::SamePicture, 2, 10, true),
        print("b", Reason::SamePicture, 2, 20, true),
    ];
    assert_eq!(
        named(&prints),
        [("b".to_owned(), "a".to_owned(), Reason::ImageSameBytes)]
    );
}

#[test]
fn policy_order_an_unknown_upload_time_comes_last() {
    let mut unknown = print("a", Reason::SameBytes, 1, 0, true);
    unknown.uploaded_at = None;
    let prints = [unknown, print("b", Reason::SameBytes, 1, 99, true)];
    assert_eq!(
        named(&prints),
        [("a".to_owned(), "b".to_owned(), Reason::SameBytes)]
    );
}

#[test]
fn policy_d1_the_history_precedes_and_is_not_judged() {
    let mut past = print("z", Reason::ImageSameBytes, 1, 9, true);
    past.history = Some(0);
    let twin = Fingerprint {
        path: "y".into(),
        ..past.clone()
    };
    let found = repeats(
        &epochs(),
        &[print("a", Reason::ImageSameBytes, 1, 1, true), past, twin],
    );
    let (_, repeat) = &found[0];
    assert_eq!((found.len(), repeat.repeat_path.as_str()), (1, "a"));
    assert_eq!(repeat.repeat_of_path.as_deref(), Some("y"));
    assert_eq!(repeat.repeat_epoch.as_deref(), Some("past"));
    assert_eq!(repeat.repeat_first_by.as_deref(), Some("history"));
}
