//! Endpoint: where a tool is, as an option gives it.

use url::{Host, Url};

use crate::error::{Error, Result};

/// The address of a tool's API, from an option a person wrote.
///
/// It is a whole `https` URL; plain `http` is taken for this machine alone, where a
/// sandbox may be. White space around it, repeated and trailing slashes are forgiven, as
/// people paste what a settings page shows.
///
/// ```
/// use outflow_core::Endpoint;
///
/// let endpoint = Endpoint::parse("endpoint", "https://123-ABC-456.mktorest.com/rest/").unwrap();
/// assert_eq!(endpoint.host(), "123-abc-456.mktorest.com");
/// assert_eq!(endpoint.without_suffix("/rest").join("/rest/v1/leads.json"),
///     "https://123-abc-456.mktorest.com/rest/v1/leads.json");
///
/// let error = Endpoint::parse("endpoint", "http://localhost.evil.example").unwrap_err();
/// assert_eq!(error.field(), Some("endpoint"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Scheme, host and path, without a slash at the end.
    url: String,
    /// Where the host begins and where it ends, its port included.
    host: (usize, usize),
}

impl Endpoint {
    /// Reads the value of the option `option`.
    ///
    /// # Errors
    /// `Configuration`, naming the option and what to write instead.
    pub fn parse(option: &str, text: &str) -> Result<Self> {
        let url = Url::parse(text.trim())
            .map_err(|error| wrong(option, &format!("is no URL ({error}); it looks like https://host")))?;
        check(option, &url)?;
        let mut address = format!("{}://", url.scheme());
        let start = address.len();
        // An https URL always has a host.
        address.push_str(url.host_str().unwrap_or_default());
        if let Some(port) = url.port() {
            address.push_str(&format!(":{port}"));
        }
        let end = address.len();
        for segment in url.path().split('/').filter(|segment| !segment.is_empty()) {
            address.push('/');
            address.push_str(segment);
        }
        Ok(Self { url: address, host: (start, end) })
    }

    /// Host and port, in lower case: which account this is, where each has its own host.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.url[self.host.0..self.host.1]
    }

    /// The address without `suffix`, if its path ends with it: settings pages show the
    /// API's own path, which the plugin adds itself.
    #[must_use]
    pub fn without_suffix(mut self, suffix: &str) -> Self {
        let path = &self.url[self.host.1..];
        let kept = path.strip_suffix(suffix.trim_end_matches('/'));
        if let Some(kept) = kept {
            let length = self.host.1 + kept.len();
            self.url.truncate(length);
        }
        self
    }

    /// The address of `path`, which begins with a slash.
    #[must_use]
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// The address itself, without a slash at the end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.url
    }
}

/// Whatever is sent there carries credentials, so nobody may listen on the way.
fn check(option: &str, url: &Url) -> Result<()> {
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(url) => {}
        "http" => {
            return Err(wrong(
                option,
                "is plain http, which would show credentials to the network; write https \
                 (plain http is taken for localhost alone)",
            ));
        }
        _ => return Err(wrong(option, "is no web address; it looks like https://host")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong(option, "holds a user name or password; credentials have options of their own"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong(option, "holds a query or fragment; leave out what comes after ? or #"));
    }
    Ok(())
}

/// The host as a whole, never a part of the text: `localhost.evil.example` and
/// `localhost@evil.example` are elsewhere.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The value itself is not shown: it may hold a password, or be a secret that went into
/// the wrong option.
fn wrong(option: &str, what: &str) -> Error {
    Error::configuration(format!("the option {option:?} {what}"))
        .with_code("invalid_option")
        .with_field(option)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at what it did not expect")]

    use rstest::rstest;

    use super::*;
    use crate::error::ErrorKind;

    #[rstest]
    #[case("https://acme.example", "https://acme.example")]
    #[case(" https://acme.example/ \n", "https://acme.example")]
    #[case("HTTPS://ACME.example//rest//", "https://acme.example/rest")]
    #[case("https://acme.example:443/rest", "https://acme.example/rest")]
    #[case("https://acme.example:8443", "https://acme.example:8443")]
    #[case("http://localhost:8080", "http://localhost:8080")]
    #[case("http://127.0.0.2", "http://127.0.0.2")]
    #[case("http://[::1]:9/x/", "http://[::1]:9/x")]
    fn what_people_paste_is_taken(#[case] text: &str, #[case] address: &str) {
        assert_eq!(Endpoint::parse("endpoint", text).unwrap().as_str(), address);
    }

    #[rstest]
    #[case::no_scheme("acme.example")]
    #[case::host_and_port("localhost:8080")]
    #[case::empty("")]
    #[case::other_scheme("ftp://acme.example")]
    #[case::file("file:///etc/passwd")]
    #[case::plain_http("http://acme.example")]
    #[case::private_network("http://10.0.0.1")]
    #[case::credentials("https://user:s3cret@acme.example")]
    #[case::query("https://acme.example?token=s3cret")]
    #[case::fragment("https://acme.example#s3cret")]
    fn what_is_wrong_names_the_option_and_shows_nothing(#[case] text: &str) {
        let error = Endpoint::parse("endpoint", text).unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Configuration);
        assert_eq!(error.field(), Some("endpoint"));
        assert!(!format!("{error:?} {error}").contains("s3cret"));
    }

    #[rstest]
    #[case("http://localhost.evil.example")]
    #[case("http://127.0.0.1.evil.example")]
    #[case("http://evil.example/localhost")]
    #[case("http://localhost@evil.example")]
    #[case("http://evil.example:80/127.0.0.1")]
    #[case("http://evil.example#localhost")]
    fn lesson_31_hosts_are_compared_whole(#[case] text: &str) {
        assert!(Endpoint::parse("endpoint", text).is_err());
    }

    #[rstest]
    #[case("https://acme.example/rest", "https://acme.example")]
    #[case("https://acme.example/rest/", "https://acme.example")]
    #[case("https://acme.example/proxy/rest", "https://acme.example/proxy")]
    #[case("https://acme.example", "https://acme.example")]
    #[case("https://acme.rest", "https://acme.rest")]
    #[case("https://acme.example/arrest", "https://acme.example/arrest")]
    fn the_path_a_plugin_adds_itself_is_taken_off(#[case] text: &str, #[case] address: &str) {
        let endpoint = Endpoint::parse("endpoint", text).unwrap().without_suffix("/rest");
        assert_eq!(endpoint.as_str(), address);
    }

    #[test]
    fn the_host_has_its_port() {
        let endpoint = Endpoint::parse("endpoint", "http://LOCALHOST:81/rest").unwrap();
        assert_eq!(endpoint.host(), "localhost:81");
    }
}
