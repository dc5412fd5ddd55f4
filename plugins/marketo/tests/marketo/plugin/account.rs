//! The account: addresses, credentials, tokens, and whom it is connected as.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use outflow_core::ErrorKind;
use outflow_sandbox::{FaultAction, InProcess, Match, Sandbox, SandboxOptions};
use rstest::rstest;
use serde_json::{Value as Json, json};

use super::world::{CONNECTION, URL, World, email, people, person, told};

#[rstest]
#[case("https://123-abc-456.mktorest.com")]
#[case("https://123-abc-456.mktorest.com/")]
#[case("https://123-abc-456.mktorest.com/rest")]
#[case("https://123-ABC-456.mktorest.com/rest/")]
#[case(" https://123-abc-456.mktorest.com//rest// ")]
#[tokio::test(start_paused = true)]
async fn the_endpoint_is_taken_as_people_paste_it(#[case] endpoint: &str) {
    let world = World::new();
    let mut options = world.marketo.account(endpoint);
    options["endpoint"] = endpoint.into();
    let account = world.outflow.account("marketo", &options).await.unwrap();
    let said = account.test().await.unwrap();
    assert_eq!(
        said,
        "connected to 123-abc-456.mktorest.com as api-user@sandbox.example; 49999 of 50000 API calls are left today"
    );
}

#[rstest]
#[case("https://123-abc-456.mktorest.com/identity")]
#[case("https://123-abc-456.mktorest.com/identity/")]
#[case("https://123-abc-456.mktorest.com/identity/oauth/token")]
#[case("")]
#[tokio::test(start_paused = true)]
async fn the_identity_service_can_be_given(#[case] identity: &str) {
    let world = World::new();
    let mut options = world.marketo.account(URL);
    options["identity"] = identity.into();
    let account = world.outflow.account("marketo", &options).await.unwrap();
    account.test().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_test_takes_one_call_and_learns_what_is_left_of_the_day() {
    let world = World::new();
    // Another program, which shares the instance and not our counts.
    let other = World::of(&world.marketo, &world.clock);
    other.export(people(301)).await;
    let account = world.account().await;
    assert_eq!(account.limits_left().daily.unwrap().0, 50_000);
    account.test().await.unwrap();
    assert_eq!(world.calls()["usage"], 1);
    assert_eq!(account.limits_left().daily.unwrap().0, 50_000 - 4);
}

#[tokio::test(start_paused = true)]
async fn an_instance_may_have_bought_more_calls() {
    let world = World::new();
    let mut options = world.marketo.account(URL);
    options["daily_calls"] = "80000".into();
    let account = world.outflow.account("marketo", &options).await.unwrap();
    assert_eq!(account.limits_left().daily.unwrap().0, 80_000);
}

#[rstest]
#[case("client_id")]
#[case("client_secret")]
#[tokio::test(start_paused = true)]
async fn wrong_credentials_are_a_configuration_error_that_says_where_to_look(#[case] option: &str) {
    let world = World::new();
    let mut options = world.marketo.account(URL);
    options[option] = "not-the-one".into();
    let account = world.outflow.account("marketo", &options).await.unwrap();
    let error = account.test().await.unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Configuration);
    for word in ["client_id", "client_secret", "LaunchPoint"] {
        assert!(error.message().contains(word), "{error}");
    }

    let destination = account.destination(CONNECTION, &json!({})).unwrap();
    let (report, outcomes) = destination.export_all(people(3), Default::default()).await;
    assert_eq!(told(&outcomes), ["retry invalid_client"; 3]);
    assert!(report.stopped.is_some());
    let log = &world.marketo.controls().log;
    assert_eq!(log.calls_to("get token"), 2, "asked once each, not again and again");
}

#[tokio::test(start_paused = true)]
async fn an_unreachable_host_leaves_the_profiles_due() {
    let world = World::new();
    let mut options = world.marketo.account(URL);
    options["endpoint"] = "https://nobody.example".into();
    let account = world.outflow.account("marketo", &options).await.unwrap();
    let destination = account.destination(CONNECTION, &json!({})).unwrap();
    let (report, outcomes) = destination.export_all(people(2), Default::default()).await;
    assert_eq!(told(&outcomes), ["retry unreachable"; 2]);
    assert!(report.stopped.is_some());
}

