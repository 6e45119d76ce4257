use super::*;

#[test]
fn the_history_precedes_the_epoch_whatever_the_upload_times_say() {
    let epochs = Epochs {
        history: vec!["2026-W18".into(), "2026-W19".into()],
        own: "2026-W20".into(),
    };
    let at = |history, ms: Option<i64>| epochs.precedence(history, ms.map(Timestamp), "ada", "ada/1.jpg", 0);
    let order = [
        at(Some(0), None),
        at(Some(1), Some(5)),
        at(None, Some(1)),
        at(None, Some(2)),
        at(None, None),
    ];
    assert!(order.is_sorted());
    assert_eq!(order[0].first_by(&order[2]), "history");
    assert_eq!(order[2].first_by(&order[3]), "uploaded-at");
    assert_eq!(order[2].first_by(&order[2]), "");
}

#[test]
fn between_equal_upload_times_the_draw_of_the_epoch_decides_then_the_path() {
    let at = |who, path| Epochs::only("2026-W20").precedence(None, None, who, path, 0);
    assert_eq!(at("ada", "a").first_by(&at("bob", "a")), "draw");
    assert_eq!(at("ada", "a").first_by(&at("ada", "b")), "path");
    assert_eq!(at("ada", "a"), Precedence::new("2026-W20", None, "ada", "a", 0));
}
