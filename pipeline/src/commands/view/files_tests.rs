use super::*;

#[test]
fn one_range_is_given_and_several_are_not() {
    for (asked, got) in [
        ("bytes=0-0", Wanted::Part(0..1)),
        ("bytes=2-5", Wanted::Part(2..6)),
        ("bytes=7-", Wanted::Part(7..10)),
        ("bytes=-3", Wanted::Part(7..10)),
        ("bytes=2-500", Wanted::Part(2..10)),
        ("bytes=-500", Wanted::Part(0..10)),
        ("bytes=10-", Wanted::Nothing),
        ("bytes=10-12", Wanted::Nothing),
        ("bytes=-0", Wanted::Nothing),
        ("bytes=18446744073709551615-", Wanted::Nothing),
        ("bytes=0-1,3-4", Wanted::Whole),
        ("bytes=x", Wanted::Whole),
        ("bytes=+1-2", Wanted::Whole),
        ("bytes=-", Wanted::Whole),
        ("bytes=1-2-3", Wanted::Whole),
        ("Bytes= 1-2", Wanted::Part(1..3)),
        ("bytes=99999999999999999999999-", Wanted::Nothing),
        ("bytes=5-2", Wanted::Whole),
        ("furlongs=0-1", Wanted::Whole),
        ("", Wanted::Whole),
    ] {
        assert_eq!(wanted(asked, 10), got, "{asked}");
    }
    assert_eq!(wanted("bytes=0-", 0), Wanted::Nothing);
}
