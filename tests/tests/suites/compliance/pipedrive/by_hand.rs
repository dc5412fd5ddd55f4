//! What was said to the sandbox by hand, in scenarios of its own.

use crate::compliance::heard::{Heard, Sent};
use crate::pipedrive::client::Spoken;
use crate::pipedrive::scenario::SUITES;

/// All of it: where it was said, what, and what it took from the day's budget.
pub(crate) async fn all() -> Vec<(&'static str, Heard, u64)> {
    let mut all = Vec::new();
    for (name, scenario) in SUITES.into_iter().flatten() {
        let spoken = scenario().await.spoken();
        all.extend(spoken.into_iter().map(|spoken| (*name, heard(&spoken), spoken.cost)));
    }
    all
}

fn heard(spoken: &Spoken) -> Heard {
    Heard {
        method: spoken.method.clone(),
        path: spoken.path.clone(),
        query: spoken.query.clone(),
        body: spoken.body.clone().map_or(Sent::Nothing, Sent::Json),
        status: Some(spoken.status),
        answer: spoken.answer.clone(),
        headers: None,
        is_fault: false,
        is_by_hand: true,
        reading: None,
    }
}
