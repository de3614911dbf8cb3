//! Precedence of the sources, unknown keys, and errors all at once.

use std::path::{Path, PathBuf};

use pouet_config::{Config, DatabaseUrl, Origin, Overrides, RegistrationMode, keys};

use crate::{environment, from_file, from_variables, only_problem};

#[test]
fn nothing_set_gives_the_defaults() {
    let config = Config::load(&Overrides::default(), []).unwrap();
    assert_eq!(config, Config::default());
    assert_eq!(config.url.base(), "http://localhost:8080");
    assert_eq!(config.handle_domain.as_str(), "localhost:8080");
    assert_eq!(
        config.database.url,
        DatabaseUrl::Sqlite("data/pouet.sqlite3".into())
    );
    assert_eq!(config.media.path, Path::new("data/media"));
    assert_eq!(config.registrations.mode, RegistrationMode::Closed);
}

#[test]
fn flags_beat_environment_beats_file_beats_default() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("some.toml");
    std::fs::write(
        &file,
        "home_feed_rows = 100\nlisten = 'localhost:1'\n[limits]\nnote = 1\npinned = 1\n",
    )
    .unwrap();
    let flags = Overrides {
        config: Some(file.clone()),
        listen: Some("localhost:3".into()),
        ..Overrides::default()
    };
    let variables = environment(&[("POUET_LISTEN", "localhost:2"), ("POUET_LIMITS__NOTE", "2")]);
    let config = Config::load(&flags, variables).unwrap();

    assert_eq!(config.listen.port, 3);
    assert_eq!(config.limits.note, 2);
    assert_eq!(config.limits.pinned, 1);
    assert_eq!(config.home_feed_rows, 100);
    assert_eq!(config.limits.profile_fields, 4);

    assert_eq!(config.origin("listen"), &Origin::Flag("--listen"));
    assert_eq!(
        config.origin("limits.note"),
        &Origin::Variable("POUET_LIMITS__NOTE".into())
    );
    assert_eq!(
        config.origin("limits.pinned"),
        &Origin::File {
            path: file,
            line: Some(5)
        }
    );
    assert_eq!(config.origin("limits.profile_fields"), &Origin::Default);
}

#[test]
fn the_file_of_the_data_folder_is_read_if_there_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let load = || Config::load(&Overrides::default(), environment(&[("POUET_DATA_DIR", data)]));
    assert_eq!(load().unwrap().limits.pinned, 5);

    std::fs::write(folder.path().join("pouet.toml"), "limits.pinned = 7").unwrap();
    assert_eq!(load().unwrap().limits.pinned, 7);

    let other = folder.path().join("other.toml");
    std::fs::write(&other, "limits.pinned = 8").unwrap();
    let both = environment(&[
        ("POUET_DATA_DIR", data),
        ("POUET_CONFIG", other.to_str().unwrap()),
    ]);
    assert_eq!(
        Config::load(&Overrides::default(), both).unwrap().limits.pinned,
        8
    );
}

#[test]
fn a_named_file_must_exist() {
    let flags = Overrides {
        config: Some("/nonexistent/pouet.toml".into()),
        ..Overrides::default()
    };
    let problem = only_problem(Config::load(&flags, []));
    assert!(
        problem.starts_with("/nonexistent/pouet.toml: cannot be read"),
        "{problem}"
    );
}

#[test]
fn defaults_follow_the_keys_they_are_computed_from() {
    let flags = Overrides {
        data_dir: Some("/srv/pouet".into()),
        ..Overrides::default()
    };
    let config = Config::load(&flags, environment(&[("POUET_LISTEN", "0.0.0.0:9000")])).unwrap();
    assert_eq!(config.url.base(), "http://localhost:9000");
    assert_eq!(config.handle_domain.as_str(), "localhost:9000");
    assert_eq!(
        config.database.url,
        DatabaseUrl::Sqlite("/srv/pouet/pouet.sqlite3".into())
    );
    assert_eq!(config.media.path, PathBuf::from("/srv/pouet/media"));

    let config = from_variables(&[("POUET_URL", "https://Pouet.Example/")]).unwrap();
    assert_eq!(config.url.base(), "https://pouet.example");
    assert_eq!(config.handle_domain.as_str(), "pouet.example");
    let split = [
        ("POUET_URL", "https://social.pouet.example"),
        ("POUET_HANDLE_DOMAIN", "pouet.example"),
    ];
    assert_eq!(
        from_variables(&split).unwrap().handle_domain.as_str(),
        "pouet.example"
    );
}

#[test]
fn every_key_can_be_set_by_its_variable_and_by_the_file() {
    let defaults = Config::default();
    for key in keys() {
        let value = key.value(&defaults);
        let text = match value.trim_matches('"') {
            "[]" => "",
            text => text,
        };
        let config = from_variables(&[(key.variable().as_str(), text)]).unwrap();
        assert_eq!(config.origin(key.name), &Origin::Variable(key.variable()));
        assert_eq!(key.value(&config), value, "{}", key.name);

        let config = from_file(&format!("{} = {value}", key.name)).unwrap();
        assert!(
            matches!(config.origin(key.name), Origin::File { line: Some(1), .. }),
            "{}",
            key.name
        );
        assert_eq!(key.value(&config), value, "{}", key.name);
    }
}

