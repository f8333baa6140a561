//! Conversion of an assessment to a disclosure.

use std::collections::BTreeMap;

use super::{ApprovedColumn, ApprovedSource, Disclosure};
use crate::assessment::Assessment;

impl Disclosure {
    /// Returns what a dataset discloses in each rendering that publishes it.
    ///
    /// If every rendering is internal, all of them are included.
    pub fn each(dataset: &Assessment) -> Vec<Self> {
        let all = || std::iter::once(dataset).chain(&dataset.others);
        let none = all().all(|way| way.internal.is_some());
        Self::from_renderings(all().filter(|way| none || way.internal.is_none()))
    }

    /// Returns the same, and the internal renderings whose variant was approved
    /// before.
    ///
    /// A comment cannot withdraw what was published.
    pub fn since(dataset: &Assessment, approved: &[Self]) -> Vec<Self> {
        let mut found = Self::each(dataset);
        let ways = std::iter::once(dataset).chain(&dataset.others);
        let was = |way: &&Assessment| {
            way.internal.is_some()
                && way.variant.is_some()
                && approved.iter().any(|known| known.variant == way.variant)
        };
        for way in Self::from_renderings(ways.filter(was)) {
            if !found.contains(&way) {
                found.push(way);
            }
        }
        found
    }

    fn from_renderings<'a>(ways: impl Iterator<Item = &'a Assessment>) -> Vec<Self> {
        let mut found: Vec<Self> = Vec::new();
        for disclosure in ways.map(Self::of) {
            if !found.contains(&disclosure) {
                found.push(disclosure);
            }
        }
        found
    }

    /// Returns the worst of several disclosures, field by field.
    pub fn worst(all: &[Self]) -> Self {
        all.iter().cloned().reduce(Self::join).unwrap_or_default()
    }

    /// Returns what the given rendering of a dataset discloses, without the others.
    fn of(dataset: &Assessment) -> Self {
        let decision = &dataset.decision;
        let mut findings = BTreeMap::new();
        for finding in &dataset.findings {
            // Findings about the record are not part of its content.
            if finding.rule.code < "HC400" {
                *findings.entry(finding.rule.code.to_owned()).or_default() += 1;
            }
        }
        let ways = &dataset.derivation.columns;
        Self {
            variant: dataset.variant.clone(),
            rows: Some(dataset.derivation.rows.clone()),
            assessed: dataset.assessed,
            level: decision.level,
            bucket: decision.bucket.proven,
            residual: decision.bucket.residual_unbounded,
            grain: decision.grain.clone(),
            columns: decision
                .columns
                .iter()
                .enumerate()
                .map(|(at, column)| ApprovedColumn {
                    name: column.name.clone(),
                    role: column.role,
                    category: column.category,
                    sensitive: column.sensitive.clone(),
                    level: column.level,
                    bucket: column.bucket,
                    resolution: column.resolution,
                    made: ways.get(at).cloned().unwrap_or_default(),
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

    /// Merges two disclosures for display, with the worse value in every field.
    fn join(mut self, other: Self) -> Self {
        self.variant = None;
        self.rows = None;
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
        self.made.extend(other.made);
        dedup(&mut self.made);
        self.sources.extend(other.sources);
        dedup(&mut self.sources);
    }
}

fn dedup(names: &mut Vec<String>) {
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
}
