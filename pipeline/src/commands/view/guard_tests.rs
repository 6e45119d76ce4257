use super::*;

fn own(hosts: &[&str]) -> bool {
    let mut headers = HeaderMap::new();
    for host in hosts {
        headers.append(header::HOST, HeaderValue::from_str(host).unwrap());
    }
    is_own(&headers)
}

#[test]
fn addresses_and_localhost_are_own() {
    for host in [
        "127.0.0.1:8642",
        "127.0.0.1",
        "localhost:1",
        "LOCALHOST",
        "[::1]:8642",
        "192.168.1.7:80",
    ] {
        assert!(own(&[host]), "{host}");
    }
}

#[test]
fn names_that_others_can_point_here_are_not() {
    for host in [
        "example.org",
        "localhost.example.org:8642",
        "127.0.0.1.example.org",
        "localhost@example.org",
        "example.org@127.0.0.1",
        "[::1].example.org",
        "2130706433",
        "0x7f000001",
        "",
    ] {
        assert!(!own(&[host]), "{host}");
    }
    assert!(!own(&[]));
    assert!(!own(&["localhost", "example.org"]));
}
