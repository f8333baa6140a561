//! Questions that only the requester of a dataset can answer.

use super::words;
use crate::assessment::Assessment;

/// Returns the questions in the order of the rules, without repetitions.
pub(super) fn questions(dataset: &Assessment) -> Vec<String> {
    let mut asked: Vec<(&str, String)> = Vec::new();
    for finding in &dataset.findings {
        let found = words::capital(&finding.message);
        let question = match finding.rule.code {
            "HC001" => format!("What does this statement do? {found}."),
            "HC002" => format!("What is the value when the query runs? {found}."),
            "HC003" => format!("Which columns are these, by name? {found}."),
            "HC004" => format!("Which table has this column? {found}."),
            "HC005" => format!("What does it return? Please attach its definition: {found}."),
            "HC006" => format!("What SQL is run there? {found}."),
            "HC107" => {
                "Which number is the threshold when the query runs, and can the query state it?"
                    .to_owned()
            }
            "HC302" => {
                format!(
                    "Why does the dataset need it, and who has agreed that it may be published? {found}."
                )
            }
            "HC303" => format!(
                "What do these columns hold, which data collection category (1 to 4) has each, and which data review covers its collection? {found}."
            ),
            "HC304" => {
                format!("Which bug holds the data review of its collection? {found}.")
            }
            // The findings of other rules are for the author to fix or for the
            // steward to judge.
            _ => continue,
        };
        if !asked.iter().any(|(_, known)| *known == question) {
            asked.push((finding.rule.code, question));
        }
    }
    asked.sort_by_key(|(code, _)| *code);
    asked.into_iter().map(|(_, question)| question).collect()
}
