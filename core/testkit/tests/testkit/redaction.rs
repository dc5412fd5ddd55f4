//! Secrets in every place there is: none of them in the file, and a replay without them
//! still matches.

use std::io::Write;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use flate2::Compression;
use flate2::write::GzEncoder;
use http::HeaderValue;
use outflow_core::Secret;
use outflow_core::http::{Request, Response, Transport, TransportError};
use outflow_testkit::{CassetteError, Matching, Recorder, Redaction, Replayer};
use serde_json::{Value as Json, json};

use super::wire::{Rote, clock, get, json as json_of, post, recorded, with_type};

/// It needs escaping everywhere.
const SECRET: &str = "S3cr\"t/&+é<key>: 42";
const URL: &str = "https://crm.example/people";
const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

fn encoded(secret: &str) -> String {
    form_urlencoded::byte_serialize(secret.as_bytes()).collect()
}

fn in_path(secret: &str) -> String {
    encoded(secret).replace('+', "%20").replace("%2F", "%2f")
}

fn sensitive(mut request: Request, name: &'static str, value: &str) -> Request {
    let mut value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
    value.set_sensitive(name == "x-crm-key");
    request.headers_mut().insert(name, value);
    request
}

fn gzipped(text: &str) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(text.as_bytes()).unwrap();
    packed.finish().unwrap()
}

fn multipart(secret: &str) -> Request {
    let part = |name: &str, value: &str| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let body = format!("{}{}--b--\r\n", part("password", "multi-part-pass"), part("rows", secret));
    post(URL, "multipart/form-data; boundary=b", body)
}

/// A request for each place, with the secret in it.
fn requests(secret: &str) -> Vec<Request> {
    let packed = |text: String| BASE64_STANDARD.encode(text);
    let xml = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let mut gzip = post(URL, JSON, gzipped(&json!({ "note": secret }).to_string()));
    gzip.headers_mut().insert("content-encoding", HeaderValue::from_static("gzip"));
    let url_safe = BASE64_URL_SAFE_NO_PAD.encode(format!("user:{secret}"));
    vec![
        get(&format!("{URL}?note={}", encoded(secret))),
        get(&format!("{URL}/{}", in_path(secret))),
        get(&format!("https://user:{}@crm.example/people", in_path(secret))),
        get(&format!("{URL}/by-token/{url_safe}")),
        get(&format!("{URL}?auth={}", encoded(&packed(format!("{secret}:x"))))),
        sensitive(get(URL), "authorization", &format!("Basic {}", packed(format!("user:{secret}")))),
        sensitive(get(URL), "cookie", &format!("session={secret}")),
        sensitive(get(URL), "x-crm-key", secret),
        sensitive(get(URL), "x-note", &format!("for {secret}")),
        post(URL, FORM, format!("grant=x&note={}", encoded(secret))),
        post(URL, JSON, json!({ "a": [{ "note": format!("<{secret}>") }] }).to_string()),
        post(URL, JSON, json!({ "text": json!({ "note": secret }).to_string() }).to_string()),
        post(URL, JSON, json!({ "packed": packed(format!("ab{secret}")) }).to_string()),
        post(URL, "text/xml", format!("<note>{xml}</note>")),
        post(URL, "text/plain", format!("--{secret}--")),
        multipart(secret),
        post(URL, "application/octet-stream", [&[0xff, 0xfe], secret.as_bytes(), &[0]].concat()),
        gzip,
    ]
}

