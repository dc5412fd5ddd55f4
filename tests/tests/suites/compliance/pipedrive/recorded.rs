//! What was recorded of the real service: version 1 alone.

use std::path::Path;

use outflow_tests::recording::{self, Recorded};

use crate::compliance::heard::Heard;

/// Every recorded exchange, and where it stands.
pub(crate) fn all(folder: &Path) -> Vec<(String, Heard)> {
    let folder = folder.join("recordings/pipedrive");
    ["organizations-mapping-v1.har", "persons-mapping-v1.har", "persons-v1.har"]
        .iter()
        .flat_map(|name| {
            let recorded = recording::read(&folder.join(name)).unwrap();
            recorded.into_iter().map(move |exchange| (format!("{name} {}", exchange.index), meant(exchange)))
        })
        .collect()
}

/// The program that was recorded has its token in the query, as programs of its time had.
fn meant(exchange: Recorded) -> Heard {
    let mut heard = Heard::from(exchange);
    heard.query.retain(|(name, _)| name != "api_token");
    heard
}
