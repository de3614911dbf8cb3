//! What leads from an address to a document: host-meta, WebFinger, `Link` headers.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pouet_federation::fuzzing::{alternate_of_header, lrdd_template, webfinger};
use pouet_model::domain::{IpLiterals, normalise_with};

fuzz_target!(|bytes: &[u8]| {
    if let Some((subject, _)) = webfinger(bytes) {
        // Whom a document is about has a domain in its normal form: it is compared with the one that was asked.
        let domain = subject.domain.expect("a domain");
        assert_eq!(
            normalise_with(&domain, IpLiterals::Accept).as_deref(),
            Ok(domain.as_str())
        );
    }
    let text = String::from_utf8_lossy(bytes);
    if let Some(template) = lrdd_template(&text) {
        assert!(template.len() <= text.len());
    }
    if let Some(address) = alternate_of_header(&text) {
        assert!(text.contains(address) && !address.contains('>'));
    }
});
