//! Imports a BigQuery schema in JSON, whose policy tags restrict columns.
//!
//! A tag is a name that only its taxonomy explains, so its category is given as a
//! setting; a column with a tag is always sensitive.

use super::{Import, draft};
use crate::catalog::{CatalogError, Field, bigquery_json};

/// Reads the tagged columns of a schema.
pub(super) fn parse(
    path: &str,
    source: &str,
    tags: &[(String, u8)],
) -> Result<Import, CatalogError> {
    let schema = bigquery_json::parse(path, source)?;
    let table = schema.table.as_ref().map(|table| table.short());
    let mut import = Import::default();
    let mut untagged = 0;
    let mut unused: Vec<&str> = tags.iter().map(|(tag, _)| tag.as_str()).collect();
    add(&mut import, "", &schema.fields, &[], &mut |column, own| {
        if own.is_empty() {
            untagged += 1;
            return false;
        }
        column.tables = table.iter().cloned().collect();
        let meant: Vec<Option<u8>> = own
            .iter()
            .map(|tag| {
                let known = tags.iter().find(|(end, _)| is_end(tag, end))?;
                unused.retain(|end| *end != known.0);
                Some(known.1)
            })
            .collect();
        // The highest category; unknown if that of one tag is unknown.
        column.category = meant
            .iter()
            .copied()
            .collect::<Option<Vec<u8>>>()
            .and_then(|all| all.into_iter().max());
        let short: Vec<&str> = own.iter().map(|tag| short(tag)).collect();
        column
            .sensitive
            .get_or_insert_with(|| format!("policy tag {}", short.join(", ")));
        true
    });
    if untagged > 0 {
        import.notes.push(format!(
            "{path}: no entry for columns without a policy tag: {untagged}"
        ));
    }
    for tag in unused {
        import
            .notes
            .push(format!("{path}: no column has the policy tag `{tag}`"));
    }
    Ok(import)
}

type TagDecision<'d> = dyn FnMut(&mut crate::registry::ColumnEntry, &[String]) -> bool + 'd;

/// Adds the entries of fields; the tags of a RECORD also apply to its fields.
fn add(
    import: &mut Import,
    prefix: &str,
    fields: &[Field],
    outer: &[String],
    decide: &mut TagDecision<'_>,
) {
    for field in fields {
        let name = format!("{prefix}{}", field.name);
        let mut tags = outer.to_vec();
        tags.extend(field.policy_tags.iter().cloned());
        if field.is_record() {
            add(import, &format!("{name}."), &field.fields, &tags, decide);
            continue;
        }
        let mut column = draft::typed(&name, field.kind.as_deref());
        column.description = field.description.as_deref().and_then(draft::one_line);
        if decide(&mut column, &tags) {
            let restricted = column.sensitive.clone();
            draft::complete_from_name(&mut column);
            column.sensitive = restricted;
            import.columns.push(column);
        }
    }
}

/// Returns the part `taxonomies/1/policyTags/2` of a resource name.
fn short(tag: &str) -> &str {
    tag.find("taxonomies/").map_or(tag, |at| &tag[at..])
}

fn is_end(tag: &str, end: &str) -> bool {
    tag.strip_suffix(end)
        .is_some_and(|before| before.is_empty() || before.ends_with('/'))
}
