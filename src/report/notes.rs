//! Notes about the settings of a run, which every format shows.

use super::Run;
use crate::numbers::GroupedNumber;
use crate::registry::PolicySettings;

/// Returns the notes, without final periods.
pub fn notes(run: &Run) -> Vec<String> {
    let bucket = min_bucket(run.min_bucket);
    bucket
        .into_iter()
        .chain(run.notes.iter().cloned())
        .collect()
}

/// Reports a minimum bucket that is not the policy's; 0 means that none was used.
fn min_bucket(served: u64) -> Option<String> {
    let policy = PolicySettings::MOZILLA_MIN_BUCKET;
    let is_other = served != policy && served != 0;
    is_other.then(|| {
        format!(
            "the minimum bucket is {}, not the policy's {}",
            GroupedNumber(served),
            GroupedNumber(policy)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::min_bucket;

    #[test]
    fn bucket_of_policy_is_not_said_and_any_other_is() {
        assert_eq!(min_bucket(5_000), None);
        let said = min_bucket(20);
        let wanted = "the minimum bucket is 20, not the policy's 5,000";
        assert_eq!(said.as_deref(), Some(wanted));
        assert!(min_bucket(1_234_567).is_some_and(|said| said.contains("1,234,567")));
    }
}
