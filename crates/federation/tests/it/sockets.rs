//! Requests that two readers could understand differently, byte for byte.

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::common::{Site, clock};

/// Sends these bytes and reads the status of the answer.
async fn status_of(site: &Site, request: &str) -> u16 {
    let mut stream = TcpStream::connect(&site.domain).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.contains(&b'\n') {
        assert_ne!(
            stream.read_buf(&mut answer).await.unwrap(),
            0,
            "no answer to {request}"
        );
    }
    let line = String::from_utf8_lossy(&answer).into_owned();
    line.split(' ').nth(1).unwrap().parse().unwrap()
}

#[actix_web::test]
async fn sec_R018_requests_with_two_meanings_are_refused() {
    let site = Site::start(&clock()).await;
    let body = json!({
        "id": "https://a.test/activities/1",
        "type": "Follow",
        "actor": "https://a.test/users/ada",
        "object": format!("{}/ap/users/1", site.url),
    })
    .to_string();
    let host = format!("Host: {}", site.domain);
    let length = format!("Content-Length: {}", body.len());
    let request = |headers: &[&str], body: &str| {
        let kind = "Content-Type: application/activity+json";
        format!(
            "POST /ap/inbox HTTP/1.1\r\n{}\r\n{kind}\r\n\r\n{body}",
            headers.join("\r\n")
        )
    };
    let plain = request(&[&host, &length], &body);
    assert_eq!(
        status_of(&site, &plain).await,
        401,
        "it lacks a signature and nothing else"
    );
    let chunked = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    let whole = request(&[&host, "Transfer-Encoding: chunked"], &chunked);
    assert_eq!(status_of(&site, &whole).await, 401, "so does this");

    let signature = r#"Signature: keyId="https://a.test/users/ada#main-key",headers="host",signature="AAAA""#;
    let folded = r#"Signature: keyId="https://a.test/users/ada#main-key",
 headers="host",signature="AAAA""#
        .replace('\n', "\r\n");
    for (name, headers, body) in [
        ("two hosts", vec![&*host, "Host: b.test", &*length], &body),
        ("the same host twice", vec![&*host, &*host, &*length], &body),
        ("no host", vec![&*length], &body),
        (
            "length and chunks",
            vec![&*host, &*length, "Transfer-Encoding: chunked"],
            &chunked,
        ),
        (
            "chunks and length",
            vec![&*host, "Transfer-Encoding: chunked", "Content-Length: 3"],
            &chunked,
        ),
        ("two lengths", vec![&*host, &*length, "Content-Length: 3"], &body),
        ("the same length twice", vec![&*host, &*length, &*length], &body),
        ("a length with a sign", vec![&*host, "Content-Length: +3"], &body),
        (
            "two encodings",
            vec![
                &*host,
                "Transfer-Encoding: chunked",
                "Transfer-Encoding: identity",
            ],
            &chunked,
        ),
        (
            "an unknown encoding",
            vec![&*host, "Transfer-Encoding: xchunked"],
            &chunked,
        ),
        ("a folded header", vec![&*host, &*length, &*folded], &body),
        (
            "a space before the colon",
            vec![&*host, &*length, "Signature : x"],
            &body,
        ),
        (
            "two signatures",
            vec![&*host, &*length, signature, signature],
            &body,
        ),
    ] {
        assert_eq!(status_of(&site, &request(&headers, body)).await, 400, "{name}");
    }
    assert!(site.account("https://a.test/users/ada").await.is_none());
}
