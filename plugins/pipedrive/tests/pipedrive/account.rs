//! The account: its options, its credentials, and who it is connected as.

use std::sync::Arc;

use outflow_core::{Clock, Error, ErrorKind, Outflow};
use outflow_pipedrive::sandbox::PipedriveSandbox;
use outflow_sandbox::{InProcess, Sandbox, SandboxOptions};
use rstest::rstest;
use serde_json::{Value as Json, json};

use crate::rig::{BASE, PERSONS, Rig, Setup, new_person};

async fn refused(options: Json) -> Error {
    let outflow = Outflow::new().unwrap();
    outflow.account("pipedrive", &options).await.unwrap_err()
}

#[rstest]
#[case(json!({ "endpoint": BASE }), "api_token")]
#[case(json!({ "endpoint": BASE, "api_token": "" }), "api_token")]
#[case(json!({ "endpoint": BASE, "client_id": "a" }), "client_secret")]
#[case(json!({ "endpoint": BASE, "client_id": "a", "client_secret": "b" }), "refresh_token")]
#[case(json!({ "endpoint": BASE, "client_id": "a", "client_secret": "b", "refresh_token": "c", "api_token": "d" }), "api_token")]
#[case(json!({ "endpoint": BASE, "client_secret": "b", "api_token": "d" }), "api_token")]
#[case(json!({ "endpoint": "acme.pipedrive.com", "api_token": "s3cret" }), "endpoint")]
#[case(json!({ "endpoint": "http://acme.pipedrive.com", "api_token": "s3cret" }), "endpoint")]
#[case(json!({ "endpoint": "http://localhost.evil.example", "api_token": "s3cret" }), "endpoint")]
#[case(json!({ "api_token": "s3cret" }), "endpoint")]
#[case(json!({ "endpoint": BASE, "api_token": "s3cret", "plan": "gold" }), "plan")]
#[case(json!({ "endpoint": BASE, "api_token": "s3cret", "seats": 0 }), "seats")]
#[case(json!({ "endpoint": BASE, "api_token": "s3cret", "company": "acme" }), "company")]
#[tokio::test]
async fn a_wrong_option_is_named_and_no_secret_shown(#[case] options: Json, #[case] option: &str) {
    let error = refused(options).await;
    assert_eq!(*error.kind(), ErrorKind::Configuration);
    assert_eq!(error.field(), Some(option), "{error}");
    assert!(!format!("{error} {error:?}").contains("s3cret"));
}

#[tokio::test]
async fn the_options_are_described() {
    let outflow = Outflow::new().unwrap();
    let plugin = outflow.registry().connection(PERSONS).unwrap();
    let options = plugin.app_options();
    let option = |name: &str| options.iter().find(|option| option.name == name).unwrap();
    assert!(option("endpoint").required && !option("endpoint").secret);
    for secret in ["api_token", "client_secret", "refresh_token"] {
        assert!(option(secret).secret && !option(secret).required, "{secret}");
    }
    assert_eq!(option("plan").default, Some(json!("lite")));
    assert_eq!(option("plan").values, ["lite", "growth", "premium", "ultimate"]);
    assert_eq!(option("seats").default, Some(json!(1)));
    let mut names: Vec<String> = plugin.connection_options().into_iter().map(|option| option.name).collect();
    names.sort();
    assert_eq!(names, ["contact_label", "group_field", "group_filters"]);
}

#[rstest]
#[case(BASE)]
#[case("https://acme.pipedrive.com/")]
#[case(" HTTPS://ACME.pipedrive.com/api/v1 ")]
#[case("https://acme.pipedrive.com/api/v2/")]
#[case("https://acme.pipedrive.com/v1")]
#[tokio::test(start_paused = true)]
async fn the_endpoint_is_taken_as_people_paste_it(#[case] endpoint: &str) {
    let sandbox = Arc::new(PipedriveSandbox::new(SandboxOptions::default()));
    let transport = InProcess::new().with(BASE, Arc::clone(&sandbox) as _);
    let outflow = Outflow::new().unwrap().with_transport(transport);
    let mut options = sandbox.account(BASE);
    options["endpoint"] = json!(endpoint);
    let account = outflow.account("pipedrive", &options).await.unwrap();
    let who = account.test().await.unwrap();
    assert!(who.starts_with("connected as "), "{who}");
    assert_eq!(sandbox.controls().log.cost(), 2);
}

#[tokio::test(start_paused = true)]
async fn lesson_30_the_token_goes_in_a_header_and_nowhere_else() {
    let rig = Rig::new().await;
    rig.export(vec![new_person(1).group("VIP")]).await;
    let options = rig.sandbox.account(BASE);
    let token = options["api_token"].as_str().unwrap();
    for exchange in rig.controls().log.exchanges() {
        assert_eq!(exchange.request_headers["x-api-token"], token);
        assert!(!exchange.query.contains(token) && !exchange.path.contains(token));
    }
    assert!(!format!("{:?}", rig.account).contains(token));
}

