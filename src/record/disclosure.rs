//! From an assessment to what it discloses.

use std::collections::BTreeMap;

use super::{ApprovedColumn, ApprovedSource, Disclosure};
use crate::assessment::Assessment;

impl Disclosure {
    /// What an assessed dataset discloses.
    pub fn of(dataset: &Assessment) -> Self {
        let decision = &dataset.decision;
        let mut findings = BTreeMap::new();
        for finding in &dataset.findings {
            // What the record itself says is not part of what it holds.
            if finding.rule.code < "HC400" {
                *findings.entry(finding.rule.code.to_owned()).or_default() += 1;
            }
        }
        Self {
            assessed: dataset.assessed,
            level: decision.level,
            bucket: decision.bucket.proven,
            residual: decision.bucket.residual_unbounded,
            grain: decision.grain.clone(),
            columns: decision
                .columns
                .iter()
                .map(|column| ApprovedColumn {
                    name: column.name.clone(),
                    role: column.role,
                    category: column.category,
                    sensitive: column.sensitive.clone(),
                    level: column.level,
                    bucket: column.bucket,
                    resolution: column.resolution,
                    made: column.made.clone(),
                    sources: column.sources.iter().map(|name| name.to_string()).collect(),
                })
                .collect(),
            sources: decision
                .sources
                .iter()
                .map(|source| ApprovedSource {
                    name: source.name.to_string(),
                    category: source.category,
                    measured: source.measured,
                    sensitive: source.sensitive.clone(),
                    registered: source.registered,
                    reviewed: source.reviewed || source.filter,
                })
                .collect(),
            findings,
        }
    }

    /// What is disclosed where two statements write the same table: the worse of
    /// both in every field, so that each alone is covered.
    pub fn join(mut self, other: Self) -> Self {
        self.assessed &= other.assessed;
        self.level = self.level.max(other.level);
        self.bucket = match (self.bucket, other.bucket) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (None, _) | (_, None) => None,
        };
        self.residual |= other.residual;
        self.grain = match (self.grain, other.grain) {
            (Some(mut keys), Some(more)) => {
                keys.extend(more);
                dedup(&mut keys);
                Some(keys)
            }
            (None, _) | (_, None) => None,
        };
        for column in other.columns {
            match self
                .columns
                .iter_mut()
                .find(|known| known.name.eq_ignore_ascii_case(&column.name))
            {
                Some(known) => known.join(column),
                None => self.columns.push(column),
            }
        }
        for source in other.sources {
            match self
                .sources
                .iter_mut()
                .find(|known| known.name == source.name)
            {
                Some(known) => {
                    known.category = known.category.zip(source.category).map(|(a, b)| a.max(b));
                    known.measured &= source.measured;
                    known.sensitive = known.sensitive.take().or(source.sensitive);
                    known.registered &= source.registered;
                    known.reviewed &= source.reviewed;
                }
                None => self.sources.push(source),
            }
        }
        for (code, count) in other.findings {
            let known = self.findings.entry(code).or_default();
            *known = (*known).max(count);
        }
        self
    }
}

impl ApprovedColumn {
    fn join(&mut self, other: Self) {
        self.category = self.category.zip(other.category).map(|(a, b)| a.max(b));
        self.sensitive = self.sensitive.take().or(other.sensitive);
        self.level = self.level.max(other.level);
        self.bucket = self.bucket.zip(other.bucket).map(|(a, b)| a.min(b));
        self.resolution = self.resolution.max(other.resolution);
        if !self.made_in(&other.made) {
            self.made = format!("{} | {}", self.made, other.made);
        }
        self.sources.extend(other.sources);
        dedup(&mut self.sources);
    }

    /// Whether one of the ways in which it is made is this.
    pub(super) fn made_in(&self, made: &str) -> bool {
        self.made.split(" | ").any(|own| own == made)
    }
}

fn dedup(names: &mut Vec<String>) {
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
}
