//! Limits: bursts, searches, the tokens of a day, and what becomes of those who do not
//! heed them.

use bytes::Bytes;
use http::Method;
use outflow_pipedrive::sandbox::Plan;
use outflow_sandbox::Sandbox;
use serde_json::json;

use super::client::{Client, HOST};
use super::scenario::scenarios;

scenarios![
    a_burst_is_cut_at_the_plans_limit,
    searches_are_counted_apart,
    oauth_apps_may_send_four_times_as_many,
    the_tokens_of_a_day_run_out_and_come_back_at_midnight,
    who_carries_on_is_locked_out,
    without_limits_calls_are_only_counted,
];

const MORNING: &str = "2026-11-20T09:00:00Z";
const ONE: &str = "/api/v1/users/me";

async fn a_burst_is_cut_at_the_plans_limit() -> Client {
    let mut last = None;
    for (plan, burst) in [(Plan::Lite, 20), (Plan::Growth, 40), (Plan::Premium, 100), (Plan::Ultimate, 120)] {
        let client = Client::limited(plan, MORNING);
        for sent in 1..=burst {
            let answer = client.get(ONE).await;
            assert_eq!(answer.status, 200);
            assert_eq!(answer.header("x-ratelimit-limit"), Some(burst));
            assert_eq!(answer.header("x-ratelimit-remaining"), Some(burst - sent));
            assert_eq!(answer.header("x-ratelimit-reset"), Some(2));
        }
        let refused = client.get(ONE).await;
        assert_eq!(refused.status, 429);
        assert_eq!(refused.body["errorCode"], 429);
        assert_eq!(refused.header("x-ratelimit-remaining"), Some(0));
        assert_ne!(refused.header("x-daily-ratelimit-token-remaining"), Some(0));
        client.wait(refused.header("x-ratelimit-reset").unwrap()).await;
        assert_eq!(client.get(ONE).await.status, 200);
        assert_eq!(client.sandbox.controls().log.refusals().get("burst"), Some(&1));
        last = Some(client);
    }
    last.unwrap()
}

async fn searches_are_counted_apart() -> Client {
    let client = Client::limited(Plan::Ultimate, MORNING);
    let search = "/api/v2/persons/search?term=ab";
    for _ in 0..10 {
        assert_eq!(client.get(search).await.status, 200);
    }
    let refused = client.get(search).await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.header("x-ratelimit-limit"), Some(10));
    let other = client.get(ONE).await;
    assert_eq!(other.status, 200);
    assert_eq!(other.header("x-ratelimit-remaining"), Some(119), "searches took nothing of it");
    client.wait(2).await;
    assert_eq!(client.get(search).await.status, 200);
    client
}

async fn oauth_apps_may_send_four_times_as_many() -> Client {
    let client = Client::limited(Plan::Lite, MORNING);
    let account = client.sandbox.oauth_account(HOST);
    let text = |name: &str| account[name].as_str().unwrap().to_owned();
    let request = http::Request::post(text("token_url"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::new())
        .unwrap();
    assert_eq!(client.send(request).await.status, 401, "no client");
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "refresh_token")
        .append_pair("refresh_token", &text("refresh_token"))
        .finish();
    let basic = super::access::base64_of(&format!("{}:{}", text("client_id"), text("client_secret")));
    let request = http::Request::post(text("token_url"))
        .header("authorization", format!("Basic {basic}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::from(form))
        .unwrap();
    let granted = client.send(request).await;
    let bearer = format!("Bearer {}", granted.body["access_token"].as_str().unwrap());
    let headers = [("authorization", bearer.as_str())];
    for _ in 0..80 {
        assert_eq!(client.call_as(Method::GET, ONE, None, &headers).await.status, 200);
    }
    let refused = client.call_as(Method::GET, ONE, None, &headers).await;
    assert_eq!((refused.status, refused.header("x-ratelimit-limit")), (429, Some(80)));
    assert_eq!(client.get(ONE).await.status, 200, "the API token has its own");
    client
}

async fn the_tokens_of_a_day_run_out_and_come_back_at_midnight() -> Client {
    let client = Client::limited(Plan::Lite, "2026-11-20T23:59:00Z");
    let created = client.post("/api/v2/persons", json!({ "name": "Jane" })).await;
    assert_eq!(created.header("x-daily-ratelimit-token-limit"), Some(30_000));
    assert_eq!(created.header("x-daily-ratelimit-token-remaining"), Some(29_995));
    assert_eq!(created.header("x-daily-requests-left"), Some(9_999));
    let listed = client.get("/api/v2/persons").await;
    assert_eq!(listed.header("x-daily-ratelimit-token-remaining"), Some(29_985));
    assert_eq!(listed.header("x-daily-requests-left"), None, "only writes tell");
    client.sandbox.spend_tokens(29_981);
    assert_eq!(client.get("/api/v2/persons/1").await.status, 200);
    let refused = client.post("/api/v2/persons", json!({ "name": "Joan" })).await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.header("x-daily-ratelimit-token-remaining"), Some(0));
    assert_eq!(client.sandbox.controls().log.refusals().get("daily"), Some(&1));
    client.wait(60).await;
    let created = client.post("/api/v2/persons", json!({ "name": "Joan" })).await;
    assert_eq!(created.header("x-daily-ratelimit-token-remaining"), Some(29_995));
    client
}

async fn who_carries_on_is_locked_out() -> Client {
    let client = Client::limited(Plan::Lite, MORNING);
    let mut statuses = Vec::new();
    for _ in 0..121 {
        statuses.push(client.get(ONE).await.status);
    }
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 20);
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 100);
    let blocked = client.get(ONE).await;
    assert_eq!(blocked.status, 403);
    assert!(blocked.text.contains("Cloudflare"));
    assert_eq!(blocked.headers["content-type"].to_str().unwrap(), "text/html; charset=UTF-8");
    client.wait(59).await;
    assert_eq!(client.get(ONE).await.status, 403, "waiting out a burst is not enough");
    client.wait(1).await;
    assert_eq!(client.get(ONE).await.status, 200);
    client
}

async fn without_limits_calls_are_only_counted() -> Client {
    let client = Client::new();
    for _ in 0..200 {
        assert_eq!(client.get(ONE).await.status, 200);
    }
    let log = &client.sandbox.controls().log;
    assert_eq!((log.calls(), log.cost(), log.refused()), (200, 400, 0));
    client
}
