//! The documents agree with the program.

#[test]
fn the_examples_are_real() {
    trycmd::TestCases::new()
        .env("LC_ALL", "C.UTF-8")
        .case("README.md");
}

/// The numbers about the built-in registry in README are correct.
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

/// The program accepts every command line of the documents.
///
/// Command lines are in blocks or between backticks.
#[test]
fn documented_commands_are_real() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = vec![root.join("README.md"), root.join(".pre-commit-hooks.yaml")];
    for folder in ["docs", "docs/rules"] {
        let entries = std::fs::read_dir(root.join(folder)).expect("it can be listed");
        pages.extend(
            entries
                .map(|entry| entry.expect("it can be listed").path())
                .filter(|path| path.extension().is_some_and(|extension| extension == "md")),
        );
    }
    let mut tried = 0;
    for page in pages {
        let text = std::fs::read_to_string(&page).expect("it is text");
        for line in commands(&text) {
            // Placeholders, and the parts of the line that a shell interprets, are
            // cut off.
            let line = line
                .split(['|', '<', '>', '#', '…', '['])
                .next()
                .unwrap_or_default();
            let line = line.replace('"', "");
            let mut words: Vec<&str> = line.split_whitespace().collect();
            if words.len() == 2 {
                // The line is only the name of a command, perhaps without its
                // required arguments.
                words.push("--help");
            }
            if let Err(said) = headcount::cli::parse_command_line(words.iter().copied()) {
                panic!("{}: `{line}`: {said}", page.display());
            }
            tried += 1;
        }
    }
    assert!(tried >= 30, "only {tried} commands were found");
}

/// Returns the command lines of a page: between backticks and in blocks.
fn commands(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut in_block = false;
    for line in text.lines() {
        let line = line.trim();
        if line.starts_with("```") {
            in_block = !in_block;
        } else if in_block {
            let command = line.trim_start_matches("$ ");
            let command = command.strip_prefix("entry: ").unwrap_or(command);
            if command.starts_with("headcount ") {
                found.push(command);
            }
        } else {
            let quoted = line.split('`').skip(1).step_by(2);
            found.extend(quoted.filter(|part| {
                part.strip_prefix("headcount ")
                    .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()))
            }));
        }
    }
    found
}

/// Returns the parts of a text between backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

#[test]
fn every_key_is_documented() {
    let schema: serde_json::Value =
        serde_json::from_str(&headcount::config::schema()).expect("it is JSON");
    let page = include_str!("../docs/configuration.md");
    let mut keys = 0;
    for (key, value) in schema["properties"].as_object().expect("keys") {
        let below = value["properties"].as_object();
        let all: Vec<String> = match below {
            Some(below) => below
                .keys()
                .map(|name| format!("`[{key}] {name}`"))
                .collect(),
            None if key == "rules" => vec!["`[rules]`".to_owned()],
            None => vec![format!("`{key}`")],
        };
        for named in all {
            assert!(page.contains(&format!("| {named} |")), "{named}");
            keys += 1;
        }
    }
    assert!(keys >= 12, "{keys} keys");
    let page = include_str!("../docs/registry.md");
    for table in ["column", "table"] {
        let text = format!("schema_version = 1\n[[{table}]]\nzzz = 1\n");
        let source = headcount::source::SourceText::new("r.toml", text);
        let mistakes = headcount::registry::Registry::parse(&source).expect_err("a mistake");
        let told = mistakes
            .iter()
            .find_map(|mistake| {
                mistake
                    .help
                    .clone()
                    .filter(|help| help.contains("known keys"))
            })
            .expect("it lists the keys");
        for key in quoted(&told) {
            assert!(page.contains(&format!("`{key}`")), "{key} of [[{table}]]");
        }
    }
}
