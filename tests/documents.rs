//! What the documents show is what the program says.

#[test]
fn the_examples_are_real() {
    trycmd::TestCases::new().case("README.md");
}

/// The numbers that README gives of the built-in registry.
#[test]
fn the_registry_is_as_large_as_it_is_said_to_be() {
    let registry = headcount::registry::Registry::builtin();
    let columns = registry.columns();
    let reviewed = columns
        .iter()
        .filter(|column| !column.data_reviews.is_empty())
        .count();
    let tables = registry.tables();
    let impersonal = tables
        .iter()
        .filter(|table| table.personal == Some(false))
        .count();
    let said = format!(
        "{} columns, {reviewed} of them with a link to their data review, and {} tables of Mozilla's, {impersonal} of which hold no people",
        columns.len(),
        tables.len()
    );
    let readme = include_str!("../README.md");
    assert!(readme.contains(&said), "README does not say: {said}");
}
