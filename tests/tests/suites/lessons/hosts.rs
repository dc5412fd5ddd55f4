//! Credentials go to the host they belong to, and to no other.

use outflow_core::ErrorKind;
use outflow_sandbox::{FaultAction, Match};
use rstest::rstest;
use serde_json::json;

use crate::model::trouble::status;
use crate::world::{Kind, Setup, Tool, Watched, World};

/// Looks like the tool's host to who does not compare it whole, or is no safe way there.
const NOT_THE_HOST: [&str; 9] = [
    "http://acme.pipedrive.com",
    "http://123-abc-456.mktorest.com/rest",
    "http://localhost.evil.example",
    "http://127.0.0.1.evil.example",
    "http://evil.example/localhost",
    "https://acme.pipedrive.com@evil.example",
    "https://user:pass@acme.pipedrive.com",
    "ftp://acme.pipedrive.com",
    "//acme.pipedrive.com",
];

#[rstest]
#[tokio::test(start_paused = true)]
async fn lesson_31_an_endpoint_that_only_looks_right_is_refused(
    #[values(Tool::Leads, Tool::Persons)] tool: Tool,
    #[values(false, true)] oauth: bool,
) {
    let world = World::with(tool, Setup { oauth, ..Setup::default() });
    let wire = Watched::new(world.transport());
    let host = world.over(wire.clone());
    for endpoint in NOT_THE_HOST {
        let mut options = world.options();
        options["endpoint"] = json!(endpoint);
        let error = host.outflow.account(tool.app(), &options).await.unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::Configuration, "{endpoint}");
        assert_eq!(error.field(), Some("endpoint"), "{endpoint}");
    }
    assert!(wire.hosts().is_empty(), "{:?}", wire.hosts());
}

/// The options that name where tokens come from are looked at as closely.
#[rstest]
#[case(Tool::Leads, "identity")]
#[case(Tool::Persons, "token_url")]
#[tokio::test(start_paused = true)]
async fn lesson_31_the_address_of_tokens_is_no_way_out(#[case] tool: Tool, #[case] option: &str) {
    let world = World::with(tool, Setup { oauth: true, ..Setup::default() });
    let wire = Watched::new(world.transport());
    let host = world.over(wire.clone());
    for address in NOT_THE_HOST {
        let mut options = world.options();
        options[option] = json!(address);
        let error = host.outflow.account(tool.app(), &options).await.unwrap_err();
        assert_eq!(error.field(), Some(option), "{address}: {error}");
    }
    assert!(wire.hosts().is_empty(), "{:?}", wire.hosts());
}

/// A token comes with the address it is for: only the company's own is believed.
#[rstest]
#[case("https://evil.example/.pipedrive.com")]
#[case("https://acme.pipedrive.com.evil.example")]
#[case("https://evilpipedrive.com")]
#[case("https://acme.pipedrive.com@evil.example")]
#[case("https://evil.example#.pipedrive.com")]
#[case("https://evil.example?.pipedrive.com")]
#[case("http://other.pipedrive.com")]
#[case("evil.example")]
#[tokio::test(start_paused = true)]
async fn lesson_31_an_api_domain_of_somebody_else_gets_no_token(#[case] api_domain: &str) {
    let world = World::with(Tool::Persons, Setup { oauth: true, ..Setup::default() });
    let body = json!({ "access_token": "t0ken", "expires_in": 3600, "api_domain": api_domain });
    let action = FaultAction::Status { status: 200, body: body.to_string(), headers: Default::default() };
    world.fault(Match::operation("refresh token").always(), action);
    let wire = Watched::new(world.transport());
    let done = world.over(wire.clone()).export(vec![world.profile(0)]).await;
    assert_eq!(done.names(), ["retry"]);
    assert!(done.report.stopped.is_some());
    assert_eq!(wire.hosts(), ["acme.pipedrive.com"]);
}

/// A redirect is an error: whoever it names would be sent the token.
#[rstest]
#[tokio::test(start_paused = true)]
async fn lesson_31_no_redirect_is_followed(
    #[values(Tool::Leads, Tool::Persons, Tool::Organizations)] tool: Tool,
    #[values(301, 302, 303, 307, 308)] code: u16,
    #[values(false, true)] of_token: bool,
) {
    let world = World::with(tool, Setup { oauth: true, ..Setup::default() });
    let redirect = status(code, &[("location", "https://evil.example/.mktorest.com")]);
    let operation = match (of_token, tool) {
        (false, _) => tool.operation(Kind::Create),
        (true, Tool::Leads) => "get token",
        (true, _) => "refresh token",
    };
    world.fault(Match::operation(operation).always(), redirect);
    let wire = Watched::new(world.transport());
    let done = world.over(wire.clone()).export(vec![world.profile(0).known_new()]).await;
    assert_eq!(done.names(), ["retry"]);
    let stopped = done.report.stopped.unwrap();
    assert_eq!(*stopped.kind(), ErrorKind::Configuration, "{stopped}");
    assert_eq!(wire.hosts().len(), 1, "{:?}", wire.hosts());
    assert!(world.records().is_empty());
}
