//! What the manifests and lint settings of the workspace must say.
#![expect(
    non_snake_case,
    reason = "the names of security rules are written as in their list"
)]

use std::{collections::BTreeSet, fs, path::Path};

/// Which crates of ours each crate may depend on; what is not listed may know all.
const GRAPH: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("config", &[]),
    ("storage", &["model"]),
    ("service", &["model", "storage"]),
    ("federation", &["model", "service"]),
    ("api", &["model", "service"]),
    ("web", &["model", "service"]),
];

/// The crates of ours in the section `[dependencies]` of a manifest.
fn own_dependencies(manifest: &str) -> BTreeSet<&str> {
    let section = manifest
        .split("\n[")
        .find(|section| section.starts_with("dependencies]"));
    let names = section
        .unwrap_or_default()
        .lines()
        .filter_map(|line| line.strip_prefix("pouet-"));
    names
        .filter_map(|name| name.split(['.', ' ', '=']).next())
        .collect()
}

#[test]
fn crates_depend_only_on_what_lies_below_them() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    for (name, allowed) in GRAPH {
        let manifest = fs::read_to_string(crates.join(name).join("Cargo.toml")).unwrap();
        let used = own_dependencies(&manifest);
        let allowed = allowed.iter().copied().collect();
        assert!(
            used.is_subset(&allowed),
            "{name} depends on {used:?}, allowed is {allowed:?}"
        );
    }
    let server = fs::read_to_string(crates.join("server/Cargo.toml")).unwrap();
    assert!(
        own_dependencies(&server).contains("config"),
        "the sections are found in {server}"
    );
    let all: Vec<_> = fs::read_dir(&crates)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(
        all.len(),
        GRAPH.len() + 2,
        "a new crate needs a line in GRAPH: {all:?}"
    );
}

#[test]
fn test_support_is_never_part_of_the_program() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    for entry in fs::read_dir(crates).unwrap() {
        let path = entry.unwrap().path().join("Cargo.toml");
        let manifest = fs::read_to_string(&path).unwrap();
        assert!(
            !own_dependencies(&manifest).contains("test-support"),
            "{}",
            path.display()
        );
    }
}

/// The lints themselves run in `cargo xtask lint`, where a warning is a failure.
fn assert_disallowed(paths: &[&str]) {
    let settings = include_str!("../../clippy.toml");
    for path in paths {
        assert!(
            settings.contains(&format!("{{ path = \"{path}\", ")),
            "clippy.toml must disallow {path}"
        );
    }
}

#[test]
fn sec_R005_no_second_http_client_can_be_made() {
    assert_disallowed(&[
        "reqwest::get",
        "reqwest::Client::new",
        "reqwest::Client::builder",
        "reqwest::ClientBuilder::new",
        "activitypub_federation::fetch::fetch_object_http",
        "activitypub_federation::fetch::object_id::ObjectId::dereference",
        "activitypub_federation::fetch::object_id::ObjectId::dereference_forced",
        "activitypub_federation::fetch::collection_id::CollectionId::dereference",
        "activitypub_federation::fetch::webfinger::webfinger_resolve_actor",
    ]);
}

/// Crates that open connections to other hosts.
const CLIENTS: [&str; 8] = [
    "awc",
    "curl",
    "hyper",
    "hyper-util",
    "isahc",
    "reqwest",
    "surf",
    "ureq",
];

#[test]
fn sec_R005_one_module_speaks_to_other_hosts() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    let mut with_client = Vec::new();
    for entry in fs::read_dir(&crates).unwrap() {
        let path = entry.unwrap().path();
        let manifest = fs::read_to_string(path.join("Cargo.toml")).unwrap();
        let mut names = manifest
            .lines()
            .filter_map(|line| line.split(['.', ' ', '=']).next());
        if names.any(|name| CLIENTS.contains(&name)) {
            with_client.push(path.file_name().unwrap().to_owned());
        }
    }
    assert_eq!(with_client, ["service"]);

    let mut read = 0;
    for entry in fs::read_dir(&crates).unwrap() {
        for (path, source) in sources(&entry.unwrap().path().join("src")) {
            read += 1;
            let is_home = path.contains("service/src/net/");
            let opens = [
                "reqwest::",
                "hyper::",
                "TcpStream::connect",
                "TcpSocket",
                "UdpSocket",
            ]
            .iter()
            .find(|name| source.contains(**name));
            assert!(is_home || opens.is_none(), "{path} uses {opens:?}");
        }
    }
    assert!(read > 200, "{read} files are read");
}

/// The Rust files below a folder, by path.
fn sources(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push((
                path.display().to_string(),
                fs::read_to_string(&path).expect("text"),
            ));
        }
    }
    found
}

#[test]
fn sec_R019_no_private_key_reaches_the_rsa_crate() {
    assert_disallowed(&[
        "rsa::RsaPrivateKey",
        "activitypub_federation::http_signatures::generate_actor_keypair",
        "activitypub_federation::activity_sending::SendActivityTask",
        "activitypub_federation::activity_sending::SendActivityTask::prepare",
        "activitypub_federation::activity_sending::SendActivityTask::sign_and_send",
        "activitypub_federation::activity_queue::queue_activity",
        "activitypub_federation::config::FederationConfigBuilder::signed_fetch_actor",
        "activitypub_federation::config::Data::sign_request",
    ]);
    // Nor are they named where lints do not look, such as in macros.
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    let forbidden = [
        "RsaPrivateKey",
        "generate_actor_keypair",
        "SendActivityTask",
        "queue_activity",
        "signed_fetch_actor",
        "sign_request",
    ];
    for (path, source) in sources(&crates) {
        for line in source
            .lines()
            .map(str::trim)
            .filter(|line| !line.starts_with("//"))
        {
            let found = forbidden.iter().find(|name| line.contains(**name));
            assert_eq!(found, None, "{path}: {line}");
            let of_crate = line
                .split("rsa::")
                .next()
                .filter(|before| before.len() < line.len());
            let is_openssl =
                of_crate.is_none_or(|before| before.ends_with("openssl::") || before.ends_with('_'));
            assert!(is_openssl, "{path}: {line}");
        }
    }
    for entry in fs::read_dir(&crates).unwrap() {
        let manifest = fs::read_to_string(entry.unwrap().path().join("Cargo.toml")).unwrap();
        assert!(
            !manifest.lines().any(|line| line.starts_with("rsa")),
            "{manifest}"
        );
    }
}
