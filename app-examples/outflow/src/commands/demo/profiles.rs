//! Profiles made up from a seed: people of invented companies, some of them with data as
//! bad as real data is.

use std::collections::BTreeSet;

use fastrand::Rng;
use outflow_core::Value;

use super::names::{CITIES, COMPANIES, FIRST_NAMES, JOB_TITLES, LAST_NAMES};

/// Groups, and of a hundred profiles how many are in them.
const GROUPS: [(&str, u8); 6] = [
    ("Newsletter", 60),
    ("Customers", 35),
    ("Trial", 20),
    ("Webinar 2026", 12),
    ("VIP", 6),
    ("Partners EMEA", 3),
];

/// Of so many profiles one is bad on purpose.
const FLAWED_EVERY: usize = 40;

/// What is wrong with a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    MissingEmail,
    BadEmail,
    ScoreInWords,
    UnknownField,
    /// Another profile has its email: no tool can hold both, and the later one wins.
    SharedEmail,
}

const FLAWS: [Flaw; 5] =
    [Flaw::MissingEmail, Flaw::BadEmail, Flaw::ScoreInWords, Flaw::UnknownField, Flaw::SharedEmail];

/// What the host knows of a person; a [`Mapping`](super::mapping::Mapping) says which
/// fields of a tool it goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attribute {
    Email,
    FirstName,
    LastName,
    FullName,
    Company,
    JobTitle,
    City,
    Phone,
    Score,
    SignedUp,
}

#[derive(Clone, Debug)]
pub(super) struct Profile {
    pub(super) id: String,
    pub(super) first_name: &'static str,
    pub(super) last_name: &'static str,
    pub(super) email: String,
    pub(super) company: &'static str,
    pub(super) job_title: &'static str,
    pub(super) city: &'static str,
    pub(super) phone: Option<String>,
    pub(super) score: i64,
    pub(super) signed_up: String,
    pub(super) groups: BTreeSet<&'static str>,
    pub(super) flaw: Option<Flaw>,
    pub(super) is_deleted: bool,
}

impl Profile {
    /// What the profile holds of an attribute; `None` when it holds nothing.
    pub(super) fn value(&self, attribute: Attribute) -> Option<Value> {
        let text = |text: &str| Some(Value::from(text));
        match attribute {
            Attribute::Email => match self.flaw {
                Some(Flaw::MissingEmail) => None,
                Some(Flaw::BadEmail) => Some(Value::from(self.email.replace('@', " at "))),
                _ => text(&self.email),
            },
            Attribute::FirstName => text(self.first_name),
            Attribute::LastName => text(self.last_name),
            Attribute::FullName => Some(Value::from(format!("{} {}", self.first_name, self.last_name))),
            Attribute::Company => text(self.company),
            Attribute::JobTitle => text(self.job_title),
            Attribute::City => text(self.city),
            Attribute::Phone => self.phone.as_deref().map(Value::from),
            Attribute::Score => match self.flaw {
                Some(Flaw::ScoreInWords) => text("rather high"),
                _ => Some(Value::from(self.score)),
            },
            Attribute::SignedUp => text(&self.signed_up),
        }
    }

    /// A property that no tool has a field for.
    pub(super) fn stray_property(&self) -> Option<(&'static str, Value)> {
        (self.flaw == Some(Flaw::UnknownField)).then(|| ("favourite_colour", Value::from("green")))
    }

    /// Whether a tool can hold it as it is.
    pub(super) fn is_sound(&self) -> bool {
        matches!(self.flaw, None | Some(Flaw::SharedEmail))
    }

    /// A local part and domain of its own for the person, in ASCII as emails are.
    pub(super) fn work_email(&self, number: usize, domain_suffix: &str) -> String {
        let ascii = |name: &str| -> String {
            let letters = name.chars().map(without_accent).filter(char::is_ascii_alphabetic);
            letters.collect::<String>().to_ascii_lowercase()
        };
        let (first, last, company) = (ascii(self.first_name), ascii(self.last_name), ascii(self.company));
        format!("{first}.{last}{number}@{company}{domain_suffix}")
    }
}

