#![expect(non_snake_case, reason = "tests of security rules carry the rule's number")]

use super::*;

#[test]
fn sec_R034_one_spelling_for_one_host() {
    let same = [
        "far.example",
        "FAR.example",
        "far.example.",
        "FAR.EXAMPLE.",
        "far.example:443",
        "far.example:80",
        "far.example.:443",
        "far\u{3002}example",
        "far\u{ff0e}example",
        "far\u{ff61}example",
        "\u{ff46}\u{ff41}\u{ff52}.example",
        "fa\u{ad}r.example",
        "fa\u{200b}r.example",
        "\u{2060}far.example",
    ];
    for host in same {
        assert_eq!(normalise(host).as_deref(), Ok("far.example"), "{host:?}");
    }
}

#[test]
fn sec_R034_what_is_no_host_is_refused() {
    use DomainError::{Empty, Invalid, IpLiteral, Path, Port, Userinfo};
    let refused = [
        ("", Empty),
        (".", Empty),
        (":443", Empty),
        ("..", Invalid),
        ("far..example", Invalid),
        (".far.example", Invalid),
        ("far.example..", Invalid),
        ("far.example/", Path),
        ("far.example/path", Path),
        ("far.example?q", Path),
        ("far.example#f", Path),
        ("far.example\\evil.test", Path),
        ("https://far.example", Path),
        ("good.example@evil.test", Userinfo),
        ("user:pass@evil.test", Userinfo),
        ("far.example:", Port),
        ("far.example:0", Port),
        ("far.example:65536", Port),
        ("far.example:123456", Port),
        ("far.example:+443", Port),
        ("far.example:https", Port),
        ("far.example:80:80", Port),
        ("far example", Invalid),
        (" far.example", Invalid),
        ("far.example\n", Invalid),
        ("far\u{ff0f}evil.example", Invalid),
        ("far.example\u{ff1a}443", Invalid),
        ("far.example\u{ff20}evil.test", Invalid),
        ("far%2eexample", Invalid),
        ("far_host.example", Invalid),
        ("-far.example", Invalid),
        ("far-.example", Invalid),
        ("xn--a.example", Invalid),
        ("xn--.example", Invalid),
        ("far.example\u{0}", Invalid),
        ("fa\u{202e}r.example", Invalid),
        ("127.0.0.1", IpLiteral),
        ("127.1", IpLiteral),
        ("2130706433", IpLiteral),
        ("0x7f.1", IpLiteral),
        ("0177.0.0.1", IpLiteral),
        ("\u{2460}\u{2461}\u{2466}.0.0.1", IpLiteral),
        ("127.0.0.1.", IpLiteral),
        ("127.0.0.1:8080", IpLiteral),
        ("[::1]", IpLiteral),
        ("[::ffff:127.0.0.1]:8080", IpLiteral),
        ("[::1", Port),
        ("::1", Port),
        ("256.256.256.256", Invalid),
        ("example.1", Invalid),
    ];
    for (host, error) in refused {
        assert_eq!(normalise(host), Err(error), "{host:?}");
    }
    assert_eq!(
        normalise(&"a".repeat(64)),
        Err(Invalid),
        "a label has at most 63 bytes"
    );
    assert_eq!(
        normalise(&["a"; 130].join(".")),
        Err(Invalid),
        "a name has at most 253 bytes"
    );
}

#[test]
fn normalise_table() {
    let table = [
        ("localhost", "localhost"),
        ("LOCALHOST:8082", "localhost:8082"),
        ("m\u{fc}nchen.example", "xn--mnchen-3ya.example"),
        ("MU\u{308}NCHEN.example", "xn--mnchen-3ya.example"),
        ("XN--MNCHEN-3YA.example", "xn--mnchen-3ya.example"),
        ("stra\u{df}e.example", "xn--strae-oqa.example"),
        ("nic.みんな", "nic.xn--q9jyb4c"),
        ("пример.рф", "xn--e1afmkfd.xn--p1ai"),
        ("παράδειγμα.δοκιμή", "xn--hxajbheg2az3al.xn--jxalpdlp"),
        ("مثال.إختبار", "xn--mgbh0fb.xn--kgbechtv"),
        ("דוגמה.קום", "xn--6dbbec0c.xn--9dbq2a"),
        ("उदाहरण.भारत", "xn--p1b6ci4b4b3a.xn--h2brj9c"),
        ("ตัวอย่าง.ไทย", "xn--72c1a1bt4awk9o.xn--o3cw4h"),
        ("예시.한국", "xn--vv4b11d.xn--3e0b707e"),
        ("a.b.c.d.example:3000", "a.b.c.d.example:3000"),
    ];
    for (host, expected) in table {
        assert_eq!(normalise(host).as_deref(), Ok(expected), "{host:?}");
        assert_eq!(
            normalise(expected).as_deref(),
            Ok(expected),
            "normalising {expected:?} again"
        );
    }
}

