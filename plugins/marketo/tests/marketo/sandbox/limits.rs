use std::time::Duration;

use http::Method;
use outflow_core::Clock;
use outflow_marketo::sandbox::{MarketoAccount, MarketoSandbox};
use outflow_sandbox::{Fault, FaultAction, Match, Sandbox, SandboxOptions};
use rstest::rstest;
use serde_json::json;
use tokio::time::advance;

use super::caller::{Caller, error, results};

const LEADS: &str = "/rest/v1/leads.json?filterType=email&filterValues=a@example.com";

#[tokio::test(start_paused = true)]
async fn a_hundred_calls_fit_into_twenty_seconds() {
    let caller = Caller::new().await;
    for _ in 0..100 {
        results(&caller.get(LEADS).await);
    }
    let message = "Max rate limit '100' exceeded with in '20' secs";
    assert_eq!(error(&caller.get(LEADS).await), ("606".to_owned(), message.to_owned()));
    advance(Duration::from_millis(19_999)).await;
    assert_eq!(error(&caller.get(LEADS).await).0, "606");
    advance(Duration::from_millis(1)).await;
    results(&caller.get(LEADS).await);
    assert_eq!(caller.sandbox.controls().log.refusals()["rate"], 2);
}

#[tokio::test(start_paused = true)]
async fn ten_calls_at_once() {
    let caller = Caller::new().await;
    caller.sandbox.controls().set_latency(Duration::from_secs(1));
    let calls: Vec<_> = (0..11)
        .map(|_| {
            let caller = caller.clone();
            tokio::spawn(async move { caller.get(LEADS).await })
        })
        .collect();
    let mut refused = Vec::new();
    for call in calls {
        let answer = call.await.unwrap();
        if answer["success"] == false {
            refused.push(error(&answer));
        }
    }
    let message = "Concurrent access limit '10' reached";
    assert_eq!(refused, [("615".to_owned(), message.to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn the_daily_quota_comes_back_at_midnight_in_chicago() {
    let options = SandboxOptions {
        clock: Clock::starting_at("2026-11-20T05:59:00Z".parse().unwrap()),
        ..SandboxOptions::default()
    };
    let account = MarketoAccount { daily_quota: 3, ..MarketoAccount::default() };
    let mut caller = Caller::of(MarketoSandbox::with_account(&options, account)).await;
    for _ in 0..3 {
        results(&caller.get(LEADS).await);
    }
    let refused = ("607".to_owned(), "Daily quota '3' reached".to_owned());
    assert_eq!(error(&caller.get(LEADS).await), refused);
    advance(Duration::from_secs(60)).await;
    caller.log_in().await;
    let usage = results(&caller.get("/rest/v1/stats/usage.json").await);
    assert_eq!(usage[0]["date"], "2026-11-20");
    assert_eq!(usage[0]["total"], 1);
    assert_eq!(usage[0]["users"][0]["userId"], "api-user@sandbox.example");
    let week = results(&caller.get("/rest/v1/stats/usage/last7days.json").await);
    let totals: Vec<_> = week.iter().map(|day| (&day["date"], &day["total"])).collect();
    assert_eq!(totals, [(&json!("2026-11-19"), &json!(3)), (&json!("2026-11-20"), &json!(2))]);
}

#[tokio::test]
async fn a_long_uri_is_414_and_goes_as_a_post() {
    let caller = Caller::new().await;
    let emails: Vec<String> = (0..300).map(|n| format!("somebody.{n:03}@mail.example.com")).collect();
    let lead = |email: &String| json!({ "email": email });
    let made = caller.sync("createOnly", emails.iter().map(lead).collect()).await;
    assert_eq!(made.len(), 300);
    let values = emails.join(",");

    let path = format!("/rest/v1/leads.json?filterType=email&filterValues={values}");
    let request = caller.request(Method::GET, &path).body(Vec::new()).unwrap();
    let response = caller.send(request).await;
    assert_eq!(response.status().as_u16(), 414);
    assert_eq!(caller.sandbox.gate().usage().windows[0].used, 1);

    let form = [("filterType", "email"), ("filterValues", values.as_str())];
    let found = caller.post_form("/rest/v1/leads.json?_method=GET", &form).await;
    assert_eq!(results(&found).len(), 300);
    let form = [("_method", "GET"), ("filterType", "email"), ("filterValues", &values)];
    let found = caller.post_form("/rest/v1/leads.json", &form).await;
    assert_eq!(results(&found).len(), 300);
    let log = &caller.sandbox.controls().log;
    assert_eq!((log.calls_to("find leads"), log.calls_to("sync leads")), (3, 1));
}

#[tokio::test]
async fn a_body_over_a_megabyte_is_413() {
    let caller = Caller::new().await;
    for (length, status) in [(1024 * 1024, 200), (1024 * 1024 + 1, 413)] {
        let request = caller.request(Method::POST, "/rest/v1/leads.json");
        let response = caller.send(request.body(vec![b' '; length]).unwrap()).await;
        assert_eq!(response.status().as_u16(), status);
    }
}

#[rstest]
#[case::double_slash("/rest//v1/leads.json", "610")]
#[case::rest_twice("/rest/rest/v1/leads.json", "610")]
#[case::unknown("/rest/v1/nothing.json", "610")]
#[case::filter_missing("/rest/v1/leads.json?filterValues=1", "1002")]
#[case::values_missing("/rest/v1/leads.json?filterType=id", "1002")]
#[tokio::test]
async fn a_bad_get_says_why(#[case] path: &str, #[case] code: &str) {
    let caller = Caller::new().await;
    assert_eq!(error(&caller.get(path).await).0, code);
}

#[rstest]
#[case::not_json("application/json", "{", "609")]
#[case::not_a_list("application/json", r#"{"input":{}}"#, "609")]
#[case::no_input("application/json", "{}", "1002")]
#[case::empty_input("application/json", r#"{"input":[]}"#, "1002")]
#[case::form("application/x-www-form-urlencoded", "a=b", "612")]
#[case::no_type("", "{}", "612")]
#[tokio::test]
async fn a_bad_body_says_why(#[case] content_type: &str, #[case] body: &str, #[case] code: &str) {
    let caller = Caller::new().await;
    let request = caller.request(Method::POST, "/rest/v1/leads.json").header("content-type", content_type);
    let response = caller.send(request.body(body.into()).unwrap()).await;
    assert_eq!(response.status().as_u16(), 200);
    assert_eq!(error(&serde_json::from_slice(response.body()).unwrap()).0, code);
}

#[tokio::test]
async fn another_method_is_605() {
    let caller = Caller::new().await;
    let request = caller.request(Method::PUT, "/rest/v1/leads.json");
    let response = caller.send(request.body(Vec::new()).unwrap()).await;
    assert_eq!(error(&serde_json::from_slice(response.body()).unwrap()).0, "605");
}

#[tokio::test]
async fn scripted_codes_have_the_tools_own_wording() {
    let caller = Caller::new().await;
    let faults = &caller.sandbox.controls().faults;
    for (code, message) in [("611", ""), ("615", ""), ("713", "Locked")] {
        let action = FaultAction::ErrorCode { code: code.to_owned(), message: message.to_owned() };
        faults.push(Fault::new(Match::operation("find leads"), action));
    }
    let mut answers = Vec::new();
    for _ in 0..3 {
        answers.push(error(&caller.get(LEADS).await).1);
    }
    assert_eq!(answers, ["System error", "Concurrent access limit '10' reached", "Locked"]);
    faults.push(Fault::new(Match::default(), FaultAction::ExpireToken));
    assert_eq!(error(&caller.get(LEADS).await).0, "602");
}

#[tokio::test(start_paused = true)]
async fn the_request_id_tells_the_servers_clock() {
    let options = SandboxOptions {
        clock: Clock::starting_at("2021-11-23T22:57:00.001Z".parse().unwrap()),
        ..SandboxOptions::default()
    };
    let caller = Caller::of(MarketoSandbox::new(&options)).await;
    let answer = caller.get(LEADS).await;
    let id = answer["requestId"].as_str().unwrap().to_owned();
    assert!(id.ends_with("#17d4f044661"), "{id}");
}
