//! What a run did.

use outflow_core::{Destination, Export, Outcome, Outcomed, Report, Run};

/// A run's report and its outcomes, in the order of the exports.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) report: Report,
    pub(crate) outcomes: Vec<Outcomed>,
}

impl Done {
    /// Exports, and checks what holds after every run: one outcome for each export, in
    /// its profile's name, and a report that counts them.
    pub(crate) async fn of(destination: &Destination, exports: Vec<Export>, run: Run) -> Self {
        let profiles: Vec<_> = exports.iter().map(|export| export.profile_id.clone()).collect();
        let (report, outcomes) = destination.export_all(exports, run).await;
        let sequences: Vec<u64> = outcomes.iter().map(|outcomed| outcomed.sequence).collect();
        let expected: Vec<u64> = (0..).take(profiles.len()).collect();
        assert_eq!(sequences, expected, "one outcome for each export");
        let reported: Vec<_> = outcomes.iter().map(|outcomed| outcomed.profile_id.clone()).collect();
        assert_eq!(reported, profiles, "each in its profile's name");
        assert_eq!(report.outcomes.total(), profiles.len() as u64);
        Self { report, outcomes }
    }

    /// The outcomes' names, with codes where they have one.
    pub(crate) fn told(&self) -> Vec<String> {
        let outcomes = self.outcomes.iter();
        outcomes.map(|outcomed| tell(&outcomed.outcome)).collect()
    }

    /// The outcomes' names.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        let outcomes = self.outcomes.iter();
        outcomes.map(|outcomed| outcomed.outcome.name()).collect()
    }

    /// Whether every outcome has this name.
    pub(crate) fn all(&self, name: &str) -> bool {
        self.names().iter().all(|other| *other == name)
    }

    /// The tool's ids, in the order of the exports.
    pub(crate) fn ids(&self) -> Vec<String> {
        let id = |outcomed: &Outcomed| outcomed.remote_id.as_ref().unwrap().to_string();
        self.outcomes.iter().map(id).collect()
    }
}

/// An outcome's name, with its code where it has one.
pub(crate) fn tell(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Skipped(reason) => format!("skipped {}", reason.code()),
        outcome => match outcome.problem() {
            Some(problem) => format!("{} {}", outcome.name(), problem.code),
            None => outcome.name().to_owned(),
        },
    }
}
