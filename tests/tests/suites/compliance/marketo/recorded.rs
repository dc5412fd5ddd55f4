//! What was recorded of the real service.

use std::path::Path;

use outflow_tests::recording::{self, Recorded};

use crate::compliance::heard::Heard;

/// Every recorded exchange, and where it stands.
pub(crate) fn all(folder: &Path) -> Vec<(String, Heard)> {
    let folder = folder.join("recordings/marketo");
    ["mapping.har", "leads-and-lists.har"]
        .iter()
        .flat_map(|name| {
            let recorded = recording::read(&folder.join(name)).unwrap();
            recorded.into_iter().map(move |exchange| (format!("{name} {}", exchange.index), meant(exchange)))
        })
        .collect()
}

/// The program that was recorded repeats the path's list in the form of a read, which is
/// its own doing and not the service's.
fn meant(exchange: Recorded) -> Heard {
    let mut heard = super::meant(exchange.into());
    heard.query.retain(|(name, _)| name != "listId");
    heard
}
