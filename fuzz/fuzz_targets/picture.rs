//! Pictures of strangers: any bytes are refused, or written anew within the bounds that the pages rely on.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pouet_service::fuzzing::picture;

/// Pixels of the largest picture that is read here: small, for the fuzzer's speed.
const MAX_PIXELS: u64 = 64 * 64;

fuzz_target!(|bytes: &[u8]| {
    for (size, written) in picture(bytes, MAX_PIXELS).into_iter().flatten() {
        let pixels = u64::from(size.width) * u64::from(size.height);
        assert!(pixels > 0 && pixels <= MAX_PIXELS && !written.is_empty());
        // What we wrote, we can read: nothing of the stranger's file is passed on as it was.
        assert!(picture(&written, MAX_PIXELS).is_some());
    }
});
