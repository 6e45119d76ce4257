//! A last resort against decoders that panic on damaged files (parquet 59.3 does, on contradicting levels and lengths):
//! the file is refused, and the run goes on.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

thread_local! {
    /// Whether a panic on this thread is expected, and no news.
    static EXPECTED: Cell<bool> = const { Cell::new(false) };
}

/// What some work gives, or nothing when it panics, which nobody is told of.
///
/// Whatever the work leaves half done must be dropped by its caller: an error is the last that is heard of it.
pub fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let tell = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !EXPECTED.get() {
                tell(panic);
            }
        }));
    });
    let before = EXPECTED.replace(true);
    let done = catch_unwind(AssertUnwindSafe(work));
    EXPECTED.set(before);
    done.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_nothing_and_does_not_hide_the_next() {
        assert_eq!(caught(|| 1), Some(1));
        assert_eq!(caught(|| caught(|| panic!("inner")).map_or(2, |()| 3)), Some(2));
        assert!(!EXPECTED.get());
    }
}
