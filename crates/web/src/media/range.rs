//! Parts of files.
//!
//! Source: <https://www.rfc-editor.org/rfc/rfc9110#name-range-requests>

use actix_web::{
    HttpRequest,
    http::{
        Method,
        header::{IF_RANGE, RANGE, Range},
    },
};

/// What of a file is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Part {
    /// All of it. Several ranges at once count as this too: nobody needs them.
    Whole,
    /// From the first to the last byte, both counted.
    Bytes(usize, usize),
    /// Bytes that are not there.
    None,
}

/// The part of a file of `length` bytes that `request` asks for. `tag`: the entity tag of the file; a condition that names
/// another one, or a time, asks for the whole.
pub(super) fn asked(request: &HttpRequest, length: usize, tag: Option<&str>) -> Part {
    let text = |name| {
        request
            .headers()
            .get(name)
            .map(|value| value.to_str().unwrap_or(""))
    };
    let Some(range) = text(RANGE).filter(|_| request.method() == Method::GET) else {
        return Part::Whole;
    };
    if text(IF_RANGE).is_some_and(|condition| tag != Some(condition)) {
        return Part::Whole;
    }
    let Ok(Range::Bytes(ranges)) = range.parse::<Range>() else {
        return Part::Whole;
    };
    let [range] = ranges.as_slice() else {
        return Part::Whole;
    };
    let satisfiable = range.to_satisfiable_range(length as u64);
    let positions = satisfiable.and_then(|(first, last)| {
        let (first, last) = (usize::try_from(first).ok()?, usize::try_from(last).ok()?);
        (first <= last && last < length).then_some((first, last))
    });
    positions.map_or(Part::None, |(first, last)| Part::Bytes(first, last))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn parts_are_found_and_what_is_no_range_is_the_whole() {
        for (range, expected) in [
            ("bytes=0-", Part::Bytes(0, 9)),
            ("bytes=2-4", Part::Bytes(2, 4)),
            ("bytes=2-400", Part::Bytes(2, 9)),
            ("bytes=-3", Part::Bytes(7, 9)),
            ("bytes=-30", Part::Bytes(0, 9)),
            ("bytes=10-", Part::None),
            ("bytes=0-1,4-5", Part::Whole),
            ("lines=0-1", Part::Whole),
            ("nonsense", Part::Whole),
        ] {
            let request = TestRequest::get().insert_header((RANGE, range)).to_http_request();
            assert_eq!(asked(&request, 10, None), expected, "{range}");
            let head = TestRequest::default().method(Method::HEAD);
            let head = head.insert_header((RANGE, range)).to_http_request();
            assert_eq!(asked(&head, 10, None), Part::Whole, "{range}");
        }
        let nothing = TestRequest::get().to_http_request();
        assert_eq!(asked(&nothing, 10, None), Part::Whole);
        let empty = TestRequest::get()
            .insert_header((RANGE, "bytes=0-"))
            .to_http_request();
        assert_eq!(asked(&empty, 0, None), Part::None);
    }

    #[test]
    fn a_part_of_another_version_is_not_given() {
        for (condition, tag, is_part) in [
            ("\"a\"", Some("\"a\""), true),
            ("\"b\"", Some("\"a\""), false),
            ("W/\"a\"", Some("\"a\""), false),
            ("Mon, 23 Nov 2026 10:00:00 GMT", Some("\"a\""), false),
            ("\"a\"", None, false),
        ] {
            let request = TestRequest::get()
                .insert_header((RANGE, "bytes=0-1"))
                .insert_header((IF_RANGE, condition))
                .to_http_request();
            let expected = if is_part { Part::Bytes(0, 1) } else { Part::Whole };
            assert_eq!(asked(&request, 10, tag), expected, "{condition}");
        }
    }
}
