//! Pages: a token says after which id the next one begins.

use super::reply::Failure;
use super::request::Call;

/// A page's items and the token of the next one.
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) next: Option<String>,
}

/// Cuts the page a call asks for out of items ordered by id. Ids hold when others come
/// and go between two pages, positions would not.
pub(super) fn page<T>(call: &Call, items: impl Iterator<Item = (u32, T)>) -> Result<Page<T>, Failure> {
    let size = call.parameters.batch_size()?;
    let after = match call.parameters.get("nextPageToken") {
        None | Some("") => 0,
        Some(token) => read(token).ok_or_else(|| Failure::new("1003", "Invalid nextPageToken"))?,
    };
    let mut rest = items.skip_while(|(id, _)| *id <= after);
    let mut last = after;
    let items: Vec<T> = rest
        .by_ref()
        .take(size)
        .map(|(id, item)| {
            last = id;
            item
        })
        .collect();
    let next = rest.next().map(|_| write(last));
    Ok(Page { items, next })
}

const PADDING: &str = "======";

fn write(last: u32) -> String {
    format!("{last:010X}{PADDING}")
}

fn read(token: &str) -> Option<u32> {
    u32::from_str_radix(token.strip_suffix(PADDING)?, 16).ok()
}
