//! The verbs of the program, used beside a running server.

use std::process::Output;

use pouet_tests::browser::code_of;
use pouet_tests::database::Backend;
use pouet_tests::server::{PASSWORD, email_of};
use pouet_tests::wait::SOON;
use pouet_tests::{Browser, Client, Options, Server, eventually};
use serde_json::{Value, json};

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Runs a verb that must be refused with this exit code and returns what it said.
fn refused(server: &Server, arguments: &[&str], input: &str, code: i32) -> String {
    let output = server.run(arguments, input);
    let said = err(&output);
    assert_eq!(
        output.status.code(),
        Some(code),
        "pouet {arguments:?}: {}{said}",
        out(&output)
    );
    assert_eq!(
        out(&output),
        "",
        "pouet {arguments:?}: errors go to standard error"
    );
    assert!(!said.is_empty(), "pouet {arguments:?} says why");
    assert!(!said.contains("panicked"), "pouet {arguments:?}: {said}");
    said
}

/// Exit codes, as `pouet --help` lists them.
const FAILED: i32 = 1;
const USAGE: i32 = 2;
const CONFIG: i32 = 3;
const NOT_FOUND: i32 = 4;
const REFUSED: i32 = 5;

/// An authorize address for a new app with scope `read`.
async fn authorize_address(server: &Server) -> String {
    let redirect = "urn:ietf:wg:oauth:2.0:oob";
    let app = json!({ "client_name": "cli", "redirect_uris": redirect, "scopes": "read" });
    let app = server.client().post("/api/v1/apps", &app).await.ok();
    let id = app["client_id"].as_str().expect("an id");
    format!(
        "{}/oauth/authorize?response_type=code&client_id={id}&redirect_uri={redirect}&scope=read",
        server.url()
    )
}

