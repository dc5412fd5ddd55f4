//! Which of create, update and delete a run may do.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a run may do to the tool's records: any subset of create, update and delete.
///
/// ```
/// use outflow_core::SyncMode;
///
/// assert_eq!("additive".parse(), Ok(SyncMode::ADDITIVE));
/// assert_eq!("create,delete".parse::<SyncMode>().unwrap().to_string(), "create,delete");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct SyncMode {
    /// Records may be created.
    pub create: bool,
    /// Records may be updated, groups included.
    pub update: bool,
    /// Records may be deleted.
    pub delete: bool,
}

impl SyncMode {
    /// Create, update and delete.
    pub const SYNC: Self = Self { create: true, update: true, delete: true };
    /// Create and update; never delete.
    pub const ADDITIVE: Self = Self { create: true, update: true, delete: false };
    /// Update what is there; neither create nor delete.
    pub const ENRICH: Self = Self { create: false, update: true, delete: false };
}

impl Default for SyncMode {
    fn default() -> Self {
        Self::SYNC
    }
}

impl fmt::Display for SyncMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::SYNC => f.write_str("sync"),
            Self::ADDITIVE => f.write_str("additive"),
            Self::ENRICH => f.write_str("enrich"),
            Self { create, update, delete } => {
                let names = [(create, "create"), (update, "update"), (delete, "delete")];
                let mut given = names.iter().filter(|(given, _)| *given).map(|(_, name)| *name);
                f.write_str(given.next().unwrap_or("none"))?;
                given.try_for_each(|name| write!(f, ",{name}"))
            }
        }
    }
}

impl FromStr for SyncMode {
    type Err = UnknownSyncMode;

    fn from_str(text: &str) -> Result<Self, UnknownSyncMode> {
        match text {
            "sync" => return Ok(Self::SYNC),
            "additive" => return Ok(Self::ADDITIVE),
            "enrich" => return Ok(Self::ENRICH),
            _ => {}
        }
        let mut mode = Self { create: false, update: false, delete: false };
        if text == "none" {
            return Ok(mode);
        }
        for name in text.split(',') {
            match name.trim() {
                "create" => mode.create = true,
                "update" => mode.update = true,
                "delete" => mode.delete = true,
                _ => return Err(UnknownSyncMode(text.to_owned())),
            }
        }
        Ok(mode)
    }
}

/// The text is neither a sync mode nor a list of operations.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no sync mode; use sync, additive or enrich, or a comma-separated list of create, update and delete"
)]
pub struct UnknownSyncMode(String);

impl From<SyncMode> for String {
    fn from(mode: SyncMode) -> Self {
        mode.to_string()
    }
}

impl TryFrom<String> for SyncMode {
    type Error = UnknownSyncMode;

    fn try_from(text: String) -> Result<Self, UnknownSyncMode> {
        text.parse()
    }
}
