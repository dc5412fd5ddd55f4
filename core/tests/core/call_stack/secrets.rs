//! No secret in an error, a log line or a `Debug`.

use http::HeaderName;
use outflow_core::http::{Http, Request, StaticHeader};
use outflow_core::{Clock, Error, Problem, Secret};
use rstest::rstest;

use crate::scripted::{Reply, Wire, secs};

const SECRET: &str = "s3cr3t-value";

/// Everything that could be shown of an error.
fn shown(error: &Error) -> String {
    let sources = std::iter::successors(std::error::Error::source(error), |error| error.source());
    let sources: Vec<String> = sources.map(|source| format!("{source} {source:?}")).collect();
    let problem = serde_json::to_string(&Problem::from(error)).unwrap();
    format!("{error} {error:?} {:?} {sources:?} {problem}", error.clone())
}

async fn sensitive_call(http: &Http) -> Error {
    http.post("token", &format!("https://crm.example/token?client_secret={SECRET}"))
        .form([("client_secret", SECRET)])
        .sensitive()
        .receive::<u64>()
        .await
        .unwrap_err()
}

#[rstest]
#[case::refused(Reply::new(400, format!("bad client_secret {SECRET}")))]
#[case::unauthorized(Reply::new(401, format!("bad client_secret {SECRET}")))]
#[case::unavailable(Reply::new(503, format!("bad client_secret {SECRET}")))]
#[case::redirected(Reply::new(302, "").header("location", &format!("https://x.example/{SECRET}")))]
#[case::unreadable(Reply::new(200, format!("<html>{SECRET}</html>")))]
#[case::quoted_by_serde(Reply::new(200, format!("{SECRET:?}")))]
#[case::lost(Reply::broken())]
#[case::not_sent(Reply::not_sent())]
#[case::late(Reply::ok().after(secs(100)))]
#[tokio::test(start_paused = true)]
async fn an_error_of_a_sensitive_call_shows_neither_url_nor_bodies(#[case] reply: Reply) {
    let wire = Wire::replies(&Clock::system(), [reply]);
    let error = sensitive_call(&wire.http()).await;
    assert!(!shown(&error).contains(SECRET), "{}", shown(&error));
    assert!(!shown(&error).contains("crm.example"), "{}", shown(&error));
    assert!(error.message().contains("token"), "the operation is named: {error}");
}

#[tokio::test(start_paused = true)]
async fn an_error_of_a_common_call_says_what_the_answer_was() {
    let wire = Wire::replies(&Clock::system(), [Reply::new(200, r#""text""#)]);
    let call = wire.http().get("find", "https://crm.example/people");
    let error = call.receive::<u64>().await.unwrap_err();
    assert!(shown(&error).contains("text"), "{}", shown(&error));
}

#[tokio::test(start_paused = true)]
async fn a_sensitive_url_that_is_none_is_not_shown() {
    let wire = Wire::replies(&Clock::system(), []);
    let call = wire.http().get("token", &format!("crm.example?secret={SECRET}"));
    let error = call.sensitive().send().await.unwrap_err();
    assert!(!shown(&error).contains(SECRET), "{}", shown(&error));
}

#[tokio::test(start_paused = true)]
async fn debug_of_a_call_shows_neither_body_nor_headers() {
    let wire = Wire::replies(&Clock::system(), []);
    let http = wire.http();
    let call = http
        .post("create", "https://crm.example/people")
        .header(HeaderName::from_static("x-key"), SECRET.parse().unwrap())
        .json(&SECRET);
    let shown = format!("{call:?}");
    assert!(!shown.contains(SECRET), "{shown}");
    assert!(shown.contains("create") && shown.contains("crm.example/people"), "{shown}");

    let call = http.get("token", &format!("https://crm.example/?secret={SECRET}")).sensitive();
    assert!(!format!("{call:?}").contains(SECRET), "{call:?}");
}

#[tokio::test(start_paused = true)]
async fn debug_of_a_request_and_of_the_stack_hides_credentials() {
    let wire = Wire::replies(&Clock::system(), []);
    let name = HeaderName::from_static("x-api-token");
    let http = wire.http().with_auth(StaticHeader::new(name.clone(), Secret::new(SECRET)));
    http.get("find", "https://crm.example/people").send().await.unwrap();

    let request: &Request = &wire.sent()[0].request;
    assert_eq!(request.headers()[&name], SECRET, "it was sent");
    assert!(!format!("{request:?}").contains(SECRET), "{request:?}");
    assert!(!format!("{http:?}").contains(SECRET), "{http:?}");
    let credential = StaticHeader::new(name, Secret::new(SECRET));
    assert!(!format!("{credential:?}").contains(SECRET));
}

#[tokio::test(start_paused = true)]
async fn a_credential_no_header_can_carry_is_not_shown() {
    let wire = Wire::replies(&Clock::system(), []);
    let name = HeaderName::from_static("x-api-token");
    let secret = Secret::new(format!("{SECRET}\n"));
    let http = wire.http().with_auth(StaticHeader::new(name, secret));
    let error = http.get("find", "https://crm.example/people").send().await.unwrap_err();
    assert!(error.message().contains("line breaks"), "{error}");
    assert!(!shown(&error).contains(SECRET), "{}", shown(&error));
    assert!(wire.sent().is_empty());
}
