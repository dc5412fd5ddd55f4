//! Known values, and the forms in which they travel.

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{is_placeholder, placeholder};

/// Shorter values would tear other words apart.
const SHORTEST: usize = 6;

/// No secret of `SHORTEST` letters fits into less.
const SHORTEST_BASE64: usize = 8;

/// Values to take out, each with the name of its placeholder.
#[derive(Debug)]
pub(super) struct Secrets {
    /// Every form that is looked for, and what it becomes. Placeholders become
    /// themselves: a secret that happens to be part of one does not tear it apart.
    forms: Option<AhoCorasick>,
    replacements: Vec<String>,
    /// Whether the form is a placeholder, by the same index.
    harmless: Vec<bool>,
    /// Whole values, the short ones too.
    whole: BTreeMap<String, String>,
}

impl Secrets {
    /// Takes named values, and the names of all placeholders there can be.
    pub(super) fn new(named: &[(String, String)], placeholders: &BTreeSet<String>) -> Result<Self, String> {
        let mut forms: BTreeMap<String, (String, bool)> = BTreeMap::new();
        let mut whole = BTreeMap::new();
        for (name, value) in named.iter().filter(|(_, value)| !value.is_empty()) {
            let stands_for = placeholder(name);
            whole.entry(value.clone()).or_insert_with(|| stands_for.clone());
            if value.len() < SHORTEST || is_placeholder(value) {
                continue;
            }
            for form in forms_of(value) {
                forms.entry(form).or_insert_with(|| (stands_for.clone(), false));
            }
        }
        for text in placeholders {
            forms.insert(text.clone(), (text.clone(), true));
        }
        let (patterns, targets): (Vec<_>, Vec<_>) = forms.into_iter().unzip();
        let (replacements, harmless) = targets.into_iter().unzip();
        let forms = (!patterns.is_empty())
            .then(|| AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&patterns))
            .transpose()
            .map_err(|error| error.to_string())?;
        Ok(Self { forms, replacements, harmless, whole })
    }

    /// What takes the place of a value that is a secret as a whole.
    pub(super) fn whole(&self, value: &str) -> Option<&str> {
        self.whole.get(value).map(String::as_str)
    }

    /// The text without secrets.
    pub(super) fn removed(&self, text: &str) -> String {
        let text = self.without_base64(text);
        match &self.forms {
            Some(forms) => forms.replace_all(&text, &self.replacements),
            None => text,
        }
    }

    /// The same for what is no text.
    pub(super) fn removed_from_bytes(&self, bytes: &[u8]) -> Vec<u8> {
        match &self.forms {
            Some(forms) => forms.replace_all_bytes(bytes, &self.replacements),
            None => bytes.to_vec(),
        }
    }

    /// The name of a secret that stands in the text, in any form.
    pub(super) fn found_in(&self, bytes: &[u8]) -> Option<&str> {
        self.plainly_in(bytes).or_else(|| {
            let text = std::str::from_utf8(bytes).ok()?;
            runs(text).find_map(|(start, end)| self.packed_in(&text[start..end]).map(|(_, name)| name))
        })
    }

    fn plainly_in(&self, bytes: &[u8]) -> Option<&str> {
        let forms = self.forms.as_ref()?;
        let found = forms.find_iter(bytes).find(|found| !self.harmless[found.pattern().as_usize()])?;
        Some(&self.replacements[found.pattern().as_usize()])
    }

    /// A secret in a longer text in base64 (`user:secret`) has no form of its own there:
    /// what was before it shifts its bits. So runs of base64 are looked into.
    fn without_base64(&self, text: &str) -> String {
        let mut kept = String::with_capacity(text.len());
        let mut done = 0;
        for (start, end) in runs(text) {
            let Some((offset, name)) = self.packed_in(&text[start..end]) else {
                continue;
            };
            kept.push_str(&text[done..start + offset]);
            kept.push_str(name);
            done = end + text[end..].bytes().take_while(|byte| *byte == b'=').count();
        }
        kept.push_str(&text[done..]);
        kept
    }

    /// Where base64 with a secret in it begins in the run, and the secret's placeholder.
    /// What precedes it in the run may be no base64 (`/path/` is of the same letters).
    fn packed_in(&self, run: &str) -> Option<(usize, &str)> {
        (0..4).find_map(|offset| {
            let bytes = unpacked(&run[offset..])?;
            let name = self.secret_in_unpacked(&bytes)?;
            Some((offset, name))
        })
    }

    /// Also the placeholder of a secret: a replay packs that in the secret's place.
    fn secret_in_unpacked(&self, bytes: &[u8]) -> Option<&str> {
        let forms = self.forms.as_ref()?;
        let found = forms.find(bytes)?;
        Some(&self.replacements[found.pattern().as_usize()])
    }
}

/// Base64 in both its alphabets, and what looks like it.
fn runs(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at + bytes[at..].iter().position(|byte| is_base64(*byte))?;
            let length = bytes[start..].iter().take_while(|byte| is_base64(**byte)).count();
            at = start + length;
            if length >= SHORTEST_BASE64 {
                return Some((start, at));
            }
        }
    })
}

/// Lenient: padding and left-over bits may be any, since the run's ends are a guess.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

fn unpacked(run: &str) -> Option<Vec<u8>> {
    let mut run: String = run
        .chars()
        .map(|letter| match letter {
            '-' => '+',
            '_' => '/',
            other => other,
        })
        .collect();
    if run.len() % 4 == 1 {
        run.pop();
    }
    LENIENT.decode(run).ok()
}

/// What `encodeURIComponent` leaves as it is.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// What RFC 3986 never has encoded.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// What a URL's path has encoded.
const PATH: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'?').add(b'`').add(b'{').add(b'}');

fn forms_of(value: &str) -> BTreeSet<String> {
    let percent = |set: &'static AsciiSet| utf8_percent_encode(value, set).to_string();
    let form: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let upper = [percent(COMPONENT), percent(UNRESERVED), percent(PATH), percent(NON_ALPHANUMERIC), form];
    let lower = upper.clone().map(|text| lower_escapes(&text));
    let mut forms: BTreeSet<String> = upper.into_iter().chain(lower).collect();
    forms.insert(value.to_owned());
    let json = in_json(value);
    // PHP and its like escape the slash as well.
    forms.insert(json.replace('/', "\\/"));
    // A JSON text within a JSON text.
    forms.insert(in_json(&json));
    forms.insert(json);
    forms.insert(in_ascii_json(value));
    forms.insert(in_xml(value));
    forms
}

/// `%3A` as `%3a`.
fn lower_escapes(text: &str) -> String {
    let mut left = 0;
    let lower = |letter: char| match (letter, left) {
        ('%', _) => {
            left = 2;
            letter
        }
        (_, 0) => letter,
        _ => {
            left -= 1;
            letter.to_ascii_lowercase()
        }
    };
    text.chars().map(lower).collect()
}

fn in_json(value: &str) -> String {
    let quoted = serde_json::Value::from(value).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// As serializers write it that keep to ASCII.
fn in_ascii_json(value: &str) -> String {
    let mut text = String::new();
    let mut units = [0; 2];
    for letter in in_json(value).chars() {
        if letter.is_ascii() {
            text.push(letter);
        } else {
            for unit in letter.encode_utf16(&mut units) {
                text.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    text
}

fn in_xml(value: &str) -> String {
    value
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}
