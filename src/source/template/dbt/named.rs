//! The names that dbt may give the table of a model: an alias, or the model's name
//! with a version.

use std::collections::BTreeSet;

/// The names of a table besides that of its file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DbtNames {
    /// Those that something says, in lower case.
    pub known: BTreeSet<String>,
    /// Whether it may have any other.
    pub open: bool,
}

impl DbtNames {
    /// Adds a name that is said; what is not a plain name is computed.
    pub fn add(&mut self, name: Option<&str>) {
        let plain = |name: &&str| !name.trim().is_empty() && !name.contains(['{', '%', '#']);
        match name.filter(plain) {
            Some(name) => {
                self.known.insert(name.trim().to_lowercase());
            }
            None => self.open = true,
        }
    }

    /// Adds what another one has.
    pub fn join(&mut self, other: &Self) {
        self.known.extend(other.known.iter().cloned());
        self.open |= other.open;
    }

    /// What the text of a model says: each `alias` that is given a value.
    pub fn said_by(text: &str) -> Self {
        let mut names = Self::default();
        // What is given whole may have an alias too.
        names.open |= text.contains("**");
        let part = |c: char| c.is_alphanumeric() || c == '_';
        for (at, word) in text.match_indices("alias") {
            let whole = !text[..at].ends_with(part) && !text[at + word.len()..].starts_with(part);
            let after = text[at + word.len()..]
                .trim_start_matches(['\'', '"'])
                .trim_start();
            let Some(value) = after.strip_prefix(['=', ':']).filter(|_| whole) else {
                continue;
            };
            names.add(literal(value.trim_start()));
        }
        names
    }
}

/// The string that is all of a value.
fn literal(value: &str) -> Option<&str> {
    let quote = value.chars().next().filter(|c| ['\'', '"'].contains(c))?;
    let (inside, after) = value[1..].split_once(quote)?;
    let ends = after.trim_start().starts_with([',', ')', '}']);
    (ends && !inside.contains('\\')).then_some(inside)
}

#[cfg(test)]
mod tests {
    use super::DbtNames;

    #[test]
    fn an_alias_is_a_name_or_computed() {
        let said = |text: &str| {
            let names = DbtNames::said_by(text);
            (Vec::from_iter(names.known), names.open)
        };
        let known = |name: &str| (vec![name.to_owned()], false);
        assert_eq!(said("{{ config(alias='Final') }}"), known("final"));
        assert_eq!(said("{{ config({\"alias\": \"b\"}) }}"), known("b"));
        assert_eq!(said("SELECT alias, aliases = 1"), (vec![], false));
        for text in [
            "{{ config(alias=var('x')) }}",
            "{{ config(alias='a' ~ x) }}",
            "{{ config(**settings) }}",
        ] {
            assert_eq!(said(text), (vec![], true), "{text}");
        }
    }
}