#[test]
fn addresses_are_accepted_only_when_asked_for() {
    let table = [
        ("127.0.0.1:8082", "127.0.0.1:8082"),
        ("0x7f.1", "127.0.0.1"),
        ("[::1]", "[::1]"),
        ("[0:0::1]:8082", "[::1]:8082"),
        ("localhost:8082", "localhost:8082"),
    ];
    for (host, expected) in table {
        assert_eq!(
            normalise_with(host, IpLiterals::Accept).as_deref(),
            Ok(expected),
            "{host:?}"
        );
    }
    assert!(is_ip_literal("127.0.0.1:8082") && is_ip_literal("[::1]") && !is_ip_literal("far.example"));
    for private in ["127.0.0.1", "localhost", "far.example:8080", "[::1]:80"] {
        assert!(!is_public(private), "{private}");
    }
    assert!(is_public("far.example") && is_public("xn--mnchen-3ya.example"));
}

#[test]
fn a_rule_covers_a_domain_and_what_is_under_it() {
    let covered = [
        ("evil.test", "evil.test"),
        ("www.evil.test", "evil.test"),
        ("a.b.evil.test", "evil.test"),
        ("evil.test:8080", "evil.test"),
        ("www.evil.test", "*.evil.test"),
        ("evil.test:8080", "evil.test:8080"),
    ];
    for (domain, rule) in covered {
        assert!(matches_rule(domain, rule), "{rule} covers {domain}");
    }
    let free = [
        ("notevil.test", "evil.test"),
        ("evil.test.example", "evil.test"),
        ("test", "evil.test"),
        ("evil.test", "www.evil.test"),
        ("evil.test", "evil.test:8080"),
        ("evil.test", ""),
    ];
    for (domain, rule) in free {
        assert!(!matches_rule(domain, rule), "{rule} does not cover {domain}");
    }
}

#[test]
fn sec_R034_names_that_could_be_mistaken_are_shown_in_punycode() {
    let table = [
        ("far.example", "far.example"),
        ("xn--mnchen-3ya.example", "münchen.example"),
        ("xn--mnchen-3ya.example:8080", "münchen.example:8080"),
        ("nic.xn--q9jyb4c", "nic.みんな"),
        ("xn--e1afmkfd.xn--p1ai", "пример.рф"),
        ("xn--hxajbheg2az3al.xn--jxalpdlp", "παράδειγμα.δοκιμή"),
        ("xn--fsqu00a.example", "例子.example"),
    ];
    for (domain, shown) in table {
        assert_eq!(display(domain), shown);
    }
    for spoof in [
        "аpple.example",
        "раураl.example",
        "аррӏе.example",
        "goοgle.example",
        "exаmple.org",
        "ɡoogle.example",
    ] {
        let domain = normalise(spoof).unwrap();
        assert_eq!(display(&domain), domain, "{spoof}");
        assert!(domain.starts_with("xn--"), "{domain}");
    }
    assert_eq!(
        display("xn--0.example"),
        "xn--0.example",
        "what cannot be decoded stays as it is"
    );
}