#[rstest]
#[case::down(FaultAction::Status { status: 503, body: String::new(), headers: Default::default() })]
#[case::reset(FaultAction::Reset)]
#[case::html(FaultAction::Html { status: 200 })]
#[case::truncated(FaultAction::Truncated)]
#[tokio::test(start_paused = true)]
async fn the_identity_service_may_falter(#[case] action: FaultAction) {
    let world = World::new();
    world.fault("get token", action.clone());
    let (report, _) = world.export(people(3)).await;
    let told = (report.outcomes.created, report.outcomes.retry);
    assert_eq!(told, (3, 0), "{action:?}: {:?}", report.stopped);
}

#[tokio::test(start_paused = true)]
async fn lesson_24_a_token_with_little_life_left_is_waited_out() {
    let world = World::new();
    let account = world.account().await;
    world.marketo.set_token_lifetime(Duration::from_secs(3));
    account.test().await.unwrap();
    let log = &world.marketo.controls().log;
    assert!(log.calls_to("get token") >= 2);
    // A dying token that never lives long is no reason to ask for ever.
    assert!(log.calls_to("get token") <= 4);
}

#[rstest]
#[case::a_little_before_it_expires(3_597, 5)]
#[case::after_it_expired(3_601, 3)]
#[tokio::test(start_paused = true)]
async fn lesson_24_another_token_is_fetched_before_the_old_one_is_refused(
    #[case] pause: u64,
    #[case] tokens: u64,
) {
    let world = World::new();
    let destination = world.destination(json!({})).await;
    for n in 0..3 {
        let (_, outcomes) = destination.export_all(vec![person(n)], Default::default()).await;
        assert_eq!(told(&outcomes), ["created"]);
        world.clock.sleep(Duration::from_secs(pause)).await;
    }
    let log = &world.marketo.controls().log;
    // In its last seconds Marketo gives the old token once more, and it is waited out.
    assert_eq!(log.calls_to("get token"), tokens);
    let refused = |exchange: &outflow_sandbox::Exchange| {
        let body = String::from_utf8_lossy(&exchange.response_body).into_owned();
        body.contains("\"success\":false")
    };
    assert!(!log.exchanges().iter().any(refused));
}

#[tokio::test(start_paused = true)]
async fn lesson_25_a_revoked_token_is_replaced() {
    let world = World::new();
    let destination = world.destination(json!({})).await;
    destination.export_all(people(1), Default::default()).await;
    world.marketo.revoke_token();
    let (_, outcomes) = destination.export_all(vec![person(1)], Default::default()).await;
    assert_eq!(told(&outcomes), ["created"]);
}

#[tokio::test(start_paused = true)]
async fn lesson_30_no_secret_is_in_a_url_an_error_or_a_log() {
    let lines = Lines::default();
    let _guard = tracing::subscriber::set_default(lines.clone());
    let world = World::new();
    let (report, outcomes) = world.export(people(2)).await;
    world.fault_on(
        Match::operation("get token").always(),
        FaultAction::Status {
            status: 400,
            body: "sandbox-client-secret".to_owned(),
            headers: Default::default(),
        },
    );
    world.marketo.expire_token();
    let error = world.account().await.test().await.unwrap_err();
    let log = world.marketo.controls().log.exchanges();
    let token = log.iter().find(|exchange| exchange.operation == "get token").unwrap();
    let token: Json = serde_json::from_slice(&token.response_body).unwrap();
    let token = token["access_token"].as_str().unwrap();

    for exchange in &log {
        let url = format!("{}?{}", exchange.path, exchange.query);
        assert!(!url.contains("sandbox-client-secret") && !url.contains(token), "{url}");
        assert!(!url.contains("access_token"), "{url}");
    }
    let texts = [format!("{report:?} {outcomes:?} {error:?} {error}"), lines.text()];
    for text in texts {
        assert!(!text.contains("sandbox-client-secret"), "{text}");
        assert!(!text.contains(token), "{text}");
    }
}

