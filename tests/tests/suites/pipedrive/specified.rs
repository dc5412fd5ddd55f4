//! Every exchange of every scenario, judged by the official specifications.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

use outflow_tests::openapi::{Body, Exchange, Spec, Verdict};
use outflow_tests::{material_for, say};

use super::client::{Client, Spoken};

/// A scenario: it makes its own client, and gives it back with all that was said.
pub(crate) type Scenario = fn() -> Pin<Box<dyn Future<Output = Client>>>;

/// Makes a test of each scenario, and a list of them to be judged together.
macro_rules! scenarios {
    ($($name:ident),+ $(,)?) => {
        /// The scenarios of this module.
        pub(crate) const ALL: &[(&str, $crate::pipedrive::specified::Scenario)] =
            &[$((concat!(module_path!(), "::", stringify!($name)), || Box::pin($name()))),+];

        mod tests {
            $(
                #[tokio::test(start_paused = true)]
                async fn $name() {
                    super::$name().await;
                }
            )+
        }
    };
}
pub(crate) use scenarios;

const SUITES: [&[(&str, Scenario)]; 10] = [
    super::access::ALL,
    super::every_type::ALL,
    super::fields::ALL,
    super::filters::ALL,
    super::limits::ALL,
    super::lists::ALL,
    super::organizations::ALL,
    super::persons::ALL,
    super::refusals::ALL,
    super::search::ALL,
];

/// Both specifications, as the sandbox serves them.
pub(crate) struct Specs(Vec<Spec>);

impl Specs {
    pub(crate) fn find(check: &str) -> Option<Self> {
        let folder = material_for(check)?.join("specs");
        let read = |name: &str, bases: &[&str]| {
            let text = std::fs::read_to_string(folder.join(name)).unwrap();
            Spec::parse(&text, bases).unwrap()
        };
        let v2 = read("pipedrive-v2.json", &["/api/v2"]);
        // Recordings of v1 show 201 for creates, where the specification has 200.
        let v1 = read("pipedrive-v1.json", &["/api/v1", "/v1"])
            .also_answers("POST", "/filters", 201)
            .also_answers("POST", "/personFields", 201)
            .also_answers("POST", "/organizationFields", 201);
        Some(Self(vec![v2, v1]))
    }

    pub(crate) fn judge(&self, spoken: &Spoken) -> Verdict {
        let known = |spec: &&Spec| spec.knows(&spoken.method, &spoken.path);
        let Some(spec) = self.0.iter().find(known) else {
            return Verdict {
                silence: vec![format!("{} {} is in neither", spoken.method, spoken.path)],
                ..Verdict::default()
            };
        };
        let mut verdict = spec.judge(&Exchange {
            method: &spoken.method,
            path: &spoken.path,
            query: &spoken.query,
            body: spoken.body.as_ref().map_or(Body::None, Body::Json),
            status: spoken.status,
            answer: spoken.answer.as_ref(),
        });
        let cost = spec.extension(&spoken.method, &spoken.path, "x-token-cost");
        // What is not let in costs nothing.
        let is_let_in = ![401, 403, 429].contains(&spoken.status);
        if is_let_in && cost.and_then(serde_json::Value::as_u64) != Some(spoken.cost) {
            let specified = cost.map(ToString::to_string).unwrap_or_default();
            verdict
                .disagreements
                .push(format!("it cost {} tokens instead of {specified}", spoken.cost));
        }
        verdict
    }
}

/// Where recordings of the real service are not as specified either, and so are right.
pub(crate) fn is_recorded(spoken: &Spoken, disagreement: &str) -> bool {
    // Of the types of fields, the specification of v1 has two lists that must both hold,
    // and one of them lacks what every company's standard fields are.
    let is_v1_list = spoken.method == "GET" && spoken.path.contains("v1/") && spoken.path.ends_with("Fields");
    is_v1_list
        && [
            "/field_type: \"int\" is not one of",
            "/field_type: \"picture\" is not one of",
        ]
        .iter()
        .any(|known| disagreement.contains(known))
}

#[tokio::test(start_paused = true)]
async fn every_exchange_agrees_with_the_specifications() {
    let Some(specs) = Specs::find("the Pipedrive sandbox's answers against the official specifications")
    else {
        return;
    };
    let mut tally = Tally::default();
    for (name, scenario) in SUITES.into_iter().flatten() {
        for spoken in scenario().await.spoken() {
            tally.add(name, &spoken, specs.judge(&spoken));
        }
    }
    tally.tell();
    assert_eq!(tally.disagreeing, Vec::<String>::new());
    assert!(
        tally.agreeing > 300,
        "only {} exchanges were judged",
        tally.agreeing
    );
}

/// The first of many reasons.
pub(crate) fn in_short(reasons: &[String]) -> String {
    const SHOWN: usize = 3;
    let mut text = reasons[..reasons.len().min(SHOWN)].join("; ");
    if reasons.len() > SHOWN {
        text += &format!("; and {} more like it", reasons.len() - SHOWN);
    }
    text
}

#[derive(Default)]
struct Tally {
    agreeing: usize,
    as_recorded: Vec<String>,
    disagreeing: Vec<String>,
    silence: BTreeMap<String, usize>,
}

impl Tally {
    fn add(&mut self, scenario: &str, spoken: &Spoken, verdict: Verdict) {
        let why = format!(
            "{scenario}: {} {} ({}): {}",
            spoken.method,
            spoken.path,
            spoken.status,
            in_short(&verdict.disagreements)
        );
        let recorded = |why: &String| is_recorded(spoken, why);
        if verdict.agrees() {
            self.agreeing += 1;
        } else if verdict.disagreements.iter().all(recorded) {
            self.as_recorded.push(why);
        } else {
            self.disagreeing.push(why);
        }
        for why in verdict.silence {
            *self.silence.entry(why).or_default() += 1;
        }
    }

    fn tell(&self) {
        let all = self.agreeing + self.as_recorded.len() + self.disagreeing.len();
        say(&format!(
            "\nPipedrive sandbox and specifications: {} of {all} exchanges agree.",
            self.agreeing
        ));
        for why in &self.as_recorded {
            say(&format!(
                "  disagrees, as recordings of the real service do: {why}"
            ));
        }
        for why in &self.disagreeing {
            say(&format!("  disagrees: {why}"));
        }
        for (why, count) in &self.silence {
            say(&format!("  agrees in the rest, {count} times: {why}"));
        }
    }
}
