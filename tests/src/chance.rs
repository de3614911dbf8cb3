//! The suites' one source of randomness: names that no other test has, and seeds.
#![expect(
    clippy::disallowed_methods,
    reason = "tests draw their names and seeds here; the crash suites print theirs"
)]

use std::ops::Range;

/// Any number.
pub fn number() -> u64 {
    rand::random()
}

/// A number within a range.
pub fn within(range: Range<u16>) -> u16 {
    rand::random_range(range)
}

/// Sixteen hexadecimal digits, for names.
pub fn name() -> String {
    format!("{:016x}", number())
}
