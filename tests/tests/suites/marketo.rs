//! Every exchange of the Marketo plugin with its sandbox, judged by the official
//! specifications.

use std::collections::BTreeMap;

use outflow_core::{Clock, Export, Outflow, Run};
use outflow_marketo::sandbox::MarketoSandbox;
use outflow_sandbox::{Exchange as Spoken, InProcess, Sandbox, SandboxOptions};
use outflow_tests::openapi::{Body, Exchange, Spec, Verdict};
use outflow_tests::{material_for, say};
use serde_json::{Map, Value, json};

const URL: &str = "https://123-abc-456.mktorest.com";

type Pairs = Vec<(String, String)>;

fn person(n: usize) -> Export {
    Export::new(n.to_string())
        .property("email", format!("person-{n}@example.com"))
        .property("firstName", "Ada")
        .property("leadScore", 7)
        .property("dateOfBirth", "1815-12-10")
        .property("lastName", outflow_core::Value::Null)
}

/// A run of each kind of change, so that every call the plugin has is made.
async fn all_that_is_said() -> Vec<Spoken> {
    let options = SandboxOptions {
        clock: Clock::system(),
        capture: true,
        ..SandboxOptions::default()
    };
    let marketo = MarketoSandbox::new(&options);
    marketo.seed_list("There");
    let outflow = Outflow::new()
        .unwrap()
        .with_clock(options.clock.clone())
        .with_transport(InProcess::new().with(URL, marketo.clone()));
    let account = outflow.account("marketo", &marketo.account(URL)).await.unwrap();
    account.test().await.unwrap();
    let options = json!({ "partition": "Default" });
    let destination = account.destination("marketo-leads-export", &options).unwrap();

    let created: Vec<Export> = (0..20)
        .map(|n| person(n).group("There").group("New").group("Acme, Inc"))
        .collect();
    let (_, outcomes) = destination.export_all(created, Run::default()).await;
    let id = |n: usize| outcomes[n].remote_id.clone().unwrap();
    let long = (0..60).fold(person(2), |export, n| {
        export.group(format!("{n} {}", "name ".repeat(30)))
    });
    let changed = vec![
        person(0).old_group("There").remote_id(id(0).as_str()),
        person(100)
            .old_property("email", "person-1@example.com")
            .remote_id(id(1).as_str()),
        person(103).old_property("email", "person-3@example.com"),
        person(4).remote_id(id(4).as_str()).delete(),
        Export::new("5")
            .old_property("email", "person-5@example.com")
            .delete(),
        Export::new("6")
            .old_property("email", "nobody@example.com")
            .delete(),
        person(7).property("leadScore", 5_000_000_000_i64),
        long,
    ];
    destination.export_all(changed, Run::default()).await;
    for mode in ["create", "enrich"] {
        let run = Run::of_mode(mode.parse().unwrap());
        destination.export_all(vec![person(0), person(200)], run).await;
    }
    marketo.controls().log.exchanges()
}

/// An exchange as the specifications have it.
struct Specified {
    method: String,
    query: Pairs,
    body: Option<Value>,
    answer: Option<Value>,
}

impl Specified {
    fn of(spoken: &Spoken) -> Self {
        let form = spoken
            .request_headers
            .get("content-type")
            .is_some_and(|kind| kind == "application/x-www-form-urlencoded");
        let mut specified = Self {
            method: spoken.method.to_string(),
            query: pairs(spoken.query.as_bytes()),
            body: serde_json::from_slice(&spoken.request_body).ok(),
            answer: serde_json::from_slice(&spoken.response_body).ok(),
        };
        if form {
            specified.unfold(pairs(&spoken.request_body));
        }
        specified
    }

