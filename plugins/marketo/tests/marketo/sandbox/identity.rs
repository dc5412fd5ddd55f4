use std::time::Duration;

use http::Method;
use http::header::CONTENT_TYPE;
use rstest::rstest;
use serde_json::Value;
use tokio::time::advance;

use super::caller::{Caller, TOKEN, error};

const LEADS: &str = "/rest/v1/leads.json?filterType=email&filterValues=a@example.com";

#[tokio::test(start_paused = true)]
async fn whoever_asks_again_gets_the_same_token_with_what_is_left_of_it() {
    let caller = Caller::new().await;
    let first = caller.get(TOKEN).await;
    assert_eq!(first["expires_in"], 3600);
    assert_eq!(first["token_type"], "bearer");
    assert_eq!(first["scope"], "api-user@sandbox.example");
    advance(Duration::from_millis(75_500)).await;
    let again = caller.get(TOKEN).await;
    assert_eq!(again["access_token"], first["access_token"]);
    assert_eq!(again["expires_in"], 3524);
}

#[tokio::test(start_paused = true)]
async fn a_token_about_to_expire_has_zero_seconds_left() {
    let mut caller = Caller::new().await;
    advance(Duration::from_millis(3_599_500)).await;
    assert_eq!(caller.log_in().await, 0);
    assert_eq!(caller.get(LEADS).await["success"], true);
    advance(Duration::from_millis(500)).await;
    assert_eq!(error(&caller.get(LEADS).await).0, "602");
    assert_eq!(caller.log_in().await, 3600);
    assert_eq!(caller.get(LEADS).await["success"], true);
}

#[tokio::test]
async fn a_token_can_be_asked_for_by_post() {
    let caller = Caller::new().await;
    let path = TOKEN.split('?').next().unwrap();
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", "sandbox-client-id"),
        ("client_secret", "sandbox-client-secret"),
    ];
    let by_form = caller.post_form(path, &form).await;
    assert_eq!(by_form["access_token"], caller.get(TOKEN).await["access_token"]);
    let by_query = caller.post(TOKEN, &Value::Null).await;
    assert_eq!(by_query["access_token"], by_form["access_token"]);
}

#[rstest]
#[case::id("sandbox-client-id", "other", 401, "unauthorized")]
#[case::secret("sandbox-client-secret", "other", 401, "invalid_client")]
#[case::grant("client_credentials", "password", 400, "unsupported_grant_type")]
#[case::no_grant("grant_type", "grant", 400, "invalid_request")]
#[tokio::test]
async fn wrong_credentials_are_refused(
    #[case] right: &str,
    #[case] wrong: &str,
    #[case] status: u16,
    #[case] code: &str,
) {
    let caller = Caller::new().await;
    let request = caller.request(Method::GET, &TOKEN.replacen(right, wrong, 1));
    let response = caller.send(request.body(Vec::new()).unwrap()).await;
    assert_eq!(response.status().as_u16(), status);
    let body: Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(body["error"], code);
}

#[tokio::test]
async fn tokens_are_checked() {
    let mut caller = Caller::new().await;
    caller.sandbox.expire_token();
    let expired = caller.get(LEADS).await;
    assert_eq!(error(&expired), ("602".to_owned(), "Access token expired".to_owned()));
    caller.log_in().await;
    caller.sandbox.revoke_token();
    let revoked = caller.get(LEADS).await;
    assert_eq!(error(&revoked), ("601".to_owned(), "Access token invalid".to_owned()));
    caller.use_token("");
    let empty = caller.get(&format!("{LEADS}&access_token=x")).await;
    assert_eq!(error(&empty), ("600".to_owned(), "Empty access token".to_owned()));
}

#[tokio::test]
async fn refused_tokens_and_calls_for_tokens_are_not_counted() {
    let mut caller = Caller::new().await;
    caller.use_token("stale");
    caller.get(LEADS).await;
    caller.get(TOKEN).await;
    let usage = caller.sandbox.gate().usage();
    assert_eq!((usage.windows[0].used, usage.daily.unwrap().used), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn the_lifetime_of_new_tokens_can_be_set() {
    let mut caller = Caller::new().await;
    caller.sandbox.set_token_lifetime(Duration::from_secs(5));
    caller.sandbox.expire_token();
    assert_eq!(caller.log_in().await, 5);
}

#[tokio::test]
async fn answers_are_json_in_utf8() {
    let caller = Caller::new().await;
    let request = caller.request(Method::GET, LEADS);
    let response = caller.send(request.body(Vec::new()).unwrap()).await;
    assert_eq!(response.headers()[CONTENT_TYPE], "application/json;charset=UTF-8");
}