#[tokio::test(start_paused = true)]
async fn a_wrong_token_says_what_to_check() {
    let rig = Rig::new().await;
    let mut options = rig.sandbox.account(BASE);
    options["api_token"] = json!("wr0ng");
    let account = rig.outflow.account("pipedrive", &options).await.unwrap();
    let error = account.test().await.unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::Configuration);
    assert!(error.message().contains("unauthorized access"), "{error}");
    assert!(!format!("{error:?}").contains("wr0ng"));
}

#[tokio::test(start_paused = true)]
async fn oauth_calls_where_the_token_says_with_a_bearer_token() {
    let rig = Rig::with(Setup { oauth: true, ..Setup::default() }).await;
    let who = rig.account.test().await.unwrap();
    assert!(who.starts_with("connected as "), "{who}");
    rig.export(vec![new_person(1)]).await;
    // Who must know the address before the first call asks for no second token.
    assert_eq!(rig.calls_to("refresh token"), 1);
    for exchange in rig.controls().log.exchanges() {
        let authorization = exchange.request_headers["authorization"].to_str().unwrap();
        let scheme = if exchange.operation == "refresh token" { "Basic " } else { "Bearer " };
        assert!(authorization.starts_with(scheme));
        assert_eq!(exchange.request_headers.get_all("authorization").iter().count(), 1);
        assert!(!exchange.request_headers.contains_key("x-api-token"));
    }
    assert_eq!(rig.account.calls().by_operation.get("refresh_token"), None);
}

#[tokio::test(start_paused = true)]
async fn lesson_31_a_token_is_not_carried_to_a_foreign_host() {
    let rig = Rig::with(Setup { oauth: true, ..Setup::default() }).await;
    rig.fault(
        "refresh token",
        outflow_sandbox::FaultAction::Status {
            status: 200,
            body: json!({
                "access_token": "t0ken", "expires_in": 3600,
                "api_domain": "https://acme.pipedrive.com.evil.example",
            })
            .to_string(),
            headers: Default::default(),
        },
    );
    let error = rig.account.test().await.unwrap_err();
    assert_eq!(error.code(), Some("foreign_api_domain"), "{error}");
    assert!(!format!("{error} {error:?}").contains("t0ken"));
}

#[tokio::test(start_paused = true)]
async fn an_address_without_an_api_is_a_wrong_option() {
    let sandbox = Arc::new(PipedriveSandbox::new(SandboxOptions::default()));
    let transport = InProcess::new().with(BASE, Arc::clone(&sandbox) as _);
    let outflow = Outflow::new().unwrap().with_transport(transport);
    let mut options = sandbox.account(BASE);
    options["endpoint"] = json!("https://acme.pipedrive.com/elsewhere");
    let account = outflow.account("pipedrive", &options).await.unwrap();
    let error = account.test().await.unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::Configuration);
    assert_eq!(error.field(), Some("endpoint"));
    let persons = account.destination(PERSONS, &json!({})).unwrap();
    let done = crate::rig::Done::of(&persons, vec![new_person(1)]).await;
    assert_eq!(done.stopped().field(), Some("endpoint"));
}

#[tokio::test(start_paused = true)]
async fn an_unreachable_host_is_a_passing_failure() {
    let outflow = Outflow::new().unwrap().with_clock(Clock::system()).with_transport(InProcess::new());
    let account =
        outflow.account("pipedrive", &json!({ "endpoint": BASE, "api_token": "s3cret" })).await.unwrap();
    let error = account.test().await.unwrap_err();
    assert_eq!(error.code(), Some("unreachable"));
    let persons = account.destination(PERSONS, &json!({})).unwrap();
    let (report, outcomes) =
        persons.export_all(vec![new_person(1), new_person(2)], outflow_core::Run::default()).await;
    assert_eq!(report.outcomes.retry, 2);
    assert_eq!(outcomes.len(), 2);
}

/// Two companies in one process: the ids of one are never used in the other.
#[tokio::test(start_paused = true)]
async fn lesson_28_two_companies_share_nothing() {
    const OTHER: &str = "https://other.pipedrive.com";
    let start = || Arc::new(PipedriveSandbox::new(SandboxOptions::default()));
    let (acme, other) = (start(), start());
    other.add_many_persons(7);
    let transport = InProcess::new().with(BASE, Arc::clone(&acme) as _).with(OTHER, Arc::clone(&other) as _);
    let outflow = Outflow::new().unwrap().with_transport(transport);
    let mut ids = Vec::new();
    for (sandbox, base) in [(&acme, BASE), (&other, OTHER), (&acme, BASE)] {
        let account = outflow.account("pipedrive", &sandbox.account(base)).await.unwrap();
        let persons = account.destination(PERSONS, &json!({})).unwrap();
        let export = crate::rig::person(99).group("VIP");
        let done = crate::rig::Done::of(&persons, vec![export]).await;
        ids.push((done.names()[0], done.ids()[0]));
    }
    assert_eq!(ids, [("created", 1), ("created", 8), ("updated", 1)]);
}