fn without_accent(letter: char) -> char {
    match letter {
        'á' | 'à' | 'ä' | 'å' => 'a',
        'é' | 'è' | 'ë' => 'e',
        'í' => 'i',
        'ö' | 'ó' | 'ø' => 'o',
        'ü' => 'u',
        'ç' => 'c',
        'ł' | 'Ł' => 'l',
        'ñ' => 'n',
        'Ş' => 's',
        other => other,
    }
}

/// As many profiles as asked for, the same for the same seed.
pub(super) fn generate(count: u32, seed: u64) -> Vec<Profile> {
    let mut rng = Rng::with_seed(seed);
    let mut profiles: Vec<Profile> = Vec::new();
    for number in 0..count as usize {
        let mut profile = invent(number, &mut rng);
        // Only a profile in the middle: a demo of few profiles is to show mostly good ones.
        if number % FLAWED_EVERY == FLAWED_EVERY / 4 {
            let flaw = FLAWS[number / FLAWED_EVERY % FLAWS.len()];
            profile.flaw = Some(flaw);
            if flaw == Flaw::SharedEmail
                && let Some(twin) = profiles.last()
            {
                profile.email.clone_from(&twin.email);
                // What the later one does not hold, it leaves as the earlier one has it.
                profile.phone.clone_from(&twin.phone);
                profile.groups.clone_from(&twin.groups);
            }
        }
        profiles.push(profile);
    }
    profiles
}

fn invent(number: usize, rng: &mut Rng) -> Profile {
    let mut profile = Profile {
        id: format!("profile-{:06}", number + 1),
        first_name: pick(rng, FIRST_NAMES),
        last_name: pick(rng, LAST_NAMES),
        email: String::new(),
        company: pick(rng, COMPANIES),
        job_title: pick(rng, JOB_TITLES),
        city: pick(rng, CITIES),
        phone: (rng.u8(..10) < 7).then(|| format!("+1 555 {:03} {:04}", rng.u16(..1000), rng.u16(..10_000))),
        score: i64::from(rng.u8(..=100)),
        signed_up: format!("{}-{:02}-{:02}", rng.u16(2019..=2026), rng.u8(1..=12), rng.u8(1..=28)),
        groups: BTreeSet::new(),
        flaw: None,
        is_deleted: false,
    };
    profile.email = profile.work_email(number + 1, ".example");
    profile.groups =
        GROUPS.iter().filter(|(_, share)| rng.u8(..100) < *share).map(|(name, _)| *name).collect();
    profile
}

fn pick(rng: &mut Rng, from: &[&'static str]) -> &'static str {
    rng.choice(from).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn profiles_are_the_same_for_the_same_seed() {
        let emails =
            |seed| -> Vec<String> { generate(300, seed).into_iter().map(|profile| profile.email).collect() };
        assert_eq!(emails(7), emails(7));
        assert_ne!(emails(7), emails(8));
    }

    #[test]
    fn only_those_that_share_an_email_on_purpose_do() {
        let profiles = generate(2_000, 1);
        let emails: HashSet<&str> = profiles.iter().map(|profile| profile.email.as_str()).collect();
        let sharing = profiles.iter().filter(|profile| profile.flaw == Some(Flaw::SharedEmail)).count();
        assert_eq!(emails.len() + sharing, profiles.len());
        assert!(emails.iter().all(|email| email.is_ascii() && email.contains('@')));
    }

    #[test]
    fn every_flaw_is_there() {
        let profiles = generate(200, 1);
        for flaw in FLAWS {
            assert!(profiles.iter().any(|profile| profile.flaw == Some(flaw)), "{flaw:?}");
        }
    }
}
