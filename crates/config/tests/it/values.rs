//! The types of values, one table each.

use std::time::Duration;

use pouet_config::{DatabaseUrl, FetchAuth, LogFormat};

use crate::{from_file, from_variables, only_problem};

#[test]
fn durations() {
    for (text, milliseconds) in [
        ("250ms", 250),
        ("1", 1000),
        ("30s", 30_000),
        ("5m", 300_000),
        ("2h", 7_200_000),
        ("1d", 86_400_000),
    ] {
        let config = from_variables(&[("POUET_DELIVERY__BREAKER__WINDOW", text)]).unwrap();
        assert_eq!(
            config.delivery.breaker.window,
            Duration::from_millis(milliseconds),
            "{text}"
        );
    }
    for text in [
        "",
        "0",
        "0s",
        "s",
        "-1",
        "1.5s",
        "1 s",
        "1w",
        "400d",
        "99999999999999999999d",
    ] {
        let problem = only_problem(from_variables(&[("POUET_DELIVERY__RETRY_FIRST", text)]));
        assert!(problem.contains("expected a duration"), "{text}: {problem}");
    }
    let config = from_file("[delivery]\nretry_first = 2\nbreaker.window = '3s'").unwrap();
    assert_eq!(config.delivery.retry_first.as_secs(), 2);
    assert_eq!(config.delivery.breaker.window.as_secs(), 3);
    only_problem(from_file("delivery.retry_first = 1.5"));
    only_problem(from_file("delivery.retry_first = -1"));
}

#[test]
fn networks() {
    let in_variable =
        from_variables(&[("POUET_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8,,fd00::/8")]).unwrap();
    let in_file = from_file("trusted_proxies = ['127.0.0.1', '10.0.0.0/8', 'fd00::/8']").unwrap();
    assert_eq!(in_variable.trusted_proxies, in_file.trusted_proxies);
    let shown: Vec<_> = in_file.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["127.0.0.1/32", "10.0.0.0/8", "fd00::/8"]);

    let none = from_variables(&[("POUET_FEDERATION__ALLOW_PRIVATE_ADDRESSES", "")]).unwrap();
    assert!(none.federation.allow_private_addresses.is_empty());

    for (text, expected) in [
        ("127.0.0.0/33", "expected a network"),
        ("localhost", "expected a network"),
        ("10.1.2.3/8", "10.0.0.0/8 was probably meant"),
    ] {
        let problem = only_problem(from_variables(&[("POUET_TRUSTED_PROXIES", text)]));
        assert!(problem.contains(expected), "{problem}");
    }
    only_problem(from_file("trusted_proxies = '127.0.0.1'"));
    only_problem(from_file("trusted_proxies = [1]"));
}

#[test]
fn public_addresses() {
    for (text, expected) in [
        ("pouet.example", "expected a URL"),
        ("localhost:8080", "scheme must be http or https"),
        ("ftp://pouet.example", "scheme must be http or https"),
        ("https://pouet.example/social", "must have no path"),
        ("https://pouet.example/?a", "must end after the host"),
        ("https://pouet.example/#a", "must end after the host"),
        ("https://me@pouet.example", "must name no user"),
    ] {
        let problem = only_problem(from_variables(&[("POUET_URL", text)]));
        assert!(problem.contains(expected), "{text}: {problem}");
    }
    let config = from_variables(&[("POUET_URL", "https://épouet.example:443")]).unwrap();
    assert_eq!(config.url.base(), "https://xn--pouet-9ra.example");
    assert!(config.url.is_https());
}

#[test]
fn domains() {
    for text in [
        "",
        "https://pouet.example",
        "pouet.example/x",
        "me@pouet.example",
        "a b",
    ] {
        let problem = only_problem(from_variables(&[("POUET_HANDLE_DOMAIN", text)]));
        assert!(problem.contains("expected a domain"), "{text}: {problem}");
    }
    let config = from_variables(&[("POUET_HANDLE_DOMAIN", "Localhost:8082")]).unwrap();
    assert_eq!(config.handle_domain.as_str(), "localhost:8082");
}

#[test]
fn listening_addresses() {
    for (text, shown) in [
        ("localhost:8080", "localhost:8080"),
        ("0.0.0.0:80", "0.0.0.0:80"),
        ("[::]:8080", "[::]:8080"),
    ] {
        assert_eq!(
            from_variables(&[("POUET_LISTEN", text)])
                .unwrap()
                .listen
                .to_string(),
            shown
        );
    }
    for text in [
        "8080",
        ":8080",
        "localhost",
        "localhost:",
        "localhost:65536",
        "::1:80",
        "http://localhost:80",
    ] {
        let problem = only_problem(from_variables(&[("POUET_LISTEN", text)]));
        assert!(problem.contains("expected HOST:PORT"), "{text}: {problem}");
    }
}

#[test]
fn databases() {
    for (text, connection) in [
        ("sqlite:a/b.db", "sqlite:a/b.db"),
        ("sqlite:///var/b.db", "sqlite:/var/b.db"),
        ("postgres://u:p@h/d", "postgres://u:p@h/d"),
        ("postgresql:///d?host=/run/pg", "postgresql:///d?host=/run/pg"),
    ] {
        let config = from_variables(&[("POUET_DATABASE__URL", text)]).unwrap();
        assert_eq!(config.database.url.connection_string(), connection);
    }
    for text in [
        "",
        "data/pouet.db",
        "mysql://u:hunter2@h/d",
        "sqlite:",
        "sqlite::memory:",
        "postgres:d",
    ] {
        let problem = only_problem(from_variables(&[("POUET_DATABASE__URL", text)]));
        assert!(
            problem.contains("expected") && !problem.contains("hunter2"),
            "{text}: {problem}"
        );
    }
}

#[test]
fn the_database_password_is_never_shown() {
    for text in [
        "postgres://u:hunter2@h/d",
        "postgres://u@h/d?password=hunter2",
        "postgres://u@h/d?sslmode=require&password=hunter2&application_name=a",
        "postgres://u:hunter2@h/d?sslpassword=hunter2",
    ] {
        let config = from_variables(&[("POUET_DATABASE__URL", text)]).unwrap();
        assert!(config.database.url.connection_string().contains("hunter2"));
        for shown in [
            config.to_toml(),
            format!("{config:?}"),
            config.database.url.to_string(),
        ] {
            assert!(
                shown.contains("REDACTED") && !shown.contains("hunter2"),
                "{shown}"
            );
        }
    }
    let sqlite = DatabaseUrl::Sqlite("x.db".into());
    assert_eq!(sqlite.to_string(), "sqlite:x.db");
}

#[test]
fn words_and_switches() {
    let config =
        from_file("[federation]\nfetch_auth = 'on'\nenabled = false\n[log]\nformat = 'json'").unwrap();
    assert_eq!(config.federation.fetch_auth, FetchAuth::On);
    assert!(!config.federation.enabled);
    assert_eq!(config.log.format, LogFormat::Json);
    for content in [
        "federation.enabled = 'false'",
        "federation.enabled = 0",
        "federation.fetch_auth = true",
        "registrations.mode = 'Open'",
        "log.level = 'loud'",
        "log.level = 'a=b=info'",
        "log.level = ''",
        "limits.note = '5'",
        "limits.image_bytes = 99999999999999999999",
        "data_dir = ''",
    ] {
        only_problem(from_file(content));
    }
    only_problem(from_variables(&[("POUET_RATE_LIMITS__ENABLED", "yes")]));
    assert_eq!(from_file("limits.note = 0x10").unwrap().limits.note, 16);
}
