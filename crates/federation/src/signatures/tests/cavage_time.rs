//! The life span of draft-cavage signatures, to the second.

#![expect(non_snake_case, reason = "rule numbers keep their upper-case R")]

use super::cavage::POST;
use super::*;

#[test]
fn fed_107_sec_R013_date_window() {
    let wire = Wire::post().signed(&RSA, POST);
    for (minutes, seconds, accepted) in [
        (-61, 0, false),
        (-60, -1, false),
        (-60, 0, true),
        (-59, 0, true),
        (0, 0, true),
        (64, 0, true),
        (65, 0, true),
        (65, 1, false),
        (66, 0, false),
        (60 * 24, 0, false),
    ] {
        let offset = TimeDelta::minutes(minutes) + TimeDelta::seconds(seconds);
        let found = wire.accepted_after(offset, &RSA);
        assert_eq!(found, accepted, "{minutes} min {seconds} s");
    }
    for date in [
        "",
        "yesterday",
        "2026-11-23T10:00:00Z",
        "Mon, 23 Nov 2026 10:00:00 +0000",
        "Monday, 23-Nov-26 10:00:00 GMT",
        "Mon, 31 Feb 2026 10:00:00 GMT",
        "Mon, 23 Nov 99999 10:00:00 GMT",
    ] {
        let unreadable = Wire::post().with("date", date).signed(&RSA, POST);
        assert_eq!(status(unreadable.verify(&RSA)), Some(401), "{date}");
    }
}

const TIMED: &str = "(request-target) (created) (expires) host digest";

fn timed(created: i64, expires: i64) -> Wire {
    let base = now().timestamp();
    let parameters = format!(
        r#"keyId="{KEY_ID}",algorithm="hs2019",created={},expires={}"#,
        base + created,
        base + expires
    );
    Wire::post().signed_as(&RSA, &parameters, TIMED)
}

#[test]
fn fed_108_created_and_expires_belong_to_hs2019() {
    assert_eq!(timed(0, 300).verify(&RSA), Ok(()));
    // Quoted, as the signing half of the library we parse with writes them.
    let base = now().timestamp();
    let quoted = Wire::post();
    let string = quoted.signing_string(TIMED, &base.to_string(), &(base + 300).to_string());
    let header = format!(
        r#"keyId="{KEY_ID}",algorithm="hs2019",created="{base}",expires="{}",headers="{TIMED}",signature="{}""#,
        base + 300,
        RSA.sign(&string)
    );
    assert_eq!(quoted.with("signature", &header).verify(&RSA), Ok(()));

    for algorithm in [r#"algorithm="rsa-sha256","#, ""] {
        let parameters = format!(r#"keyId="{KEY_ID}",{algorithm}created={base},expires={base}"#);
        let refused = Wire::post().signed_as(&RSA, &parameters, TIMED);
        assert_eq!(status(refused.verify(&RSA)), Some(401), "{algorithm}");
    }
    // Signed, but not there.
    let absent = format!(r#"keyId="{KEY_ID}",algorithm="hs2019""#);
    let refused = Wire::post().signed_as(&RSA, &absent, TIMED);
    assert_eq!(status(refused.verify(&RSA)), Some(401));
}

#[test]
fn sec_R013_expires_is_honoured() {
    let minutes = |minutes: i64| minutes * 60;
    for (created, expires, accepted) in [
        (0, minutes(5), true),
        // Ended less, and more, than the forgiven hour ago.
        (minutes(-120), minutes(-59), true),
        (minutes(-120), minutes(-61), false),
        (minutes(-13 * 60) + 1, minutes(60), true),
        // Twelve hours are the longest life, whatever the end says.
        (minutes(-13 * 60) - 1, minutes(60), false),
        (minutes(59), minutes(70), true),
        (minutes(61), minutes(70), false),
    ] {
        let found = timed(created, expires).verify(&RSA).is_ok();
        assert_eq!(found, accepted, "{created} {expires}");
    }
}

#[test]
fn sec_R013_an_unsigned_end_prolongs_nothing() {
    let base = now().timestamp();
    for (expires, offset, accepted) in [
        (base + 36_000, 64, true),
        (base + 36_000, 66, false),
        (base - 3_600, 0, true),
        (base - 3_600, 1, false),
    ] {
        let parameters = format!(r#"keyId="{KEY_ID}",algorithm="hs2019",expires={expires}"#);
        let wire = Wire::post().signed_as(&RSA, &parameters, POST);
        let found = wire.accepted_after(TimeDelta::minutes(offset), &RSA);
        assert_eq!(found, accepted, "{expires} {offset}");
    }
}

#[test]
fn sec_R013_impossible_times_are_refused_without_panic() {
    for (created, expires) in [
        ("18446744073709551615", "18446744073709551615"),
        ("9223372036854775807", "9223372036854775807"),
        ("253402300800", "253402300800"),
        ("-1", "1"),
        ("1e9", "1"),
        ("", ""),
    ] {
        let header = format!(
            r#"keyId="{KEY_ID}",algorithm="hs2019",created="{created}",expires="{expires}",headers="{TIMED}",signature="AAAA""#
        );
        let refused = Wire::post().with("signature", &header).verify(&RSA);
        assert_eq!(status(refused), Some(401), "{created}");
    }
}