/// Emails are in no URL either: those are in every log on the way.
#[tokio::test(start_paused = true)]
async fn keys_are_in_no_url() {
    let world = World::new();
    let gone = outflow_core::Export::new("0").old_property("email", email(0)).delete();
    world.export(vec![person(1), gone]).await;
    for exchange in world.marketo.controls().log.exchanges() {
        assert!(!exchange.query.contains("person-"), "{}", exchange.query);
    }
}

#[tokio::test(start_paused = true)]
async fn lesson_28_two_instances_share_nothing() {
    const OTHER: &str = "https://999-xyz-999.mktorest.com";
    let first = World::new();
    let options = SandboxOptions { clock: first.clock.clone(), ..SandboxOptions::default() };
    let second = outflow_marketo::sandbox::MarketoSandbox::new(&options);
    // The same name has another id there.
    second.seed_list("Other");
    let transport = InProcess::new().with(URL, first.marketo.clone()).with(OTHER, second.clone());
    let outflow =
        outflow_core::Outflow::new().unwrap().with_clock(first.clock.clone()).with_transport(transport);
    for (url, sandbox) in [(URL, first.marketo.clone()), (OTHER, second.clone())] {
        let account = outflow.account("marketo", &sandbox.account(url)).await.unwrap();
        let destination = account.destination(CONNECTION, &json!({})).unwrap();
        let (_, outcomes) = destination.export_all(vec![person(0).group("VIP")], Default::default()).await;
        assert_eq!(told(&outcomes), ["created"]);
        assert_eq!(sandbox.records(CONNECTION)[0].groups.len(), 1);
    }
    assert_ne!(first.marketo.lists()[0].0, second.lists()[1].0);
}

#[tokio::test]
async fn lesson_35_the_plugin_is_registered_under_its_names() {
    let outflow = outflow_core::Outflow::new().unwrap();
    let plugin = outflow.registry().connection(CONNECTION).unwrap();
    assert_eq!(plugin.app(), "marketo");
    let secret: Vec<_> =
        plugin.app_options().into_iter().filter(|option| option.secret).map(|option| option.name).collect();
    assert_eq!(secret, ["client_secret"]);
    let options = plugin.connection_options();
    let named = |name: &str| options.iter().find(|option| option.name == name).unwrap();
    assert!(options.iter().all(|option| !option.required && !option.description.is_empty()));
    assert_eq!(named("lookup_field").default, Some(json!("email")));
    assert_eq!(named("list_folder").default, Some(json!("Group Lists")));
    assert_eq!(named("on_invalid_field").default, Some(json!("reject")));
    assert_eq!(named("on_invalid_field").values, ["reject", "drop"]);
}

#[tokio::test(start_paused = true)]
async fn the_mapping_schema_says_what_a_screen_needs() {
    let world = World::new();
    let destination = world.destination(json!({})).await;
    let schema = destination.mapping_schema().await.unwrap();
    let field = |name: &str| schema.find(name).unwrap().1.clone();
    assert!(field("email").required && field("email").important);
    assert!(field("firstName").important && !field("firstName").required);
    assert!(field("createdAt").read_only && field("id").read_only);
    assert_eq!(field("Job Title").name, "title");
    assert_eq!(field("leadScore").field_type, outflow_core::FieldType::Integer);
    assert_eq!(field("email").field_type, outflow_core::FieldType::Email);
    assert_eq!(field("address").max_length, Some(outflow_core::MaxLength::Bytes(30_000)));
    assert_eq!(field("firstName").max_length, Some(outflow_core::MaxLength::Chars(255)));
}

/// Takes down every event and span, fields and all.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<String>>);

impl Lines {
    fn text(&self) -> String {
        self.0.lock().unwrap().clone()
    }

    fn write(&self, record: impl FnOnce(&mut dyn tracing::field::Visit)) {
        struct Text<'a>(&'a mut String);
        impl tracing::field::Visit for Text<'_> {
            fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
                self.0.push_str(&format!("{field}={value:?} "));
            }
        }
        record(&mut Text(&mut self.0.lock().unwrap()));
    }
}

impl tracing::Subscriber for Lines {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, span: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        self.write(|visit| span.record(visit));
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, values: &tracing::span::Record<'_>) {
        self.write(|visit| values.record(visit));
    }
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        self.write(|visit| event.record(visit));
    }
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}
