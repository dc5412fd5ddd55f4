//! The three names of a record: the host's, the key, and the tool's.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize};

macro_rules! text_identity {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes the text as it is.
            pub fn new(text: impl Into<Arc<str>>) -> Self {
                Self(text.into())
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::new(text)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

text_identity! {
    /// The host's own id of a profile. JSON numbers are taken as their digits.
    ProfileId
}

text_identity! {
    /// The value that finds a profile in the tool, normalised by the connection
    /// (an email in lower case, say), so that equal keys compare equal.
    Key
}

text_identity! {
    /// The tool's own id of a record. Numbers are kept as their digits.
    RemoteId
}

impl From<u64> for RemoteId {
    fn from(id: u64) -> Self {
        Self::new(id.to_string())
    }
}

impl RemoteId {
    /// The id as a number, for APIs whose ids are numbers.
    ///
    /// # Errors
    /// An [`Error`](crate::Error) of kind `Rejected` when it is none.
    pub fn as_u64(&self) -> crate::Result<u64> {
        self.0.parse().map_err(|_| {
            crate::Error::rejected(format!("the remote id {self:?} is not a number, as this tool's ids are"))
                .with_code("invalid_remote_id")
        })
    }
}

fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<str>, D::Error> {
    struct Visitor;
    impl serde::de::Visitor<'_> for Visitor {
        type Value = Arc<str>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string or a whole number")
        }

        fn visit_str<E>(self, text: &str) -> Result<Arc<str>, E> {
            Ok(text.into())
        }

        fn visit_u64<E>(self, number: u64) -> Result<Arc<str>, E> {
            Ok(number.to_string().into())
        }

        fn visit_i64<E>(self, number: i64) -> Result<Arc<str>, E> {
            Ok(number.to_string().into())
        }
    }
    deserializer.deserialize_any(Visitor)
}

impl<'de> Deserialize<'de> for ProfileId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text_or_number(deserializer).map(Self)
    }
}

impl<'de> Deserialize<'de> for RemoteId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text_or_number(deserializer).map(Self)
    }
}
