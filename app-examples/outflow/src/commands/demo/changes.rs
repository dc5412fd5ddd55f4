//! What happens to the profiles before the second round.

use std::collections::HashSet;

use super::profiles::{Flaw, Profile};

/// Of so many profiles one changes.
const CHANGED_EVERY: usize = 10;

/// Changes a tenth of the sound profiles, each in one of five ways, and mends every other
/// bad one. It returns how many of them differ now.
pub(super) fn change_a_tenth(profiles: &mut [Profile]) -> usize {
    let shared = shared_emails(profiles);
    let mut changed = 0;
    let mut flawed = 0;
    for (number, profile) in profiles.iter_mut().enumerate() {
        match profile.flaw {
            // Two profiles of one record: to change one of them is to contradict the other.
            Some(Flaw::SharedEmail) => continue,
            None if shared.contains(&profile.email) => continue,
            Some(_) => {
                flawed += 1;
                if flawed % 2 == 0 {
                    continue;
                }
                profile.flaw = None;
            }
            None if number % CHANGED_EVERY == CHANGED_EVERY / 2 => change(profile, number),
            None => continue,
        }
        changed += 1;
    }
    changed
}

fn shared_emails(profiles: &[Profile]) -> HashSet<String> {
    let sharing = profiles.iter().filter(|profile| profile.flaw == Some(Flaw::SharedEmail));
    sharing.map(|profile| profile.email.clone()).collect()
}

fn change(profile: &mut Profile, number: usize) {
    match number / CHANGED_EVERY % 5 {
        0 => profile.email = profile.work_email(number + 1, ".new.example"),
        1 => {
            profile.groups.pop_first();
            profile.score += 1;
        }
        2 => profile.is_deleted = true,
        3 => {
            profile.score = 0;
            profile.job_title = "Founder";
            profile.groups.insert("VIP");
        }
        _ => {
            profile.phone = None;
            profile.city = "Reykjavík";
            profile.company = "Newly & Founded";
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::demo::profiles::generate;

    #[test]
    fn a_tenth_changes_in_every_way() {
        let before = generate(1_000, 1);
        let mut after = before.clone();
        let changed = change_a_tenth(&mut after);
        assert!((90..=120).contains(&changed), "{changed}");
        let pairs = || before.iter().zip(&after);
        assert!(after.iter().any(|profile| profile.is_deleted));
        assert!(pairs().any(|(before, after)| before.email != after.email));
        assert!(pairs().any(|(before, after)| before.groups.len() > after.groups.len()));
        assert!(pairs().any(|(before, after)| before.phone.is_some() && after.phone.is_none()));
        assert!(pairs().any(|(before, after)| !before.is_sound() && after.is_sound()));
        assert!(after.iter().any(|profile| !profile.is_sound()));
    }
}