#[test]
fn what_is_printed_can_be_read_again() {
    let config = from_variables(&[
        ("POUET_DELIVERY__RETRY_FIRST", "90"),
        ("POUET_LOG__LEVEL", "warn,a::b=trace"),
    ]);
    let printed = config.unwrap().to_toml();
    assert!(
        printed.contains("retry_first = \"90s\" # POUET_DELIVERY__RETRY_FIRST\n"),
        "{printed}"
    );
    let again = from_file(&printed).unwrap();
    assert_eq!(again.delivery.retry_first.as_secs(), 90);
    assert_eq!(again.log.level.as_str(), "warn,a::b=trace");
}

#[test]
fn unknown_keys_are_errors_with_a_suggestion() {
    let cases = [
        (
            "limits.status_char = 1",
            "limits.status_char",
            "did you mean limits.status_chars?",
        ),
        ("pool_size = 4", "pool_size", "did you mean database.pool_size?"),
        ("[databse]\nurl = 'sqlite:x'", "databse", "docs/configuration.md"),
        (
            "[federation]\nallow_private_adresses = []",
            "federation.allow_private_adresses",
            "allow_private_addresses?",
        ),
        (
            "quite_another_thing = 4",
            "quite_another_thing",
            "docs/configuration.md",
        ),
        ("database = 'sqlite:x'", "database", "is a section, not a key"),
    ];
    for (content, key, expected) in cases {
        let problem = only_problem(from_file(content));
        assert!(
            problem.starts_with(key) && problem.contains(expected),
            "{content}: {problem}"
        );
    }
    let cases = [
        ("POUET_DATABASE_URL", "did you mean POUET_DATABASE__URL?"),
        ("POUET_LISTENS", "did you mean POUET_LISTEN?"),
        ("POUET_CONFG", "did you mean POUET_CONFIG?"),
        ("POUET_SOMETHING_ELSE", "docs/configuration.md"),
        ("POUET_url", "POUET_URL?"),
    ];
    for (variable, expected) in cases {
        let problem = only_problem(from_variables(&[(variable, "x")]));
        assert!(
            problem.starts_with(variable) && problem.contains(expected),
            "{problem}"
        );
    }
}

#[test]
fn other_variables_are_none_of_our_business() {
    let others = [
        ("PATH", "x"),
        ("pouet_url", "x"),
        ("POUET_TEST_POSTGRES_URL", "x"),
        ("POUET_BIN", "x"),
    ];
    from_variables(&others).unwrap();
}

#[test]
fn all_errors_are_reported_at_once_with_their_sources() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("p.toml");
    std::fs::write(&file, "home_feed_rows = 'many'\nurls = 1\n\n[limits]\nnote = 0\n").unwrap();
    let flags = Overrides {
        config: Some(file.clone()),
        listen: Some("8080".into()),
        ..Overrides::default()
    };
    let variables = environment(&[
        ("POUET_HOME_FEED_ROWS", "-1"),
        ("POUET_LOG__FORMAT", "xml"),
        ("POUET_X", "1"),
    ]);
    let errors = Config::load(&flags, variables).unwrap_err();
    let file = file.display();
    let expected = [
        "the configuration has 7 errors".into(),
        format!("  home_feed_rows ({file} line 1): expected a value of type whole number, found string"),
        format!("  limits.note ({file} line 5): expected a number from 1 to 20000, found 0"),
        format!("  urls ({file} line 2): unknown key, did you mean url?"),
        "  home_feed_rows (POUET_HOME_FEED_ROWS): expected a whole number up to 4294967295, found \"-1\""
            .into(),
        "  log.format (POUET_LOG__FORMAT): expected human or json, found \"xml\"".into(),
        "  POUET_X: unknown environment variable; docs/configuration.md lists those that exist".into(),
        "  listen (--listen): expected HOST:PORT such as \"localhost:8080\", found \"8080\"".into(),
    ];
    assert_eq!(errors.to_string().lines().collect::<Vec<_>>(), expected);
}

#[test]
fn a_syntax_error_names_its_line() {
    let problem = only_problem(from_file("url = 'https://a.example'\nlisten = \n"));
    assert!(problem.contains("test.toml line 2: "), "{problem}");
}

#[test]
fn contradictions_between_keys_are_errors() {
    let cases: [(&[(&str, &str)], &str); 4] = [
        (
            &[("POUET_URL", "http://pouet.example")],
            "url (POUET_URL): must be https",
        ),
        (
            &[("POUET_LISTEN", "localhost:0")],
            "listen (POUET_LISTEN): has port 0",
        ),
        (
            &[("POUET_DELIVERY__BREAKER__FIRST_PROBE", "2h")],
            "delivery.breaker.first_probe (POUET_DELIVERY__BREAKER__FIRST_PROBE): must not be longer",
        ),
        (
            &[("POUET_DELIVERY__BREAKER__MAX_PROBE", "5s")],
            "delivery.breaker.first_probe: must not be longer",
        ),
    ];
    for (variables, expected) in cases {
        let problem = only_problem(from_variables(variables));
        assert!(problem.starts_with(expected), "{problem}");
    }
    let allowed = [
        ("POUET_URL", "http://pouet.example"),
        ("POUET_FEDERATION__ALLOW_HTTP", "true"),
    ];
    from_variables(&allowed).unwrap();
    from_variables(&[
        ("POUET_LISTEN", "localhost:0"),
        ("POUET_URL", "http://localhost:9"),
    ])
    .unwrap();
    for loopback in ["http://127.1.2.3:8081", "http://[::1]:8081", "http://a.localhost"] {
        from_variables(&[("POUET_URL", loopback)]).unwrap();
    }
}
