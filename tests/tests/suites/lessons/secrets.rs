//! Secrets are in headers and forms, and nowhere else: whatever fails, and however.

use std::error::Error as _;
use std::fmt::Write;

use outflow_core::{Error, Export};
use outflow_sandbox::{FaultAction, Match};
use rstest::rstest;
use serde_json::{Value as Json, json};

use crate::model::trouble::{code, status};
use crate::world::{Done, Kind, Lines, Setup, Tool, World, credentials};

/// Everything there is to be read of a run, and all the secrets there are.
#[derive(Default)]
struct Evidence {
    texts: String,
    secrets: Vec<String>,
}

impl Evidence {
    fn add(&mut self, text: impl std::fmt::Debug) {
        writeln!(self.texts, "{text:?}").unwrap();
    }

    fn add_error(&mut self, error: &Error) {
        writeln!(self.texts, "{error} {error:?}").unwrap();
        let mut source = error.source();
        while let Some(cause) = source {
            writeln!(self.texts, "{cause} {cause:?}").unwrap();
            source = cause.source();
        }
    }

    fn add_run(&mut self, done: &Done) {
        self.add(done);
        if let Some(stopped) = &done.report.stopped {
            self.add_error(stopped);
        }
        for outcomed in &done.outcomes {
            if let Some(problem) = outcomed.outcome.problem() {
                self.texts.push_str(&serde_json::to_string(problem).unwrap());
            }
        }
    }

    /// The secrets among the options, and those that went over the wire.
    fn learn_secrets(&mut self, world: &World) {
        for option in ["client_secret", "api_token", "refresh_token"] {
            self.secrets.extend(world.options()[option].as_str().map(str::to_owned));
        }
        for exchange in world.controls().log.exchanges() {
            for value in credentials(&exchange.request_headers) {
                self.secrets.extend(value.split(' ').next_back().map(str::to_owned));
            }
            let answer: Json = serde_json::from_slice(&exchange.response_body).unwrap_or_default();
            let token = answer["access_token"].as_str();
            self.secrets.extend(token.map(str::to_owned));
            // A URL is in the log of every machine on its way.
            writeln!(self.texts, "{}?{}", exchange.path, exchange.query).unwrap();
        }
        self.secrets.sort();
        self.secrets.dedup();
    }

    fn check(&self) {
        assert!(!self.secrets.is_empty());
        for secret in &self.secrets {
            assert!(secret.len() > 5, "{secret:?} would be found anywhere");
            if let Some(place) = self.texts.find(secret.as_str()) {
                let around = &self.texts[place.saturating_sub(200)..];
                panic!("{secret} is in: {}", &around[..around.len().min(500)]);
            }
        }
    }
}

/// A creation, an update, a key change, a delete and groups, with and without ids.
fn exports(world: &World, id: &str) -> Vec<Export> {
    let renamed = world.profile(3).old_property(world.tool.key(), world.tool.nth_key(2));
    vec![
        world.profile(0).known_new().group("VIP"),
        world.profile(1).remote_id(id),
        renamed,
        world.profile(4).delete(),
        world.profile(5).property("Nonsense", 1),
    ]
}

fn failures(tool: Tool) -> Vec<FaultAction> {
    let mut failures = vec![
        FaultAction::Reset,
        FaultAction::ResetAfter,
        FaultAction::Timeout,
        FaultAction::Truncated,
        FaultAction::Html { status: 200 },
        FaultAction::Html { status: 403 },
        FaultAction::ExpireToken,
    ];
    failures.extend([302, 400, 401, 403, 404, 413, 418, 429, 500].map(|code| status(code, &[])));
    let codes: &[&str] = match tool {
        Tool::Leads => &["601", "603", "607", "610", "1003", "1013", "9999"],
        Tool::Persons | Tool::Organizations => &["400", "402", "feature_capping_x", "ERR_X"],
    };
    failures.extend(codes.iter().map(|text| code(text)));
    failures
}

async fn provoke(world: &World, evidence: &mut Evidence) {
    let id = world.seed(&world.tool.nth_key(1));
    evidence.add_run(&world.export(exports(world, &id)).await);
    let account = world.account().await;
    if let Err(error) = account.test().await {
        evidence.add_error(&error);
    }
    let destination = world.destination().await;
    evidence.add((&account, &destination, &world.outflow));
    evidence.add((account.limits_left(), account.calls()));
}