#[test]
fn handles() {
    let table = [
        ("@bob@far.example", Some(("bob", Some("far.example")))),
        ("bob@far.example", Some(("bob", Some("far.example")))),
        ("acct:bob@far.example", Some(("bob", Some("far.example")))),
        ("ACCT:Bob@FAR.example.", Some(("Bob", Some("far.example")))),
        ("  @bob@far.example \n", Some(("bob", Some("far.example")))),
        ("bob", Some(("bob", None))),
        ("@bob", Some(("bob", None))),
        ("bob_1.x-y", Some(("bob_1.x-y", None))),
        ("bob@localhost:8082", Some(("bob", Some("localhost:8082")))),
        ("@bob@127.0.0.1:8082", Some(("bob", Some("127.0.0.1:8082")))),
        (
            "bob@münchen.example",
            Some(("bob", Some("xn--mnchen-3ya.example"))),
        ),
        ("bob@far.example:443", Some(("bob", Some("far.example")))),
        ("", None),
        ("@", None),
        ("@@bob", None),
        ("@bob@", None),
        ("bob@far.example@evil.test", None),
        ("bob@far.example/path", None),
        ("bób", None),
        (".bob", None),
        ("bob.", None),
        ("bob-", None),
        ("bo b", None),
        ("https://far.example/@bob", None),
    ];
    for (text, expected) in table {
        let expected = expected.map(|(username, domain): (&str, Option<&str>)| Handle {
            username: username.to_owned(),
            domain: domain.map(str::to_owned),
        });
        assert_eq!(parse_handle(text), expected, "{text:?}");
    }
}

#[test]
fn usernames() {
    for valid in ["a", "_", "bob", "Bob_99", "a.b", "a--b", "a.-.b", "0"] {
        assert!(is_valid_username(valid), "{valid}");
    }
    for invalid in [
        "", ".", "-", "a.", ".a", "a b", "é", "a@b", "a\n", "ａ", "a/b", "\u{0}",
    ] {
        assert!(!is_valid_username(invalid), "{invalid:?}");
    }
    assert!(is_valid_username(&"a".repeat(2048)) && !is_valid_username(&"a".repeat(2049)));
    assert!(is_valid_local_username("Bob_99") && is_valid_local_username(&"a".repeat(30)));
    for invalid in ["", "a.b", "a-b", "é", "a b"] {
        assert!(!is_valid_local_username(invalid), "{invalid:?}");
    }
    assert!(!is_valid_local_username(&"a".repeat(31)));
}

#[test]
fn sec_R080_reserved_names_and_their_look_alikes() {
    let reserved = [
        "admin",
        "ADMIN",
        "adm1n",
        "Adm1n",
        "4dm1n",
        "_admin_",
        "ad_min",
        "admins",
        "adrnin",
        "root",
        "r00t",
        "support",
        "supp0rt",
        "5upport",
        "moderator",
        "m0d3rat0r",
        "rnoderator",
        "rnod",
        "well_known",
        "well-known",
        ".well-known",
        "actor",
        "api",
        "ap1",
        "apl",
        "instance_actor",
        "instanceactor",
        "helpdesk",
        "webmaster",
        "vvebmaster",
        "postmaster",
        "security",
        "owner",
        "staff",
        "5t4ff",
        "null",
    ];
    for username in reserved {
        assert!(is_reserved_username(username), "{username}");
    }
    for username in [
        "alice",
        "bob",
        "administratrix",
        "badmin",
        "apis_mellifera",
        "rooter",
        "modest",
        "helper",
        "nulla",
    ] {
        assert!(!is_reserved_username(username), "{username}");
    }
}

proptest::proptest! {
    #[test]
    fn normalising_twice_is_normalising_once(host in "\\PC{0,30}") {
        if let Ok(domain) = normalise_with(&host, IpLiterals::Accept) {
            proptest::prop_assert_eq!(normalise_with(&domain, IpLiterals::Accept), Ok(domain.clone()));
            proptest::prop_assert!(domain.is_ascii());
            // What is shown leads back to the same host.
            proptest::prop_assert_eq!(normalise_with(&display(&domain), IpLiterals::Accept), Ok(domain));
        }
    }

    #[test]
    fn a_handle_is_read_back_as_it_is_written(username in "[a-zA-Z0-9_]{1,20}([.-][a-z0-9_]{1,5})?", host in "[a-z]{1,10}\\.[a-z]{2,5}") {
        let handle = Handle { username, domain: Some(host) };
        let text = format!("@{}@{}", handle.username, handle.domain.as_deref().unwrap_or_default());
        proptest::prop_assert_eq!(parse_handle(&text), Some(handle));
    }

    #[test]
    fn no_text_makes_a_handle_panic(text in "\\PC*") {
        let _ = parse_handle(&text);
        let _ = is_reserved_username(&text);
        let _ = display(&text);
        let _ = matches_rule(&text, "evil.test");
    }
}
