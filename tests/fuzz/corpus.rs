//! The texts that are mutated: test queries, the queries of the repository, and the
//! texts of `corpus/`, which were written for this purpose or once failed.

use std::path::Path;

/// Returns the contents of a folder's files with a suffix, sorted by path.
fn files(folder: &str, ending: &str) -> Vec<String> {
    let mut found: Vec<_> =
        walkdir::WalkDir::new(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder))
            .sort_by_file_name()
            .into_iter()
            .filter_map(Result::ok)
            .filter(|entry| entry.file_type().is_file())
            .filter(|entry| entry.path().to_string_lossy().ends_with(ending))
            .collect();
    found.sort_by(|a, b| a.path().cmp(b.path()));
    found
        .iter()
        .filter_map(|entry| std::fs::read_to_string(entry.path()).ok())
        .collect()
}

fn lines(path: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let text = std::fs::read_to_string(path).expect("the forms are there");
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(str::to_owned).collect()
}

fn queries() -> Vec<String> {
    let mut all = lines("tests/forms/queries.txt");
    let values = lines("tests/forms/expressions.txt");
    all.extend(values.iter().map(|value| format!("SELECT {value} FROM t")));
    all.extend(files("queries", ".sql"));
    all
}

/// Returns the texts of a target; at least one.
pub fn of(target: &str) -> Vec<String> {
    let mut all = files(&format!("tests/fuzz/corpus/{target}"), "");
    match target {
        "pipeline" => all.extend(queries()),
        "template" => all.extend(files("tests/repositories", ".sql")),
        "registry" => {
            all.extend(files(".", "dimension-registry.toml").into_iter().take(3));
        }
        "config" => all.extend(files("tests/repositories", "headcount.toml")),
        "metadata" => all.extend(files("tests/repositories", "metadata.yaml")),
        "schema" => all.extend(files("tests/repositories", "schema.yaml")),
        "paste" => {
            let fenced = queries().into_iter().take(40);
            all.extend(fenced.map(|query| format!("Please review:\n```sql\n{query}\n```\nThanks")));
        }
        _ => {}
    }
    assert!(!all.is_empty(), "a corpus for {target}");
    all
}
