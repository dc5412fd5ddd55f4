//! Files that browsers' tools and proxies export.

use std::io::Write;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use outflow_core::http::{Transport, TransportError};
use outflow_testkit::{Cassette, Mode};
use serde_json::{Value as Json, json};

use super::wire::{Rote, body, get, post, strict};

const URL: &str = "https://crm.example/people";

fn har(entries: Json) -> String {
    let log = json!({
        "version": "1.2",
        "creator": { "name": "WebInspector", "version": "537.36" },
        "browser": { "name": "a browser", "version": "1" },
        "pages": [{ "startedDateTime": "2026-11-14T22:00:00.000Z", "id": "page_1", "title": "CRM", "pageTimings": {} }],
        "entries": entries
    });
    format!("\u{feff}{}", json!({ "log": log }))
}

fn entry(request: Json, response: Json) -> Json {
    json!({
        "_initiator": { "type": "script" },
        "_priority": "High",
        "pageref": "page_1",
        "startedDateTime": "2026-11-14T23:00:00.123+01:00",
        "time": 12.345,
        "request": request,
        "response": response,
        "cache": { "beforeRequest": null },
        "timings": { "blocked": -1, "send": 1, "wait": 10.5, "receive": 0.8 },
        "serverIPAddress": "203.0.113.1"
    })
}

fn asked(method: &str, url: &str) -> Json {
    json!({
        "method": method,
        "url": url,
        "httpVersion": "h2",
        "headers": [
            { "name": ":authority", "value": "crm.example" },
            { "name": "User-Agent", "value": "a browser" },
            { "name": "Sec-Fetch-Mode", "value": "cors" },
        ],
        "queryString": [],
        "cookies": [{ "name": "sid", "value": "x", "expires": "2027-01-01T00:00:00Z", "httpOnly": true }],
        "headersSize": 200,
        "bodySize": 0
    })
}

fn answered(content: Json, headers: Json) -> Json {
    json!({
        "status": 200, "statusText": "", "httpVersion": "h2", "headers": headers, "cookies": [],
        "content": content, "redirectURL": "", "headersSize": -1, "bodySize": -1, "_transferSize": 321
    })
}

#[tokio::test]
async fn contents_are_read_however_they_were_kept() {
    let plain = r#"{"ok":true}"#;
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(plain.as_bytes()).unwrap();
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
    zlib.write_all(plain.as_bytes()).unwrap();
    let packed = |bytes: Vec<u8>| json!({ "size": 11, "mimeType": "application/json", "text": BASE64_STANDARD.encode(bytes), "encoding": "base64" });
    let with = |encoding: &str| json!([{ "name": "Content-Encoding", "value": encoding }, { "name": "Content-Length", "value": "29" }]);
    let kept = [
        answered(packed(plain.into()), json!([])),
        answered(packed(gzip.finish().unwrap()), with("gzip")),
        answered(packed(zlib.finish().unwrap()), with("deflate")),
        // Unpacked by the browser, which leaves the header as it was.
        answered(json!({ "size": 11, "mimeType": "application/json", "text": plain }), with("br")),
    ];
    let entries = kept.into_iter().map(|answer| entry(asked("GET", URL), answer));
    let replayer = strict(&har(entries.collect()));
    assert_eq!(replayer.started().to_string(), "2026-11-14T22:00:00.123Z");
    for _ in 0..4 {
        let response = replayer.send(get(URL)).await.unwrap();
        assert_eq!(response.body().as_ref(), plain.as_bytes());
        assert_eq!(response.headers()["content-type"], "application/json");
        assert!(!response.headers().contains_key("content-encoding"));
        assert!(!response.headers().contains_key("content-length"));
    }
    replayer.finish().unwrap();
}

#[tokio::test]
async fn posted_parameters_stand_for_a_body() {
    let posted = |mime_type: &str| {
        let mut request = asked("POST", URL);
        request["postData"] = json!({
            "mimeType": mime_type,
            "params": [{ "name": "b", "value": "é & 2" }, { "name": "a", "value": "1" }]
        });
        entry(request, answered(json!({ "size": 0, "mimeType": "x-unknown" }), json!([])))
    };
    let replayer = strict(&har(json!([
        posted("application/x-www-form-urlencoded"),
        posted("multipart/form-data; boundary=lost"),
    ])));
    let form = post(URL, "application/x-www-form-urlencoded", "a=1&b=%C3%A9+%26+2");
    replayer.send(form).await.unwrap();
    let part = |name: &str, value: &str| {
        format!("--mine\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let parts = format!("{}{}--mine--\r\n", part("a", "1"), part("b", "é & 2"));
    let multipart = post(URL, "multipart/form-data; boundary=mine", parts);
    replayer.send(multipart).await.unwrap();
    replayer.finish().unwrap();
}

#[tokio::test]
async fn a_blocked_request_has_no_answer() {
    let blocked = json!({ "status": 0, "content": { "size": 0 }, "_error": "net::ERR_CONNECTION_RESET" });
    let replayer = strict(&har(json!([entry(asked("GET", URL), blocked)])));
    let error = replayer.send(get(URL)).await.unwrap_err();
    assert!(matches!(&error, TransportError::NoAnswer(text) if text.contains("RESET")), "{error}");
}

#[tokio::test]
async fn a_secret_in_a_foreign_file_does_not_keep_it_from_matching() {
    let url = format!("{URL}?access_token=left-in-the-file");
    let answer = || answered(json!({ "size": 2, "text": "{}" }), json!([]));
    let text = har(json!([entry(asked("GET", &url), answer())]));
    let replayer = strict(&text);
    assert_eq!(body(&replayer, get(&format!("{URL}?access_token=another-one"))).await, "{}");

    // What is added to such a file leaves it without secrets, too.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.har");
    std::fs::write(&path, text).unwrap();
    let builder = Cassette::builder("people").in_folder(folder.path());
    let cassette = builder.mode(Mode::Append).over(Rote::json(&["{}"])).open().unwrap();
    cassette.transport().send(get(URL)).await.unwrap();
    cassette.close().unwrap();
    let text = std::fs::read_to_string(path).unwrap();
    assert!(!text.contains("left-in-the-file"), "{text}");
    assert!(text.contains("access_token=redacted-access_token"), "{text}");
}
