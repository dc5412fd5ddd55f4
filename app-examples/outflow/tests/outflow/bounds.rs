//! What a run may cost at most, for the bench that measures it.

use std::time::Duration;

/// The most CPU that the export of 3,000 leads may take.
pub(crate) const CPU_OF_LEADS: Duration = Duration::from_millis(35);

/// The most CPU that the export of 300 persons may take.
pub(crate) const CPU_OF_PERSONS: Duration = Duration::from_millis(40);

/// The most memory that any run may take, however many profiles it has.
const PEAK_MEMORY: u64 = 100_000_000;

/// How much more memory ten times the profiles may take.
const GROWTH: f64 = 1.2;

pub(crate) fn too_slow(what: &str, cpu: Duration, most: Duration) -> Option<String> {
    (cpu > most).then(|| format!("{what} took {cpu:.1?} of CPU, and may take {most:?}"))
}

pub(crate) fn too_large(what: &str, peak: u64) -> Option<String> {
    let (peak_mb, most) = (megabytes(peak), megabytes(PEAK_MEMORY));
    (peak > PEAK_MEMORY).then(|| format!("{what} took {peak_mb:.1} MB of memory, and may take {most:.0} MB"))
}

/// Memory must not grow with the number of profiles.
pub(crate) fn grown(many: u64, most: u64) -> Option<String> {
    let (many, most) = (megabytes(many), megabytes(most));
    (most > many * GROWTH)
        .then(|| format!("1,000,000 leads took {most:.1} MB of memory, 100,000 {many:.1} MB: over 20% apart"))
}

pub(crate) fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

#[test]
fn a_figure_is_over_its_bound_or_it_is_not() {
    let milliseconds = Duration::from_millis;
    assert_eq!(too_slow("leads", milliseconds(35), CPU_OF_LEADS), None);
    assert_eq!(
        too_slow("leads", milliseconds(36), CPU_OF_LEADS).unwrap(),
        "leads took 36.0ms of CPU, and may take 35ms"
    );
    assert_eq!(too_slow("persons", milliseconds(40), CPU_OF_PERSONS), None);
    assert!(too_slow("persons", milliseconds(41), CPU_OF_PERSONS).is_some());

    assert_eq!(too_large("leads", PEAK_MEMORY), None);
    assert_eq!(
        too_large("leads", 101_000_000).unwrap(),
        "leads took 101.0 MB of memory, and may take 100 MB"
    );
    assert_eq!(grown(20_000_000, 23_900_000), None);
    assert_eq!(grown(20_000_000, 10_000_000), None);
    assert!(grown(20_000_000, 24_100_000).unwrap().contains("24.1 MB"));
}
