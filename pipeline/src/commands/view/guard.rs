//! What is refused before anything is looked at, and what every answer says about itself.

use axum::extract::Request;
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode, uri::Authority};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// The page loads nothing from anywhere else, and runs nothing that is not a file of its bundle.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; \
    img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Lets through what may be asked, and marks the answer.
pub(super) async fn guard(request: Request, next: Next) -> Response {
    let mut response = if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let allow = [(header::ALLOW, "GET, HEAD")];
        (StatusCode::METHOD_NOT_ALLOWED, allow, "only GET and HEAD\n").into_response()
    } else if is_own(request.headers()) {
        next.run(request).await
    } else {
        let why = "this name is not ours: ask by IP address, or as localhost\n";
        (StatusCode::FORBIDDEN, why).into_response()
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let policy = headers.entry(header::CONTENT_SECURITY_POLICY);
    policy.or_insert(HeaderValue::from_static(PAGE_POLICY));
    // A run may be published anew, and what it says is nobody else's.
    let cache = headers.entry(header::CACHE_CONTROL);
    cache.or_insert(HeaderValue::from_static("no-cache"));
    response
}

/// Whether a request names this server as only its own pages can: by an IP address, or as `localhost`. The name of a
/// strange page that was made to lead here (DNS rebinding) is neither.
pub(super) fn is_own(headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return false;
    };
    let Some(authority) = host.to_str().ok().and_then(|host| host.parse::<Authority>().ok()) else {
        return false;
    };
    let name = authority.host();
    // The name is all there is, but for a port: nobody before it, and no more names after an address in brackets.
    let rest = authority.as_str().strip_prefix(name).unwrap_or("@");
    let port = rest.strip_prefix(':').unwrap_or(rest);
    if !port.bytes().all(|byte| byte.is_ascii_digit()) || (rest == port && !port.is_empty()) {
        return false;
    }
    let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
    match bare {
        Some(six) => six.parse::<std::net::Ipv6Addr>().is_ok(),
        None => name.eq_ignore_ascii_case("localhost") || name.parse::<std::net::Ipv4Addr>().is_ok(),
    }
}

#[cfg(test)]
#[path = "guard_tests.rs"]
mod tests;
