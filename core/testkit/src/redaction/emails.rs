//! E-mail addresses that nobody gets mail at.

use std::sync::LazyLock;

use regex::{Captures, Regex};
use sha2::{Digest, Sha256};

/// An address; its `@` may be percent-encoded.
static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)([\w'][\w.'+-]*)(@|%40)(\w(?:[\w-]*\w)?(?:\.[\w-]+)*\.[a-z]{2,})").ok()
});

/// Domains that belong to nobody (RFC 2606 and 6761).
const NOBODYS: [&str; 4] = ["example", "test", "invalid", "localhost"];

pub(super) fn mapped(text: &str) -> String {
    let Some(address) = ADDRESS.as_ref() else {
        return text.to_owned();
    };
    address
        .replace_all(text, |found: &Captures<'_>| {
            if is_nobodys(&found[3]) {
                found[0].to_owned()
            } else {
                format!("person-{}{}example.com", digest(&found[1], &found[3]), &found[2])
            }
        })
        .into_owned()
}

fn is_nobodys(domain: &str) -> bool {
    let domain = domain.to_ascii_lowercase();
    let mut labels = domain.rsplit('.');
    let (last, before) = (labels.next().unwrap_or_default(), labels.next());
    NOBODYS.contains(&last) || (before == Some("example") && matches!(last, "com" | "net" | "org"))
}

/// The same for one address in any case, as tools change the case they are given.
fn digest(local: &str, domain: &str) -> String {
    let address = format!("{}@{}", local.to_lowercase(), domain.to_lowercase());
    let digest = Sha256::digest(address.as_bytes());
    digest[..6].iter().map(|byte| format!("{byte:02x}")).collect()
}
