#![no_main]

mod targets;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    // libFuzzer's own hook ends the process at a panic, and one kept library is known to panic where a reader catches it: only a panic
    // that gets out is a crash.
    static HOOK: std::sync::Once = std::sync::Once::new();
    HOOK.call_once(|| std::panic::set_hook(Box::new(|panic| eprintln!("{panic}"))));
    if std::panic::catch_unwind(|| targets::run(env!("CARGO_BIN_NAME"), data)).is_err() {
        std::process::abort();
    }
});
