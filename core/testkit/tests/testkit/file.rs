//! What a recording looks like, and what of an exchange it keeps.

use std::time::Duration;

use async_trait::async_trait;
use http::{HeaderValue, StatusCode};
use outflow_core::http::{Http, Request, Response, RetryPolicy, Transport, TransportError};
use outflow_core::{Limiter, Limits};
use outflow_testkit::{Recorder, Redaction};
use serde_json::{Value as Json, json};

use super::wire::{Rote, body, clock, get, json as json_of, post, strict, with_type};

const URL: &str = "https://crm.example/people";

fn read(har: &str) -> Json {
    serde_json::from_str(har).unwrap()
}

#[tokio::test(start_paused = true)]
async fn it_is_a_har_for_people_and_viewers() {
    let recorder = Recorder::new(Rote::json(&[r#"{"id":1}"#]), clock());
    let mut request = post(&format!("{URL}?b=2&a=1"), "application/json", r#"{"name":"Ada"}"#);
    request.headers_mut().insert("accept", HeaderValue::from_static("*/*"));
    recorder.send(request).await.unwrap();
    let har = recorder.har("test", &Redaction::new()).unwrap();
    assert!(har.starts_with("{\n  \"log\": {\n    \"version\": \"1.2\",\n"), "{har}");
    assert!(har.ends_with("}\n"));
    let entry = &read(&har)["log"]["entries"][0];
    assert_eq!(entry["startedDateTime"], "2026-11-14T22:00:00.000Z");
    assert_eq!(
        entry["request"],
        json!({
            "method": "POST",
            "url": format!("{URL}?b=2&a=1"),
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": [
                { "name": "accept", "value": "*/*" },
                { "name": "content-type", "value": "application/json" },
            ],
            "queryString": [{ "name": "b", "value": "2" }, { "name": "a", "value": "1" }],
            "postData": { "mimeType": "application/json", "text": r#"{"name":"Ada"}"# },
            "headersSize": -1,
            "bodySize": 14,
        })
    );
    assert_eq!(
        entry["response"],
        json!({
            "status": 200,
            "statusText": "OK",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": [{ "name": "content-type", "value": "application/json" }],
            "content": { "size": 8, "mimeType": "application/json", "text": r#"{"id":1}"# },
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": -1,
        })
    );
    for name in ["cache", "timings", "time"] {
        assert!(!entry[name].is_null(), "{name} is required");
    }
}

#[tokio::test]
async fn every_kind_of_answer_comes_back_as_it_was() {
    let mut limited = with_type("text/html", b"<h1>wait</h1>");
    *limited.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    limited.headers_mut().insert("retry-after", HeaderValue::from_static("7"));
    for cookie in ["a=1", "b=2"] {
        limited.headers_mut().append("x-several", HeaderValue::from_static(cookie));
    }
    let answers = [
        Ok(limited),
        Ok(with_type("image/png", &[0x89, 0xff, 0x00])),
        Ok(Response::default()),
        Err(TransportError::NotSent("no connection".to_owned())),
        Err(TransportError::NoAnswer("reset".to_owned())),
    ];
    let recorder = Recorder::new(Rote::of(answers), clock());
    for n in 0..5 {
        let _ = recorder.send(get(&format!("{URL}/{n}"))).await;
    }
    let har = recorder.har("test", &Redaction::new()).unwrap();
    let replayer = strict(&har);
    let mut replayed = Vec::new();
    for n in 0..5 {
        replayed.push(replayer.send(get(&format!("{URL}/{n}"))).await);
    }
    let limited = replayed[0].as_ref().unwrap();
    assert_eq!(limited.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(limited.headers()["retry-after"], "7");
    assert_eq!(limited.headers().get_all("x-several").iter().count(), 2);
    assert_eq!(replayed[1].as_ref().unwrap().body().as_ref(), [0x89, 0xff, 0x00]);
    assert!(replayed[2].as_ref().unwrap().body().is_empty());
    assert!(matches!(&replayed[3], Err(TransportError::NotSent(text)) if text == "no connection"));
    assert!(matches!(&replayed[4], Err(TransportError::NoAnswer(text)) if text == "reset"));
    replayer.finish().unwrap();
}

/// Answers after an hour.
struct Slow;

#[async_trait]
impl Transport for Slow {
    async fn send(&self, _: Request) -> Result<Response, TransportError> {
        tokio::time::sleep(Duration::from_secs(3_600)).await;
        Ok(json_of("{}"))
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_nobody_waited_for_has_no_answer_in_the_replay_either() {
    let recorder = Recorder::new(Slow, clock());
    let waited = tokio::time::timeout(Duration::from_secs(60), recorder.send(get(URL))).await;
    assert!(waited.is_err());
    let har = recorder.har("test", &Redaction::new()).unwrap();
    assert_eq!(read(&har)["log"]["entries"][0]["time"], 60_000.0);
    let error = strict(&har).send(get(URL)).await.unwrap_err();
    assert!(matches!(error, TransportError::NoAnswer(_)), "{error}");
}

#[tokio::test]
async fn a_call_names_its_operation_and_a_sensitive_one_is_not_shown() {
    let recorder = Recorder::new(Rote::json(&["{}"]), clock());
    recorder.send(get(&format!("{URL}?key=1"))).await.unwrap();
    let replayer = std::sync::Arc::new(strict(&recorder.har("test", &Redaction::new()).unwrap()));
    let no_retry = RetryPolicy { throttle_patience: Duration::ZERO, ..RetryPolicy::default() };
    let clock = clock();
    let http = Http::new(replayer.clone(), Limiter::new(Limits::none(), clock.clone()), no_retry, clock);
    let call = http.get("find_people", URL).query("key", "very-hidden").sensitive();
    let error = call.send().await.unwrap_err().to_string();
    assert!(error.contains("find_people") && error.contains("differ in: query"), "{error}");
    assert!(!error.contains("very-hidden") && !error.contains("/people"), "{error}");
    let report = replayer.finish().unwrap_err().to_string();
    assert!(!report.contains("very-hidden"), "{report}");
}

#[tokio::test]
async fn large_bodies_and_many_entries_are_kept_whole() {
    let big = format!("{{\"text\":\"{}\"}}", "é".repeat(200_000));
    let bodies: Vec<&str> = (0..250).map(|_| big.as_str()).take(1).chain(["{}"; 249]).collect();
    let recorder = Recorder::new(Rote::json(&bodies), clock());
    for n in 0..250 {
        recorder.send(get(&format!("{URL}/{n}"))).await.unwrap();
    }
    let replayer = strict(&recorder.har("test", &Redaction::new()).unwrap());
    assert_eq!(body(&replayer, get(&format!("{URL}/0"))).await, big);
    for n in (1..250).rev() {
        assert_eq!(body(&replayer, get(&format!("{URL}/{n}"))).await, "{}");
    }
    replayer.finish().unwrap();
}