/// An answer for each place, with secrets that nobody handed over.
fn answers() -> Vec<Result<Response, TransportError>> {
    let with_header = |name: &'static str, value: &'static str| {
        let mut response = json_of("{}");
        response.headers_mut().insert(name, HeaderValue::from_static(value));
        response
    };
    let mut packed = with_type(JSON, &gzipped(r#"{"refresh_token":"learnt-gzip-one"}"#));
    packed.headers_mut().insert("content-encoding", HeaderValue::from_static("gzip"));
    let mut answers = vec![
        json_of(r#"{"access_token":"learnt-access-one","expires_in":3600}"#),
        json_of(r#"{"data":{"idToken":"learnt-camel-one","password":123456789}}"#),
        json_of(r#"{"echo":"Bearer learnt-access-one"}"#),
        with_header("set-cookie", "sid=learnt-cookie-0123456789; Path=/"),
        with_header("location", "https://crm.example/?access_token=learnt-location-one"),
        with_type("text/html", b"<a href=\"/x?api_key=learnt-html-one\">x</a>"),
        with_type("text/xml", b"<s:sessionId>learnt-xml-one</s:sessionId>"),
        with_type(JSON, br#"{"access_token": "learnt-cut-one", "scop"#),
        packed,
        with_type("text/plain", format!("it was {SECRET}").as_bytes()),
    ];
    answers.resize_with(requests("x").len(), || json_of("{}"));
    answers.into_iter().map(Ok).collect()
}

fn redaction(secret: &str) -> Redaction {
    Redaction::new().secret("api_key", &Secret::new(secret))
}

#[tokio::test]
async fn no_secret_reaches_the_file_and_a_replay_matches_without_them() {
    let recorder = Recorder::new(Rote::of(answers()), clock());
    for request in requests(SECRET) {
        recorder.send(request).await.unwrap();
    }
    let har = recorder.har("test", &redaction(SECRET)).unwrap();
    let decoded = unpacked(&har);
    for text in [&har, &decoded] {
        for part in ["S3cr", "s3cr", "learnt", "123456789", "multi-part-pass", "user:"] {
            assert!(!text.contains(part), "{part} is in {text}");
        }
    }
    assert!(har.matches("redacted-api_key").count() >= 15, "{har}");

    // With another secret, and with the placeholder, as a replay has none.
    for secret in ["An0ther: one/&<x>", "redacted-api_key"] {
        let replayer = Replayer::new("test", &har, &redaction(secret), &Matching::strict()).unwrap();
        for (n, request) in requests(secret).into_iter().enumerate() {
            if let Err(error) = replayer.send(request).await {
                panic!("request {n} with {secret}: {error}");
            }
        }
        replayer.finish().unwrap();
    }
}

/// Every text of the file that is base64 of something, unpacked.
fn unpacked(har: &str) -> String {
    let har: Json = serde_json::from_str(har).unwrap();
    let mut found = String::new();
    collect(&har, &mut found);
    found
}

fn collect(json: &Json, found: &mut String) {
    match json {
        Json::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Json::Object(fields) => fields.values().for_each(|value| collect(value, found)),
        Json::String(text) => {
            for word in
                text.split(|letter: char| !letter.is_ascii_alphanumeric() && !"+/_-=".contains(letter))
            {
                for bytes in [BASE64_STANDARD.decode(word).ok(), BASE64_URL_SAFE_NO_PAD.decode(word).ok()] {
                    found.push_str(&String::from_utf8_lossy(&bytes.unwrap_or_default()));
                }
            }
        }
        _ => {}
    }
}

#[tokio::test]
async fn the_authors_own_rules_are_kept() {
    let rules = Redaction::new()
        .header("X-Company")
        .query_key("sid")
        .json_path("$..owner.phone")
        .regex("phone", r"\+\d{7,15}");
    let body =
        r#"{"z":12345678901234567890123,"owner":{"phone":5551234},"note":"call +4930123456","f":1.50}"#;
    let mut request = post(&format!("{URL}?sid=own-sid&page=1"), JSON, body);
    request.headers_mut().insert("x-company", HeaderValue::from_static("own-company"));
    let har = recorded(vec![request], &rules).await;
    for gone in ["own-sid", "own-company", "5551234", "4930123456"] {
        assert!(!har.contains(gone), "{gone}: {har}");
    }
    // Names in their order, and numbers by their digits.
    let body = r#"{\"z\":12345678901234567890123,\"owner\":{\"phone\":\"redacted-phone\"},\"note\":\"call redacted-phone\",\"f\":1.50}"#;
    assert!(har.contains(body), "{har}");
    assert!(har.contains("sid=redacted-sid&page=1"), "{har}");
}

#[tokio::test]
async fn addresses_are_mapped_alike_everywhere() {
    let rules = Redaction::new().map_emails();
    let requests = || {
        vec![
            get(&format!("{URL}?email=ada.love%2Bx%40corp.io&to=eve@corp.io")),
            post(URL, JSON, r#"{"ADA":"Ada.Love+x@Corp.io","safe":"me@example.com"}"#),
            get(&format!("{URL}/eve%40corp.io")),
        ]
    };
    let har = recorded(requests(), &rules).await;
    assert!(!har.to_lowercase().contains("corp.io"), "{har}");
    assert!(har.contains("me@example.com"), "{har}");
    let person = |text: &str| {
        let at = text.find("person-").unwrap();
        text[at..at + 19].to_owned()
    };
    let entries: Json = serde_json::from_str(&har).unwrap();
    let entries = &entries["log"]["entries"];
    let of_query = person(entries[0]["request"]["queryString"][0]["value"].as_str().unwrap());
    assert_eq!(of_query, person(entries[1]["request"]["postData"]["text"].as_str().unwrap()));
    let of_path = person(entries[2]["request"]["url"].as_str().unwrap());
    assert_ne!(of_query, of_path);

    let replayer = Replayer::new("test", &har, &rules, &Matching::strict()).unwrap();
    for request in requests().into_iter().rev() {
        replayer.send(request).await.unwrap();
    }
    replayer.finish().unwrap();
}

#[tokio::test]
async fn a_short_secret_is_taken_out_where_it_is_a_whole_value() {
    let rules = redaction("ab1");
    let har = recorded(vec![get(&format!("{URL}/cab1n?key=ab1"))], &rules).await;
    assert!(har.contains("/people/cab1n?key=redacted-api_key"), "{har}");
}

#[tokio::test]
async fn a_path_keeps_what_is_no_secret_in_it() {
    let packed = BASE64_STANDARD.encode("user:one/two/three");
    let paths = [format!("{URL}/of/one/two/three/x"), format!("{URL}/with-token/{packed}")];
    let har = recorded(paths.iter().map(|url| get(url)).collect(), &redaction("one/two/three")).await;
    assert!(har.contains("/people/of/redacted-api_key/x\""), "{har}");
    assert!(har.contains("/people/with-token/redacted-api_key\""), "{har}");
}

#[tokio::test]
async fn a_header_is_a_secret_when_its_sender_says_so() {
    let har = recorded(vec![sensitive(get(URL), "x-crm-key", "k-1")], &Redaction::new()).await;
    assert!(har.contains("redacted-x-crm-key") && !har.contains("k-1"), "{har}");
}

#[tokio::test]
async fn a_secret_that_is_a_number_is_taken_out_of_json() {
    let body = r#"{"pin":90210555,"pins":[90210555,90210556]}"#;
    let har = recorded(vec![post(URL, JSON, body)], &redaction("90210555")).await;
    let hidden = r#"{\"pin\":\"redacted-api_key\",\"pins\":[\"redacted-api_key\",90210556]}"#;
    assert!(har.contains(hidden), "{har}");
}

#[tokio::test]
async fn a_secret_across_two_parameters_keeps_the_file_from_being_written() {
    let recorder = Recorder::new(Rote::json(&["{}"]), clock());
    recorder.send(get(&format!("{URL}?one=two&three=4"))).await.unwrap();
    let error = recorder.har("test", &redaction("one=two&three")).unwrap_err();
    assert!(matches!(error, CassetteError::SecretLeft { number: 1, .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains("in its URL") && text.contains("api_key"), "{text}");
    assert!(!text.contains("one=two"), "{text}");
}

#[tokio::test]
async fn a_body_that_cannot_be_looked_into_is_not_kept() {
    // Packed in a way that cannot be looked into.
    let mut request = post(URL, JSON, vec![0xff, 0x00, 0x12]);
    request.headers_mut().insert("content-encoding", HeaderValue::from_static("br"));
    let recorder = Recorder::new(Rote::json(&["{}", "{}"]), clock());
    recorder.send(get(URL)).await.unwrap();
    recorder.send(request).await.unwrap();
    let error = recorder.har("test", &Redaction::new()).unwrap_err();
    assert!(matches!(error, CassetteError::Entry { number: 2, .. }), "{error}");
    assert!(error.to_string().contains("packed as \"br\""), "{error}");
}
