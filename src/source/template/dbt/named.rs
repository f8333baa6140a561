//! The names that dbt may give the table of a model: an alias, or the model's name
//! with a version.

use std::collections::BTreeSet;

/// The names of a table, besides the name of its file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DbtTableNames {
    /// The declared names, in lower case.
    pub known: BTreeSet<String>,
    /// Whether it may have any other name.
    pub open: bool,
}

impl DbtTableNames {
    /// Adds a declared name; a name that is not plain text is computed.
    pub fn add(&mut self, name: Option<&str>) {
        let plain = |name: &&str| !name.trim().is_empty() && !name.contains(['{', '%', '#']);
        match name.filter(plain) {
            Some(name) => {
                self.known.insert(name.trim().to_lowercase());
            }
            None => self.open = true,
        }
    }

    /// Adds the names of another set.
    pub fn join(&mut self, other: &Self) {
        self.known.extend(other.known.iter().cloned());
        self.open |= other.open;
    }

    /// Reads the names that the text of a model declares: each value of `alias`.
    pub fn from_model_text(text: &str) -> Self {
        let mut names = Self::default();
        // A dictionary that is passed with `**` may contain an alias, too.
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

/// Returns the string literal that forms a whole value.
fn literal(value: &str) -> Option<&str> {
    let quote = value.chars().next().filter(|c| ['\'', '"'].contains(c))?;
    let (inside, after) = value[1..].split_once(quote)?;
    let ends = after.trim_start().starts_with([',', ')', '}']);
    (ends && !inside.contains('\\')).then_some(inside)
}

#[cfg(test)]
mod tests {
    use super::DbtTableNames;

    #[test]
    fn an_alias_is_a_name_or_computed() {
        let said = |text: &str| {
            let names = DbtTableNames::from_model_text(text);
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