#[rstest]
#[case(Tool::Leads, true)]
#[case(Tool::Persons, true)]
#[case(Tool::Persons, false)]
#[case(Tool::Organizations, false)]
#[tokio::test(start_paused = true)]
async fn lesson_30_no_failure_tells_a_secret(#[case] tool: Tool, #[case] oauth: bool) {
    for failure in failures(tool) {
        for operation in [None, Some(tool.operation(Kind::Create)), for_a_token(tool).filter(|_| oauth)] {
            let lines = Lines::default();
            let _log = tracing::subscriber::set_default(lines.clone());
            let setup = Setup { oauth, capture: true, ..Setup::default() };
            let world = World::with(tool, setup);
            let on = Match { operation: operation.map(str::to_owned), ..Match::default() };
            world.fault(on.nth(2).always(), failure.clone());
            let mut evidence = Evidence::default();
            provoke(&world, &mut evidence).await;
            provoke_later(&world, &mut evidence).await;
            evidence.learn_secrets(&world);
            assert!(!lines.text().is_empty());
            evidence.add(lines.text());
            evidence.check();
        }
    }
}

fn for_a_token(tool: Tool) -> Option<&'static str> {
    Some(match tool {
        Tool::Leads => "get token",
        Tool::Persons | Tool::Organizations => "refresh token",
    })
}

/// The same when all goes well, with calls for tokens that fail in the middle of it.
async fn provoke_later(world: &World, evidence: &mut Evidence) {
    world.controls().faults.clear();
    world.wait(3_600).await;
    let token = Match::path("/oauth/token");
    world.fault(token.always(), status(400, &[]));
    let exports = vec![world.profile(6), world.profile(7).group("VIP")];
    evidence.add_run(&world.export(exports).await);
    world.controls().faults.clear();
    evidence.add_run(&world.export(vec![world.profile(8)]).await);
}

/// A server that repeats what it was sent in its complaint.
#[rstest]
#[case(Tool::Leads, "get token", "client_secret")]
#[case(Tool::Persons, "refresh token", "client_secret")]
#[case(Tool::Persons, "refresh token", "refresh_token")]
#[tokio::test(start_paused = true)]
async fn lesson_30_a_secret_that_comes_back_is_not_quoted(
    #[case] tool: Tool,
    #[case] operation: &str,
    #[case] option: &str,
    #[values(200, 400, 401, 403, 404, 500)] code: u16,
) {
    let lines = Lines::default();
    let _log = tracing::subscriber::set_default(lines.clone());
    let world = World::with(tool, Setup { oauth: true, ..Setup::default() });
    let secret = world.options()[option].as_str().unwrap().to_owned();
    let echo = FaultAction::Status {
        status: code,
        body: json!({ "error_description": format!("bad: {secret}"), "access_token": [secret] }).to_string(),
        headers: Default::default(),
    };
    world.fault(Match::operation(operation).always(), echo);
    let mut evidence = Evidence::default();
    evidence.add_run(&world.export(vec![world.profile(0)]).await);
    evidence.add_error(&world.account().await.test().await.unwrap_err());
    evidence.add(lines.text());
    evidence.secrets.push(secret);
    evidence.check();
}

/// Options that are refused are named, and not shown.
#[rstest]
#[case(Tool::Leads, "client_secret", json!(["pl4nted-s3cret"]))]
#[case(Tool::Leads, "client_secret", json!(7_777_777))]
#[case(Tool::Leads, "client_secret", json!({ "value": "pl4nted-s3cret" }))]
#[case(Tool::Leads, "client_secrett", json!("pl4nted-s3cret"))]
#[case(Tool::Leads, "client_secret", json!("pl4nted-s3cret\n"))]
#[case(Tool::Persons, "api_token", json!(["pl4nted-s3cret"]))]
#[case(Tool::Persons, "api_token", json!(7_777_777))]
#[case(Tool::Persons, "api_tokens", json!("pl4nted-s3cret"))]
#[case(Tool::Persons, "api_token", json!("pl4nted-s3cret\n"))]
#[case(Tool::Persons, "api_token", json!("pl4nted-s3crët"))]
#[case(Tool::Persons, "refresh_token", json!("pl4nted-s3cret"))]
#[case(Tool::Persons, "client_secret", json!({ "value": "pl4nted-s3cret" }))]
#[tokio::test(start_paused = true)]
async fn lesson_30_a_secret_in_a_wrong_option_is_not_shown(
    #[case] tool: Tool,
    #[case] option: &str,
    #[case] value: Json,
) {
    let lines = Lines::default();
    let _log = tracing::subscriber::set_default(lines.clone());
    let world = World::new(tool);
    let mut options = world.options();
    options[option] = value;
    let mut evidence = Evidence::default();
    match world.outflow.account(tool.app(), &options).await {
        Err(error) => {
            assert!(error.field().is_some(), "{error}");
            evidence.add_error(&error);
        }
        Ok(account) => {
            evidence.add_error(&account.test().await.unwrap_err());
            let destination = account.destination(tool.connection(), &json!({})).unwrap();
            let done = Done::of(&destination, vec![world.profile(0)], Default::default()).await;
            assert_eq!(done.names(), ["retry"]);
            evidence.add_run(&done);
        }
    }
    evidence.add(lines.text());
    evidence.secrets.extend(["pl4nted", "7777777"].map(str::to_owned));
    evidence.check();
}
