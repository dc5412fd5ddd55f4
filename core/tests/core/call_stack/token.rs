//! Credentials: one refresh however many ask, one replay, no loop.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use futures::future::join_all;
use http::HeaderName;
use jiff::SignedDuration;
use outflow_core::http::{Authorize, Http, StaticHeader, Token};
use outflow_core::{Clock, ErrorKind, Limits, Result, Scope, Secret};
use rstest::rstest;
use serde::Deserialize;

use super::URL;
use crate::scripted::{Reply, Sent, Wire, millis, secs};

/// Client credentials, as Marketo has them.
struct ClientCredentials;

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: i64,
}

#[async_trait]
impl Authorize for ClientCredentials {
    async fn token(&self, http: &Http) -> Result<Token> {
        let granted: Granted = http
            .post("token", "https://crm.example/token")
            .form([("client_secret", "s3cret")])
            .sensitive()
            .uncounted()
            .receive()
            .await?;
        let lives = SignedDuration::from_secs(granted.expires_in);
        Ok(Token { value: Secret::new(granted.access_token), expires_at: Some(http.clock().now() + lives) })
    }
}

fn granted(token: &str, expires_in: i64) -> Reply {
    Reply::new(200, format!(r#"{{"access_token":"{token}","expires_in":{expires_in}}}"#))
}

/// A tool that hands out `t0`, `t1`, …, each for an hour, and takes those from `valid` on.
struct Tool {
    wire: Wire,
    valid: Arc<AtomicU64>,
}

fn tool(clock: &Clock) -> Tool {
    let valid = Arc::new(AtomicU64::new(0));
    let accepted = Arc::clone(&valid);
    let mut tokens = 0;
    let wire = Wire::new(clock, move |_, request| {
        if request.uri().path() == "/token" {
            tokens += 1;
            return granted(&format!("t{}", tokens - 1), 3600).after(millis(200));
        }
        let bearer = request.headers()["authorization"].to_str().unwrap();
        let nth: u64 = bearer.strip_prefix("Bearer t").unwrap().parse().unwrap();
        if nth < accepted.load(Ordering::Relaxed) {
            return Reply::new(401, "token expired").after(millis(100));
        }
        Reply::ok().after(millis(100))
    });
    Tool { wire, valid }
}

impl Tool {
    fn http(&self) -> Http {
        self.wire.http().with_auth(ClientCredentials)
    }

    /// The tool takes no token older than this one.
    fn expire_before(&self, token: u64) {
        self.valid.store(token, Ordering::Relaxed);
    }
}

fn bearers(sent: &[Sent]) -> Vec<&str> {
    let values = sent.iter().flat_map(|sent| sent.header("authorization"));
    values.map(|value| value.trim_start_matches("Bearer ")).collect()
}

#[tokio::test(start_paused = true)]
async fn a_token_is_fetched_once_and_goes_with_every_call() {
    let tool = tool(&Clock::system());
    let http = tool.http();
    join_all((0..50).map(|_| http.get("find", URL).send())).await;
    assert_eq!(tool.wire.sent_to("/token").len(), 1);
    let calls = tool.wire.sent_to("/people");
    assert_eq!(bearers(&calls), ["t0"; 50]);
    assert!(calls[0].request.headers()["authorization"].is_sensitive());
    assert_eq!(http.meter().counts().total, 50, "token calls are not counted");
}

/// Lessons 22 and 23: the replay must be the request, with one Authorization value.
#[tokio::test(start_paused = true)]
async fn an_expired_token_is_replaced_and_the_same_request_replayed() {
    let tool = tool(&Clock::system());
    let http = tool.http();
    http.get("find", URL).send().await.unwrap();
    tool.expire_before(1);

    let body = serde_json::json!({ "email": "ada@example.com" });
    http.post("create", URL).query("a", "b").json(&body).send().await.unwrap();

    let calls = tool.wire.sent_to("/people");
    assert_eq!(bearers(&calls), ["t0", "t0", "t1"]);
    let [refused, replayed] = [&calls[1].request, &calls[2].request];
    assert_eq!(refused.method(), replayed.method());
    assert_eq!(refused.uri(), replayed.uri());
    assert_eq!(refused.body(), replayed.body());
    assert_eq!(replayed.body(), body.to_string().as_str());
    assert_eq!(calls[2].header("authorization"), ["Bearer t1"]);
    assert_eq!(calls[2].header("content-type"), ["application/json"]);
    assert_eq!(tool.wire.sent_to("/token").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn fifty_callers_refused_with_one_token_refresh_it_once() {
    let tool = tool(&Clock::system());
    let http = tool.http();
    http.get("find", URL).send().await.unwrap();
    tool.expire_before(1);

    let call = |nth: u64| {
        let (http, clock) = (&http, http.clock());
        async move {
            // Some are refused while others refresh already, or long after.
            clock.sleep(millis(nth * 7)).await;
            http.get("find", URL).send().await
        }
    };
    let answers = join_all((0..50).map(call)).await;

    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(tool.wire.sent_to("/token").len(), 2);
    let calls = tool.wire.sent_to("/people");
    let bearers = bearers(&calls);
    let with_new = bearers.iter().filter(|bearer| **bearer == "t1").count();
    assert_eq!(with_new, 50, "each caller once: {bearers:?}");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_comes_late_does_not_throw_the_new_token_away() {
    let clock = Clock::system();
    let wire = Wire::new(&clock, |nth, request| {
        match (request.uri().path(), request.headers().get("authorization")) {
            ("/token", _) => granted(if nth == 0 { "old" } else { "new" }, 3600),
            (_, Some(bearer)) if bearer == "Bearer new" => Reply::ok(),
            ("/slow", _) => Reply::new(401, "").after(secs(30)),
            _ => Reply::new(401, ""),
        }
    });
    let http = wire.http().with_auth(ClientCredentials);
    let slow = http.get("find", "https://crm.example/slow").send();
    let (slow, quick) = tokio::join!(slow, http.get("find", URL).send());
    assert!(slow.is_ok() && quick.is_ok());
    assert_eq!(wire.sent_to("/token").len(), 2);
    assert_eq!(bearers(&wire.sent_to("/slow")), ["old", "new"]);
}

#[tokio::test(start_paused = true)]
async fn a_second_refusal_is_an_error_of_configuration() {
    let tool = tool(&Clock::system());
    tool.expire_before(u64::MAX);
    let error = tool.http().get("find", URL).send().await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Configuration);
    assert_eq!(error.scope(), Scope::Destination);
    assert_eq!(error.code(), Some("401"));
    assert!(error.message().contains("refuses the account's credentials"));
    assert_eq!(tool.wire.sent_to("/people").len(), 2);
    assert_eq!(tool.wire.sent_to("/token").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_call_can_outlive_several_tokens() {
    let clock = Clock::system();
    let tool = tool(&clock);
    let http = tool.http();
    for hour in 0..3 {
        http.get("find", URL).send().await.unwrap();
        clock.sleep(secs(3_600)).await;
        assert_eq!(tool.wire.sent_to("/token").len(), hour + 1);
    }
    assert_eq!(bearers(&tool.wire.sent_to("/people")), ["t0", "t1", "t2"]);
}

/// Lesson 24: some tools hand out the same token until it is really dead.
#[tokio::test(start_paused = true)]
async fn a_token_about_to_expire_is_waited_out_and_asked_for_again() {
    let clock = Clock::system();
    let wire = Wire::replies(&clock, [granted("old", 3), granted("new", 3600)]);
    let http = wire.http().with_auth(ClientCredentials);
    join_all((0..10).map(|_| http.get("find", URL).send())).await;
    assert_eq!(wire.sent_to("/token").iter().map(|sent| sent.at).collect::<Vec<_>>(), [secs(0), secs(4)]);
    assert_eq!(bearers(&wire.sent_to("/people")), ["new"; 10]);
}

#[rstest]
#[case(0)]
#[case(-60)]
#[tokio::test(start_paused = true)]
async fn a_token_that_never_lives_does_not_loop(#[case] expires_in: i64) {
    let clock = Clock::system();
    let wire = Wire::new(&clock, move |_, request| match request.uri().path() {
        "/token" => granted("dead", expires_in),
        _ => Reply::ok(),
    });
    let http = wire.http().with_auth(ClientCredentials);
    join_all((0..50).map(|_| http.get("find", URL).send())).await;
    // It is used for want of a better one; whoever waited for it does not fetch again.
    assert_eq!(wire.sent_to("/token").len(), 3);
    assert_eq!(wire.sent_to("/people").len(), 50);
    assert!(clock.elapsed() < secs(5), "{:?}", clock.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_token_call_that_fails_fails_all_who_wait_for_it() {
    let clock = Clock::system();
    let wire = Wire::new(&clock, |_, _| Reply::new(503, "identity is down").after(millis(200)));
    let http = wire.http().with_auth(ClientCredentials);
    let errors = join_all((0..50).map(|_| http.get("find", URL).send())).await;
    for error in errors {
        let error = error.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Unavailable { .. }), "{error:?}");
        assert!(error.message().starts_with("no access token"), "{error}");
    }
    // The token call is a POST nobody said can be repeated: one attempt, for all of them.
    assert_eq!(wire.sent().len(), 1);

    // Who comes later tries anew.
    http.get("find", URL).send().await.unwrap_err();
    assert_eq!(wire.sent().len(), 2);
}

/// The call that needs the token was never sent: nothing about it is unknown, no record
/// of it refused or gone.
#[rstest]
#[case::lost(Reply::broken(), "unavailable")]
#[case::cut_short(Reply::new(200, "{"), "unavailable")]
#[case::wrong_secret(Reply::new(401, "invalid_client"), "configuration")]
#[case::bad_request(Reply::new(400, "invalid_grant"), "configuration")]
#[case::no_such_endpoint(Reply::new(404, ""), "configuration")]
#[case::too_large(Reply::new(413, ""), "configuration")]
#[case::forbidden(Reply::new(403, ""), "configuration")]
#[tokio::test(start_paused = true)]
async fn a_failed_token_call_says_nothing_of_the_write(#[case] reply: Reply, #[case] kind: &str) {
    let wire = Wire::replies(&Clock::system(), [reply]);
    let http = wire.http().with_auth(ClientCredentials);
    let error = http.post("create", URL).send().await.unwrap_err();
    assert_eq!(error.kind().name(), kind, "{error}");
    if kind == "configuration" {
        assert_eq!(error.scope(), Scope::Destination);
    }
    assert_eq!(wire.sent().len(), 1, "nothing but the token call went out");
    assert!(wire.sent_to("/people").is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_fixed_credential_that_is_refused_is_not_tried_again() {
    let wire = Wire::new(&Clock::system(), |_, _| Reply::new(401, ""));
    let name = HeaderName::from_static("x-api-token");
    let http = wire.http().with_auth(StaticHeader::new(name, Secret::new("fixed")));
    let error = http.get("find", URL).send().await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Configuration);
    let sent = wire.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].header("x-api-token"), ["fixed"]);
    assert!(sent[0].request.headers()["x-api-token"].is_sensitive());
}

#[tokio::test(start_paused = true)]
async fn a_call_without_credentials_has_none() {
    let wire = Wire::replies(&Clock::system(), []);
    let http = wire.http().with_auth(ClientCredentials);
    http.get("ping", URL).unauthorized().send().await.unwrap();
    assert_eq!(wire.sent().len(), 1);
    assert!(wire.sent()[0].header("authorization").is_empty());
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_token_takes_no_place_in_the_limits() {
    let clock = Clock::system();
    let wire = Wire::new(&clock, |_, request| match request.uri().path() {
        "/token" => granted("t", 3600).after(secs(30)),
        _ => Reply::ok(),
    });
    let limited = wire.limited(Limits::none().window(1, secs(10)).in_flight(1));
    let http = limited.with_auth(ClientCredentials);
    let other = async {
        let call = http.get("ping", "https://crm.example/ping");
        call.unauthorized().send().await.unwrap();
        clock.elapsed()
    };
    let (first, other_at) = tokio::join!(http.get("find", URL).send(), other);
    first.unwrap();
    assert_eq!(other_at, Duration::ZERO);
    assert_eq!(clock.elapsed(), secs(30));
}
