//! Redirects.

#![expect(non_snake_case, reason = "rule numbers keep their upper-case R")]

use super::*;

#[tokio::test]
async fn fed_133_sec_R004_redirects_are_followed_up_to_three_times() {
    let server = Server::start(|request| match request.split(' ').nth(1).unwrap() {
        "/a/1" => redirect("/a/2"),
        "/a/2" => redirect("3?q=1#f"),
        "/a/3?q=1" => redirect("/a/4"),
        "/a/4" => ok("", b"end"),
        "/b/1" => redirect("/b/2"),
        "/b/2" => redirect("/b/3"),
        "/b/3" => redirect("/b/4"),
        "/b/4" => redirect("/b/5"),
        "/loop/1" => redirect("/loop/2"),
        "/loop/2" => redirect("/loop/1"),
        "/self" => redirect("#again"),
        other => panic!("unexpected {other}"),
    })
    .await;
    let client = client(FakeDns::loopback());
    let found = get(&client, &server.url("a.test", "/a/1")).await.unwrap();
    assert_eq!(found.final_url.path(), "/a/4");
    assert_eq!(server.paths(), ["/a/1", "/a/2", "/a/3?q=1", "/a/4"]);

    let four = get(&client, &server.url("a.test", "/b/1")).await;
    assert!(matches!(four, Err(NetError::TooManyRedirects)));
    assert_eq!(server.paths().last().unwrap(), "/b/4");

    for path in ["/loop/1", "/self"] {
        let circle = get(&client, &server.url("a.test", path)).await;
        assert!(matches!(circle, Err(NetError::RedirectLoop(_))), "{path}");
    }
}

#[tokio::test]
async fn sec_R004_every_hop_passes_every_rule() {
    let server = Server::start(|request| {
        let target = request.split(' ').nth(1).unwrap().to_owned();
        redirect(target.strip_prefix("/to/").unwrap())
    })
    .await;
    let dns = FakeDns::new(&[
        ("a.test", &[&["127.0.0.1"]]),
        ("inside.test", &[&["192.168.0.1"]]),
    ]);
    let client = client(dns);
    for target in [
        "http://inside.test/",
        "http://192.168.0.1/",
        "http://[::1]/",
        "file:///etc/passwd",
        "data:text/plain,hi",
        "gopher://a.test/",
        "http://user@a.test/",
        "https://pouet.example/ap/users/1",
        "http://a.test:x/",
    ] {
        let refused = get(&client, &server.url("a.test", &format!("/to/{target}")))
            .await
            .unwrap_err();
        assert!(!refused.is_temporary(), "{target}: {refused}");
        assert!(
            refused.is_blocked() || matches!(refused, NetError::BadRedirect { .. }),
            "{target}: {refused}"
        );
    }
}

#[tokio::test]
async fn sec_R004_a_redirect_needs_one_location() {
    let server = Server::start(|request| {
        let locations = match request.split(' ').nth(1).unwrap() {
            "/none" => "",
            "/two" => "location: /x\r\nlocation: /y\r\n",
            other => panic!("unexpected {other}"),
        };
        Reply::Bytes(
            format!("HTTP/1.1 301 Moved\r\nconnection: close\r\ncontent-length: 0\r\n{locations}\r\n")
                .into_bytes(),
        )
    })
    .await;
    let client = client(FakeDns::loopback());
    for path in ["/none", "/two"] {
        let refused = get(&client, &server.url("a.test", path)).await;
        assert!(matches!(refused, Err(NetError::BadRedirect { .. })), "{path}");
    }
}

#[test]
fn fed_133_sec_R004_https_never_falls_back_to_http() {
    let client = client(FakeDns::loopback());
    let headers =
        HeaderMap::from_iter([(http::header::LOCATION, HeaderValue::from_static("http://b.test/"))]);
    let from: url::Url = "https://a.test/".parse().unwrap();
    let refused = client.redirect_target(&from, &headers);
    assert!(matches!(refused, Err(NetError::BadRedirect { .. })));
    let from: url::Url = "http://a.test/".parse().unwrap();
    assert!(client.redirect_target(&from, &headers).is_ok());
}

#[tokio::test]
async fn sec_R004_every_hop_is_signed_anew() {
    let end = Server::start(|_| ok("", b"end")).await;
    let location = end.url("b.test", "/second");
    let start = Server::start(move |_| redirect(&location)).await;
    let url = start.url("a.test", "/first");
    let mut request = document(&url);
    request
        .headers
        .insert("authorization", HeaderValue::from_static("Bearer secret"));
    client(FakeDns::loopback())
        .get(&request, Some(&TargetSigner))
        .await
        .unwrap();
    let signed = format!("signature: a.test:{} /first", start.address.port());
    assert!(start.last_request().contains(&signed));
    assert!(start.last_request().contains("Bearer secret"));
    let signed = format!("signature: b.test:{} /second", end.address.port());
    assert!(end.last_request().contains(&signed));
    assert!(!end.last_request().contains("Bearer secret"));
}