    /// Forms stand in the documentation, not in the specifications: a read that is too
    /// long for a URL is a POST with `_method=GET` and its query as a form; a list is
    /// created by a form of what is specified as JSON; and the identity service takes as
    /// a form what would put a secret into a URL.
    fn unfold(&mut self, form: Pairs) {
        let read = self.query.iter().position(|(name, _)| name == "_method");
        if let Some(position) = read {
            self.method = self.query.remove(position).1;
            self.query.extend(form);
        } else if form.iter().any(|(name, _)| name == "grant_type") {
            self.query.extend(form);
        } else {
            let value = |text: String| serde_json::from_str(&text).ok().filter(Value::is_object);
            let fields = form
                .into_iter()
                .map(|(name, text)| (name, value(text.clone()).unwrap_or(Value::String(text))));
            self.body = Some(Value::Object(fields.collect::<Map<_, _>>()));
        }
    }

    fn judged(&self, specs: &[Spec], spoken: &Spoken) -> Verdict {
        let spec = specs.iter().find(|spec| spec.knows(&self.method, &spoken.path));
        let exchange = Exchange {
            method: &self.method,
            path: &spoken.path,
            query: &self.query,
            body: self.body.as_ref().map_or(Body::None, Body::Json),
            status: spoken.status.unwrap_or_default(),
            answer: self.answer.as_ref(),
        };
        let mut verdict = spec.expect("a path of no specification").judge(&exchange);
        verdict
            .disagreements
            .retain(|why| !is_recorded(&spoken.path, why));
        verdict
    }
}

fn pairs(text: &[u8]) -> Pairs {
    form_urlencoded::parse(text).into_owned().collect()
}

/// Where recordings of the real API are not as specified either, and so are right:
/// removals have no body, and answers leave out what is empty or show it as null.
const RECORDED: [(&str, &str); 8] = [
    ("/leads.json", "request: the body is missing"),
    ("", "\"errors\" is a required property"),
    ("", "\"warnings\" is a required property"),
    ("/byName.json", "\"result\" is a required property"),
    ("/byName.json", "null is not of type \"string\""),
    ("/byName.json", "folderType: \"List\" is not one of"),
    ("taticList", "/result/0: \"description\" is a required property"),
    ("taticList", "/result/0: \"url\" is a required property"),
];

fn is_recorded(path: &str, why: &str) -> bool {
    RECORDED
        .iter()
        .any(|(part, text)| path.contains(part) && why.contains(text))
}

#[tokio::test(start_paused = true)]
async fn every_exchange_of_the_plugin_agrees_with_the_specifications() {
    let Some(folder) = material_for("the Marketo plugin's calls against the official specifications") else {
        return;
    };
    let specs: Vec<Spec> = ["marketo-mapi.json", "marketo-asset.json", "marketo-identity.json"]
        .map(|name| std::fs::read_to_string(folder.join("specs").join(name)).unwrap())
        .iter()
        .map(|text| Spec::parse(text, &[]).unwrap())
        .collect();
    let spoken = all_that_is_said().await;
    let mut operations: BTreeMap<&str, usize> = BTreeMap::new();
    let mut disagreeing = Vec::new();
    for spoken in &spoken {
        *operations.entry(spoken.operation).or_default() += 1;
        let verdict = Specified::of(spoken).judged(&specs, spoken);
        for why in verdict.disagreements {
            disagreeing.push(format!("{} {}: {why}", spoken.method, spoken.path));
        }
    }
    say(&format!(
        "\nMarketo plugin and specifications: {} exchanges of {} operations, {} disagree",
        spoken.len(),
        operations.len(),
        disagreeing.len()
    ));
    assert_eq!(disagreeing, Vec::<String>::new());
    // Whatever call the plugin has, it was made.
    let made: Vec<&str> = operations.into_keys().collect();
    let all = [
        "add members",
        "create static list",
        "delete leads",
        "describe leads 2",
        "find leads",
        "find lists",
        "folder by name",
        "get token",
        "remove members",
        "static list by name",
        "sync leads",
        "usage",
    ];
    assert_eq!(made, all);
}