async fn admin_verbs_beside_the_server(backend: Backend) {
    if !backend.is_available() {
        return;
    }
    let server = Server::start(Options::new(backend)).await;
    server.create_account("captain", &["--owner"]);
    let ada = server.account("ada").await;
    let status = ada.publish("made by the command line").await;
    assert_eq!(status["account"]["username"], "ada");

    let listed: Value =
        serde_json::from_str(&server.cli(&["admin", "account", "list", "--json"], "")).expect("JSON");
    let listed = listed
        .as_array()
        .or_else(|| listed["accounts"].as_array())
        .expect("a list of accounts");
    let mut names: Vec<_> = listed
        .iter()
        .filter_map(|account| account["username"].as_str())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["ada", "captain"]);

    let shown: Value =
        serde_json::from_str(&server.cli(&["admin", "account", "show", "ada", "--json"], "")).expect("JSON");
    assert_eq!(
        (&shown["username"], &shown["email"]),
        (&json!("ada"), &json!(email_of("ada")))
    );
    assert_eq!(shown["id"], ada.id);

    let token = server.cli(
        &["admin", "token", "create", "ada", "--scopes", "read:accounts"],
        "",
    );
    assert!(
        token.len() >= 20 && !token.contains(char::is_whitespace),
        "the token alone: {token:?}"
    );
    let narrow = server.client().with_token(&token);
    narrow.get("/api/v1/accounts/verify_credentials").await.ok();
    narrow
        .post("/api/v1/statuses", &json!({ "status": "no" }))
        .await
        .refused(403);

    server.cli(
        &["admin", "account", "set-password", "ada", "--password-stdin"],
        "another fog 48 boats\n",
    );
    let mut browser = Browser::new();
    let page = browser.open(&authorize_address(&server).await).await;
    let page = browser.sign_in(&page, &email_of("ada"), PASSWORD).await;
    assert!(
        page.sign_in_form().is_some(),
        "the old password must not sign in: {}",
        page.words()
    );
    let address = authorize_address(&server).await;
    let page = Browser::new()
        .authorize(&address, &email_of("ada"), "another fog 48 boats")
        .await;
    assert!(code_of(&page).is_some());

    let counted = server.cli(&["admin", "prune", "--dry-run", "--json"], "");
    let counted: Value = serde_json::from_str(&counted).expect("JSON");
    assert_eq!(
        counted,
        json!({ "conversations": 0, "posts": 0, "dry_run": true })
    );
    assert_eq!(
        server.cli(&["admin", "prune", "--days", "1"], "").trim(),
        "0 posts in 0 conversations removed"
    );

    server.cli(&["admin", "account", "delete", "ada", "--yes"], "");
    eventually("the running server to forget the account", SOON, async || {
        let status = ada.client.get("/api/v1/accounts/verify_credentials").await.status;
        anyhow::ensure!(status == 401, "the token still answers {status}");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn admin_verbs_work_beside_the_server_on_sqlite() {
    admin_verbs_beside_the_server(Backend::Sqlite).await;
}

#[tokio::test]
async fn admin_verbs_work_beside_the_server_on_postgres() {
    admin_verbs_beside_the_server(Backend::Postgres).await;
}

#[tokio::test]
async fn a_database_is_not_used_without_its_key_file() {
    let mut server = Server::start(Options::new(Backend::Sqlite)).await;
    server.create_account("ada", &[]);
    server.stop();
    let file = server.folder().join("data/secret.key");
    let kept = std::fs::read(&file).expect("the key file is in the data folder");
    std::fs::remove_file(&file).expect("it can be removed");
    for verb in [&["serve"][..], &["admin", "account", "list"]] {
        let said = refused(&server, verb, "", FAILED);
        assert!(said.contains("secret.key"), "{said}");
        assert!(!file.exists(), "nothing is made in its place");
    }
    std::fs::write(&file, "ab".repeat(32)).expect("it can be written");
    refused(&server, &["admin", "account", "list"], "", FAILED);
    std::fs::write(&file, kept).expect("it can be written");
    server.cli(&["admin", "account", "rotate-keys", "ada"], "");
    server.start_again().await;
    refused(
        &server,
        &["admin", "account", "rotate-keys", "nobody"],
        "",
        NOT_FOUND,
    );
}

#[tokio::test]
async fn refusals_say_why_and_have_an_exit_code() {
    let server = Server::start(Options::new(Backend::Sqlite)).await;
    server.create_account("ada", &[]);
    let create = |name: &'static str, email: &'static str| {
        [
            "admin",
            "account",
            "create",
            name,
            "--email",
            email,
            "--password-stdin",
        ]
    };
    let password = "boats in the fog 47\n";
    let taken = refused(&server, &create("ada", "other@mail.example"), password, REFUSED);
    assert!(taken.contains("taken"), "{taken}");
    refused(&server, &create("ADA", "other@mail.example"), password, REFUSED);
    refused(
        &server,
        &create("not a name", "other@mail.example"),
        password,
        REFUSED,
    );
    refused(&server, &create("admin", "other@mail.example"), password, REFUSED);
    refused(&server, &create("amy", "no address"), password, REFUSED);
    refused(&server, &create("amy", "amy@mail.example"), "short\n", REFUSED);
    refused(&server, &["admin", "account", "show", "nobody"], "", NOT_FOUND);
    refused(
        &server,
        &["admin", "account", "delete", "nobody", "--yes"],
        "",
        NOT_FOUND,
    );
    refused(&server, &["admin", "token", "create", "nobody"], "", NOT_FOUND);
    refused(
        &server,
        &["admin", "token", "create", "ada", "--scopes", "read nonsense"],
        "",
        REFUSED,
    );
    refused(
        &server,
        &["admin", "token", "create", "ada", "--scopes", "admin:read"],
        "",
        REFUSED,
    );
    refused(&server, &["admin", "acount", "list"], "", USAGE);
    refused(&server, &["admin", "account", "create", "amy"], "", USAGE);

    let generated = server.run(
        &[
            "admin",
            "account",
            "create",
            "amy",
            "--email",
            "amy@mail.example",
            "--generate-password",
        ],
        "",
    );
    assert!(generated.status.success(), "{}", err(&generated));
    let said = out(&generated);
    let password = said.split_whitespace().last().expect("the password is printed");
    let page = Browser::new()
        .authorize(&authorize_address(&server).await, "amy@mail.example", password)
        .await;
    assert!(code_of(&page).is_some());
}

/// Signs up through an app where registrations are approved; the app with the token that it gets.
async fn ask_to_join(server: &Server, name: &str, reason: &str) -> Client {
    let app =
        json!({ "client_name": "cli", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob", "scopes": "read write" });
    let app = server.client().post("/api/v1/apps", &app).await.ok();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let (id, secret) = (text(&app["client_id"]), text(&app["client_secret"]));
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", &id),
        ("client_secret", &secret),
        ("scope", "read write"),
    ];
    let token = server.client().form("/oauth/token", &form).await.ok();
    let itself = server.client().with_token(&text(&token["access_token"]));
    let person = json!({
        "username": name,
        "email": email_of(name),
        "password": PASSWORD,
        "agreement": true,
        "locale": "en",
        "reason": reason,
    });
    let token = itself.post("/api/v1/accounts", &person).await.ok();
    server.client().with_token(&text(&token["access_token"]))
}

async fn requests_to_join(backend: Backend) {
    if !backend.is_available() {
        return;
    }
    let approval = Options::new(backend).with("POUET_REGISTRATIONS__MODE", "approval");
    let server = Server::start(approval).await;
    server.create_account("captain", &["--owner"]);
    let account = |verb: &str, name: &str| server.cli(&["admin", "account", verb, name, "--json"], "");
    let state = |name: &str| {
        let shown: Value = serde_json::from_str(&account("show", name)).expect("JSON");
        (shown["state"].clone(), shown["reason"].clone())
    };

    let ada = ask_to_join(&server, "ada", "I like\u{1b}[2J boats").await;
    let bea = ask_to_join(&server, "bea", "cheap pills").await;
    assert_eq!(state("ada"), (json!("waiting"), json!("I like\u{1b}[2J boats")));
    assert_eq!(state("captain"), (json!("active"), Value::Null));
    let listed = server.cli(&["admin", "account", "list"], "");
    let last_columns: Vec<_> = listed
        .lines()
        .filter_map(|line| line.rsplit('\t').next())
        .collect();
    assert_eq!(last_columns, ["active", "waiting", "waiting"]);
    let shown = server.cli(&["admin", "account", "show", "ada"], "");
    assert!(shown.contains("reason I like [2J boats"), "{shown:?}");

    let said = ada.get("/api/v1/accounts/verify_credentials").await.refused(403);
    assert!(said.contains("pending approval"), "{said}");
    let mut browser = Browser::new();
    let page = browser.open(&authorize_address(&server).await).await;
    let page = browser.sign_in(&page, &email_of("ada"), PASSWORD).await;
    assert!(page.words().contains("waiting for approval"), "{}", page.words());
    server
        .client()
        .get("/api/v1/accounts/lookup?acct=ada")
        .await
        .refused(404);

    account("approve", "ada");
    assert_eq!(state("ada").0, "active");
    eventually("the running server to let her in", SOON, async || {
        let status = ada.get("/api/v1/accounts/verify_credentials").await.status;
        anyhow::ensure!(status == 200, "it answers {status}");
        Ok(())
    })
    .await;
    for verb in ["approve", "reject"] {
        let said = refused(&server, &["admin", "account", verb, "ada"], "", REFUSED);
        assert!(said.contains("does not wait for approval"), "{said}");
        refused(&server, &["admin", "account", verb, "nobody"], "", NOT_FOUND);
    }

    let rejected: Value = serde_json::from_str(&account("reject", "bea")).expect("JSON");
    assert_eq!(rejected["state"], "rejected");
    refused(&server, &["admin", "account", "show", "bea"], "", NOT_FOUND);
    eventually("the running server to forget her token", SOON, async || {
        let status = bea.get("/api/v1/accounts/verify_credentials").await.status;
        anyhow::ensure!(status == 401, "it answers {status}");
        Ok(())
    })
    .await;
    server.create_account("bea", &[]);
}

#[tokio::test]
async fn requests_to_join_are_answered_on_sqlite() {
    requests_to_join(Backend::Sqlite).await;
}

#[tokio::test]
async fn requests_to_join_are_answered_on_postgres() {
    requests_to_join(Backend::Postgres).await;
}

async fn what_the_instance_says_of_itself(backend: Backend) {
    if !backend.is_available() {
        return;
    }
    let server = Server::start(Options::new(backend)).await;
    let instance = |arguments: &[&str]| -> Value {
        let verb = [&["admin", "instance"], arguments, &["--json"]].concat();
        serde_json::from_str(&server.cli(&verb, "")).expect("JSON")
    };
    let rules = async || server.client().get("/api/v1/instance/rules").await.ok();
    let ids = |rules: &Value| -> Vec<String> {
        let rules = rules.as_array().expect("a list").iter();
        rules
            .map(|rule| rule["id"].as_str().expect("ids are strings").to_owned())
            .collect()
    };
    assert_eq!(instance(&["show"])["title"], "Pouet");
    assert_eq!(ids(&rules().await), ["1", "2", "3", "4"]);

    let changed = instance(&[
        "set",
        "--title",
        "The Harbour",
        "--description",
        "Boats and fog.",
        "--contact-email",
        "harbour@mail.example",
        "--rule",
        "Be kind.",
        "--rule",
        "No <b>racing</b>.",
    ]);
    let shown = server.client().get("/api/v2/instance").await.ok();
    assert_eq!(shown["title"], "The Harbour");
    assert_eq!(shown["description"], "Boats and fog.");
    assert_eq!(shown["contact"]["email"], "harbour@mail.example");
    let now = rules().await;
    assert_eq!(now, shown["rules"]);
    assert_eq!(now[1]["text"], "No <b>racing</b>.");
    assert_eq!(ids(&now), ["5", "6"]);
    assert_eq!(ids(&changed["rules"]), ["5", "6"]);
    assert_eq!(instance(&["show"]), changed);
    let page = Browser::new().open(&format!("{}/about", server.url())).await;
    for text in ["The Harbour", "Be kind.", "No <b>racing</b>."] {
        assert!(page.words().contains(text), "{text} in {}", page.words());
    }

    instance(&["set", "--rule", "No <b>racing</b>.", "--rule", "No fishing."]);
    assert_eq!(ids(&rules().await), ["6", "7"]);
    instance(&["set", "--no-rules"]);
    assert_eq!(rules().await, json!([]));
    assert_eq!(
        instance(&["show"])["title"],
        "The Harbour",
        "what is not named stays"
    );

    let long = "x".repeat(301);
    let set = |flag: &'static str, value: &'static str| ["admin", "instance", "set", flag, value];
    refused(&server, &set("--title", " "), "", REFUSED);
    refused(&server, &set("--contact-email", "no address"), "", REFUSED);
    let said = refused(
        &server,
        &["admin", "instance", "set", "--title", "Not kept", "--rule", &long],
        "",
        REFUSED,
    );
    assert!(said.contains("300 characters"), "{said}");
    assert_eq!(instance(&["show"])["title"], "The Harbour");
    refused(&server, &["admin", "instance", "set"], "", USAGE);
    refused(
        &server,
        &["admin", "instance", "set", "--no-rules", "--rule", "One"],
        "",
        USAGE,
    );
    let text = server.cli(&["admin", "instance", "show"], "");
    for line in [
        "title: The Harbour",
        "contact e-mail: harbour@mail.example",
        "rules: none",
    ] {
        assert!(text.lines().any(|said| said == line), "{line} in {text}");
    }
}

#[tokio::test]
async fn the_running_server_shows_what_the_instance_says_on_sqlite() {
    what_the_instance_says_of_itself(Backend::Sqlite).await;
}

#[tokio::test]
async fn the_running_server_shows_what_the_instance_says_on_postgres() {
    what_the_instance_says_of_itself(Backend::Postgres).await;
}

#[tokio::test]
async fn every_verb_explains_itself() {
    let server = Server::prepare(Options::new(Backend::Sqlite));
    let verbs: [&[&str]; 12] = [
        &[],
        &["serve"],
        &["admin"],
        &["admin", "account"],
        &["admin", "account", "create"],
        &["admin", "account", "delete"],
        &["admin", "account", "reject"],
        &["admin", "instance", "set"],
        &["admin", "token", "create"],
        &["db"],
        &["config"],
        &["config", "check"],
    ];
    for verb in verbs {
        let help = server.cli(&[verb, &["--help"]].concat(), "");
        assert!(help.contains("Usage:"), "pouet {verb:?} --help: {help}");
    }
    let help = server.cli(&["serve", "--help"], "");
    for flag in ["--data", "--listen", "--url", "--database-url", "--config"] {
        assert!(help.contains(flag), "{flag} is missing in {help}");
    }
    assert!(server.cli(&["--version"], "").starts_with("pouet "));
    assert!(
        !server.folder().join("data").exists(),
        "asking for help makes no folder"
    );
}

#[tokio::test]
async fn a_configuration_is_checked_whole() {
    let server = Server::prepare(Options::new(Backend::Sqlite));
    server.cli(&["config", "check"], "");
    let printed = server.cli(&["config", "print"], "");
    assert!(printed.contains(&server.url()), "{printed}");

    let file = server.folder().join("wrong.toml");
    let text = "[federation]\nalow_http = true\n[limits]\nstatus_chars = \"many\"\n[registrations]\nmode = \"opne\"\n";
    std::fs::write(&file, text).expect("the folder is writable");
    let file = file.to_str().expect("a plain path");
    let output = server.run(&["config", "check", "--config", file], "");
    let said = err(&output);
    assert_eq!(output.status.code(), Some(CONFIG), "{said}");
    for part in ["alow_http", "allow_http", "status_chars", "opne"] {
        assert!(
            said.contains(part),
            "{part} is missing, all errors come at once: {said}"
        );
    }

    let mut command = server.command(&["config", "check"]);
    let output = command
        .env("POUET_RATE_LIMITS__ENABLD", "false")
        .output()
        .expect("the binary can be started");
    let said = err(&output);
    assert_eq!(output.status.code(), Some(CONFIG), "{said}");
    assert!(said.contains("POUET_RATE_LIMITS__ENABLD"), "{said}");
    assert!(
        said.to_ascii_lowercase().contains("rate_limits.enabled")
            || said.contains("POUET_RATE_LIMITS__ENABLED"),
        "{said}"
    );

    let output = server.run(&["serve", "--config", file], "");
    assert_eq!(
        output.status.code(),
        Some(CONFIG),
        "a server does not start with errors: {}",
        err(&output)
    );
}

async fn database_verbs(backend: Backend) {
    if !backend.is_available() {
        return;
    }
    let mut server = Server::prepare(Options::new(backend));
    server.cli(&["db", "migrate"], "");
    server.cli(&["db", "migrate"], "");
    let status = server.cli(&["db", "status"], "");
    assert!(!status.is_empty());
    server.start_again().await;
    server
        .account("ada")
        .await
        .publish("on a database migrated before")
        .await;
}

#[tokio::test]
async fn the_database_is_migrated_by_hand_on_sqlite() {
    database_verbs(Backend::Sqlite).await;
}

#[tokio::test]
async fn the_database_is_migrated_by_hand_on_postgres() {
    database_verbs(Backend::Postgres).await;
}
