//! Names whose values are secrets in every API.

/// Without `_`, `-` and case: `accessToken`, `access-token` and `access_token` are one.
const FIELDS: [&str; 27] = [
    "accesskey",
    "accesstoken",
    "apikey",
    "apisecret",
    "apitoken",
    "appsecret",
    "assertion",
    "authorization",
    "authtoken",
    "bearertoken",
    "clientassertion",
    "clientsecret",
    "idtoken",
    "jwt",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "pwd",
    "refreshtoken",
    "secret",
    "secretkey",
    "securitytoken",
    "sessionid",
    "sessiontoken",
    "subjecttoken",
    "token",
];

const HEADERS: [&str; 11] = [
    "api-key",
    "apikey",
    "authentication",
    "authorization",
    "cookie",
    "proxy-authorization",
    "set-cookie",
    "x-api-key",
    "x-api-token",
    "x-auth-token",
    "x-csrf-token",
];

pub(super) fn normal(name: &str) -> String {
    name.chars().filter(|letter| !matches!(letter, '_' | '-')).flat_map(char::to_lowercase).collect()
}

pub(super) fn is_field(name: &str) -> bool {
    FIELDS.contains(&normal(name).as_str())
}

pub(super) fn is_header(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    HEADERS.contains(&name.as_str())
}

/// The names as an alternative of a regular expression, for text that cannot be read by
/// its structure: `access[-_]?token` is written so by some APIs, `accessToken` by others.
pub(super) fn pattern() -> String {
    let names = FIELDS.map(|name| {
        let letters: Vec<String> = name.chars().map(String::from).collect();
        letters.join("[-_]?")
    });
    names.join("|")
}
