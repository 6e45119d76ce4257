use super::*;

fn digest(name: &str) -> Digest {
    Digest::of(name.as_bytes())
}

fn epoch(name: &str, earlier: &[&str]) -> Lineage {
    Lineage {
        results: digest(name),
        earlier: earlier.iter().map(|name| digest(name)).collect(),
    }
}

#[test]
fn policy_r7_debts_are_open_where_no_other_epoch_took_them_over() {
    assert_eq!(heads(&[]), Vec::<usize>::new());
    let chain = [epoch("a", &[]), epoch("b", &["a"]), epoch("c", &["a", "b"])];
    assert_eq!(heads(&chain), [2]);
    assert_eq!(heads(&chain[..2]), [1]);
    // Named beside its grandchild alone: the debts of the first lie with the last.
    assert_eq!(heads(&[chain[0].clone(), chain[2].clone()]), [1]);
    // Two histories that never met.
    assert_eq!(
        heads(&[epoch("a", &[]), epoch("x", &[]), epoch("b", &["a"])]),
        [1, 2]
    );
}

#[test]
fn what_came_before_a_history_is_handed_on() {
    let history = [epoch("b", &["a"]), epoch("c", &["a", "b", "o"])];
    let mut wanted = vec![digest("a"), digest("o")];
    wanted.sort();
    assert_eq!(before(&history), wanted);
    assert!(before(&[epoch("a", &[])]).is_empty());
}
