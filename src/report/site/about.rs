//! The owners' description of a dataset, and the address of its data.

use serde::Serialize;

use crate::catalog::layout::Metadata;

/// Largest length of a description in characters.
const LONGEST: usize = 2_000;

/// The description of a dataset on its page, apart from what the dataset discloses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct DatasetDescription {
    title: Option<String>,
    description: Option<String>,
    owners: String,
    /// The address of the table in the BigQuery console.
    link: Option<String>,
}

/// Describes a dataset by its metadata.
pub(super) fn about(dataset: &str, metadata: Option<&Metadata>) -> DatasetDescription {
    let said = |text: Option<&String>| {
        let text: String = text?.trim().chars().take(LONGEST).collect();
        (!text.is_empty()).then_some(text)
    };
    let owners = metadata.map_or(&[][..], |metadata| &metadata.owners);
    // A public page must not contain mail addresses.
    let names = owners.iter().map(|owner| {
        let name = owner.split('@').next().unwrap_or_default();
        name.trim().to_owned()
    });
    let names: Vec<String> = names.filter(|name| !name.is_empty()).collect();
    DatasetDescription {
        title: said(metadata.and_then(|metadata| metadata.friendly_name.as_ref())),
        description: said(metadata.and_then(|metadata| metadata.description.as_ref())),
        owners: names.join(", "),
        link: console(dataset),
    }
}

/// Returns the address of a table whose name has three plain parts.
fn console(dataset: &str) -> Option<String> {
    let parts: Vec<&str> = dataset.split('.').collect();
    let [project, dataset, table] = parts[..] else {
        return None;
    };
    let plain = |part: &str| {
        let mut chars = part.chars();
        !part.is_empty() && chars.all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
    };
    let all = plain(project) && plain(dataset) && plain(table);
    all.then(|| {
        format!(
            "https://console.cloud.google.com/bigquery?p={project}&d={dataset}&t={table}&page=table"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::{about, console};
    use crate::catalog::layout::Metadata;

    #[test]
    fn owner_is_shown_without_an_address() {
        let metadata = Metadata {
            owners: vec!["ann@library.example".to_owned(), "readers/team".to_owned()],
            description: Some(" Loans by branch. ".to_owned()),
            ..Metadata::default()
        };
        let about = about("library.loans.by_branch", Some(&metadata));
        assert_eq!(about.owners, "ann, readers/team");
        assert_eq!(about.description.as_deref(), Some("Loans by branch."));
        assert!(
            about
                .link
                .is_some_and(|link| link.contains("&t=by_branch&"))
        );
    }

    #[test]
    fn dataset_without_a_plain_name_has_no_link() {
        for name in ["loans", "sql/loans.sql#1", "a.b.c.d", "a.b.c\"onclick"] {
            assert_eq!(console(name), None);
        }
    }
}
