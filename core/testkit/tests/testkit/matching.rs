//! Which requests are one, and what is said of those that are not.

use outflow_core::http::{Request, Transport};
use outflow_testkit::{Matching, Recorder, Redaction, Replayer};

use super::wire::{Rote, body, clock, get, post, recorded, strict};

const URL: &str = "https://crm.example/people";
const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

async fn is_same(recorded_one: Request, asked: Request) -> bool {
    let har = recorded(vec![recorded_one], &Redaction::new()).await;
    let replayer = strict(&har);
    let answered = replayer.send(asked).await.is_ok();
    assert_eq!(replayer.finish().is_ok(), answered);
    answered
}

#[tokio::test]
async fn what_says_the_same_is_the_same() {
    let url = |query: &str| get(&format!("{URL}?{query}"));
    assert!(is_same(url("a=1&b=2"), url("b=2&a=1")).await);
    assert!(is_same(url("q=a%20b"), url("q=a+b")).await);
    let json = |text: &str| post(URL, JSON, text);
    assert!(is_same(json(r#"{"a":1,"b":[1,2]}"#), json("{ \"b\": [1.0, 2],\n\"a\": 1 }")).await);
    assert!(is_same(post(URL, FORM, "a=1&b=%C3%A9"), post(URL, FORM, "b=%c3%a9&a=1")).await);
    assert!(is_same(multipart("one", "a,b"), multipart("two", "a,b")).await);
}

#[tokio::test]
async fn what_says_another_thing_is_another_request() {
    let url = |query: &str| get(&format!("{URL}?{query}"));
    assert!(!is_same(url("a=1"), url("a=2")).await);
    assert!(!is_same(url("a=1"), url("a=1&a=1")).await);
    assert!(!is_same(get(URL), post(URL, JSON, "")).await);
    assert!(!is_same(get(URL), get("https://evil.example/people")).await);
    assert!(!is_same(get(URL), get("https://crm.example/peoples")).await);
    let json = |text: &str| post(URL, JSON, text);
    assert!(!is_same(json(r#"{"a":0}"#), json(r#"{"a":null}"#)).await);
    assert!(!is_same(json(r#"{"a":null}"#), json("{}")).await);
    assert!(!is_same(json("[1,2]"), json("[2,1]")).await);
    assert!(!is_same(json(r#"{"id":9007199254740993}"#), json(r#"{"id":9007199254740992}"#)).await);
    let id = |last: u8| json(&format!(r#"{{"id":123456789012345678901{last}}}"#));
    assert!(is_same(id(1), id(1)).await);
    assert!(!is_same(id(1), id(2)).await);
    assert!(!is_same(post(URL, FORM, "a=1"), post(URL, FORM, "a=1&b=")).await);
    assert!(!is_same(multipart("one", "a,b"), multipart("one", "a,c")).await);
    let bytes = |bytes: &[u8]| post(URL, "application/octet-stream", bytes);
    assert!(is_same(bytes(&[0xff, 0]), bytes(&[0xff, 0])).await);
    assert!(!is_same(bytes(&[0xff, 0]), bytes(&[0xff, 1])).await);
    assert!(!is_same(with_header(get(URL), "prefer", "a"), get(URL)).await);
}

#[tokio::test]
async fn one_request_is_answered_in_recorded_order() {
    let har = recorded(vec![get(URL), get("https://crm.example/me"), get(URL)], &Redaction::new()).await;
    let replayer = strict(&har);
    assert_eq!(body(&replayer, get(URL)).await, r#"{"n":1}"#);
    assert_eq!(body(&replayer, get(URL)).await, r#"{"n":3}"#);
    assert_eq!(body(&replayer, get("https://crm.example/me")).await, r#"{"n":2}"#);
    replayer.finish().unwrap();
    let once_more = replayer.send(get(URL)).await.unwrap_err().to_string();
    assert!(once_more.contains("asked for once more than it was recorded (entries 1, 3)"), "{once_more}");
}

#[tokio::test]
async fn an_unexpected_request_is_told_with_the_nearest_and_a_diff() {
    let far = post("https://crm.example/lists", JSON, r#"{"name":"VIP"}"#);
    let near = post(URL, JSON, r#"{"email":"ada@example.com","name":"Ada"}"#);
    let har = recorded(vec![far, near], &Redaction::new()).await;
    let replayer = strict(&har);
    let asked = || post(URL, JSON, r#"{"email":"ada@example.com","name":"Eve"}"#);
    let error = replayer.send(asked()).await.unwrap_err().to_string();
    let _ = replayer.send(asked()).await;
    for part in [
        "POST /people is not in test",
        "OUTFLOW_CASSETTES=record",
        "The nearest is entry 2",
        "-  \"name\": \"Ada\"",
        "+  \"name\": \"Eve\"",
    ] {
        assert!(error.contains(part), "{part} is not in: {error}");
    }
    let report = replayer.finish().unwrap_err().to_string();
    assert!(report.contains("(2 times) POST /people"), "{report}");
    assert!(report.contains("2 of 2 recorded requests were not made"), "{report}");
    assert!(report.contains("entry 1: POST /lists"), "{report}");
}

#[tokio::test]
async fn what_is_ignored_by_name_is_not_looked_at() {
    let one = r#"{"input":[{"email":"a@example.com","at":1},{"email":"b@example.com","at":2}]}"#;
    let other = r#"{"input":[{"email":"a@example.com","at":8},{"email":"b@example.com"}]}"#;
    let har = recorded(
        vec![with_header(post(&format!("{URL}?t=1"), JSON, one), "x-request-id", "1")],
        &Redaction::new(),
    )
    .await;
    let asked = || with_header(post("http://localhost:1/people?t=2", JSON, other), "x-request-id", "2");
    let matching = Matching::strict()
        .ignore_header("X-Request-Id")
        .ignore_query_key("t")
        .ignore_json_path("$.input[*].at");
    let by_host = Replayer::new("test", &har, &Redaction::new(), &matching).unwrap();
    assert!(by_host.send(asked()).await.is_err());
    let anywhere = Replayer::new("test", &har, &Redaction::new(), &matching.ignore_host()).unwrap();
    anywhere.send(asked()).await.unwrap();
    anywhere.finish().unwrap();
    assert!(strict(&har).send(asked()).await.is_err());
}

#[tokio::test]
async fn a_rule_that_cannot_be_read_is_named() {
    let recorder = Recorder::new(Rote::json(&["{}"]), clock());
    recorder.send(get(URL)).await.unwrap();
    let har = recorder.har("test", &Redaction::new()).unwrap();
    let matching = Matching::strict().ignore_json_path("$.[");
    let error = Replayer::new("test", &har, &Redaction::new(), &matching).unwrap_err();
    assert!(error.to_string().contains(r#"the rule "$.[" is no JSON path"#), "{error}");
    let error = recorder.har("test", &Redaction::new().regex("phone", "(")).unwrap_err();
    assert!(error.to_string().contains(r#"the rule "(" is no regular expression"#), "{error}");
}

fn with_header(mut request: Request, name: &'static str, value: &str) -> Request {
    request.headers_mut().insert(name, value.parse().unwrap());
    request
}

fn multipart(boundary: &str, rows: &str) -> Request {
    let body = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"rows.csv\"\r\n\
         Content-Type: text/csv\r\n\r\n{rows}\r\n--{boundary}\r\n\
         Content-Disposition: form-data; name=\"format\"\r\n\r\ncsv\r\n--{boundary}--\r\n"
    );
    post(URL, &format!("multipart/form-data; boundary={boundary}"), body)
}
