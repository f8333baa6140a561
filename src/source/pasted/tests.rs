//! Tests with pastes as they occur in bug reports and chats.

use super::clean;
use crate::source::{SourceText, Span};
use crate::syntax;

/// Whether a whole text is SQL.
fn parses(text: &str) -> bool {
    syntax::parse(&SourceText::new("<stdin>", text.to_owned())).is_whole()
}

fn cleaned(pasted: &str) -> (String, Vec<String>) {
    let clean = clean(&SourceText::new("<stdin>", pasted), &parses);
    // Every exact piece reads the same in both texts.
    for (at, c) in clean.text.char_indices() {
        let place = clean.map.exact(Span::new(at, at + c.len_utf8()));
        if let Some(place) = place {
            assert_eq!(&pasted[place.range()], c.to_string(), "{pasted:?} at {at}");
        }
    }
    (clean.text, clean.taken)
}

fn assert_stays(text: &str) {
    assert_eq!(cleaned(text), (text.to_owned(), Vec::new()));
}

#[test]
fn plain_queries_stay_as_they_are() {
    assert_stays("");
    assert_stays("SELECT 1\n");
    assert_stays("\r\n-- a comment\r\nSELECT a\r\nFROM t\r\nHAVING\r\n  COUNT(*)\r\n  > 5000\r\n");
    assert_stays("SELECT '“a”\u{a0}b', `t\u{a0}` /* ’ */ FROM t -- it’s “so”\n");
    assert_stays("SELECT {{ a if b else c }}, '{{ start.date }}' FROM t");
    assert_stays("this is no query\n");
    assert_stays("SELECT a\nFROM t\n\nWHERE b IS NULL\n\nORDER BY a");
}

#[test]
fn what_may_be_sql_is_never_left_out() {
    for text in [
        "SELECT a FROM t x\n\ncross join u",
        "SELECT a FROM t\n\nx, y",
        "SELECT a FROM t\n\nx\nJOIN u USING (a)",
        "SELECT a FROM t; Thanks",
        "SELECT a FROM t\n\nbest.table",
        "SELECT '''\n\nThis is text.'''",
        "SELECT /*\n\nThis is text. */ 1",
    ] {
        assert_stays(text);
    }
    // A second query outside of the fences.
    let (text, _) = cleaned("```sql\nSELECT 1\n```\nand\nSELECT client_id FROM telemetry.main\n");
    assert_eq!(
        text,
        "SELECT 1\nand\nSELECT client_id FROM telemetry.main\n"
    );
}

#[test]
fn sentences_that_begin_as_sql_are_left_out_where_the_rest_parses() {
    for (text, kept) in [
        (
            "(In reply to Ann [:a] from comment #3)\n> Which one?\n\nThis one:\n\nSELECT a FROM t\n",
            "SELECT a FROM t\n",
        ),
        (
            "SELECT a FROM t;\n\n-- weekly\nFrom my side that is all; select any reviewer.\n",
            "SELECT a FROM t;\n\n-- weekly\n",
        ),
        (
            "On Monday, Ann wrote:\n>> SELECT a\n>> FROM t\n>\n> Is it right?\nYes.\n",
            "SELECT a\nFROM t\n\n",
        ),
        (
            "From the meeting:\n\nSELECT a FROM t;\n\nThen we create the view:\n\nCREATE VIEW v AS SELECT 1 AS b\n",
            "\nSELECT a FROM t;\n\n\nCREATE VIEW v AS SELECT 1 AS b\n",
        ),
    ] {
        assert_eq!(cleaned(text).0.trim_start(), kept.trim_start(), "{text:?}");
    }
    // A text that parses is unchanged, however it reads; if nothing helps, it stays,
    // too.
    assert_stays("SELECT a FROM t\n\nWHERE b IS NULL AND c = d.e\n\nORDER BY a");
    assert_stays("SELECT a FORM FORM t\n\nWith kind regards and so on.\n\nSELECT (");
}

#[test]
fn fences_and_words_around_are_taken_off() {
    let (text, taken) = cleaned(
        "Hi, could you review this?\n\n```sql\nSELECT a\nFROM t\n```\n\nIt gives:\n```json\n{\"a\": 1}\n```\nThanks!\n",
    );
    assert_eq!(text, "\nSELECT a\nFROM t\n\n");
    insta::assert_snapshot!(taken.join("\n"));
}

#[test]
fn blocks_are_statements_of_their_own() {
    let (text, _) =
        cleaned("~~~\nSELECT 1\n~~~\nthen\n````bigquery\nSELECT 2;\n````\n```\nSELECT 3\n```");
    assert_eq!(text, "SELECT 1\n\n;\nSELECT 2;\nSELECT 3\n");
    let (text, _) = cleaned("```SELECT a\nFROM t```\n");
    assert_eq!(text, "SELECT a\nFROM t");
}

#[test]
fn quotations_are_opened() {
    let (text, taken) = cleaned("> SELECT a\n>\n> FROM t\n> HAVING COUNT(*)\n>   > 5000\n");
    assert_eq!(text, "SELECT a\n\nFROM t\nHAVING COUNT(*)\n  > 5000\n");
    assert_eq!(taken, ["quotation marks `>` (lines 1 to 5)"]);
    let (text, taken) =
        cleaned("Jane wrote:\n>> ```\n>> SELECT a FROM t\n>> ```\nShe asks for a review.\n");
    assert_eq!(text, "SELECT a FROM t\n");
    insta::assert_snapshot!(taken.join("\n"));
}

#[test]
fn words_before_and_after_are_left_out() {
    let (text, taken) = cleaned(
        "The query is this one:\n\nSELECT a\nFROM t;\nCan you look at it by Friday?\n\nThanks,\nJane\n",
    );
    assert_eq!(text, "\nSELECT a\nFROM t;\n\n");
    assert_eq!(
        taken,
        [
            "line 1 before the query",
            "lines 5 and 7 to 8 after the query"
        ]
    );
}

#[test]
fn prompts_are_taken_off() {
    let (text, taken) = cleaned("bq> SELECT a\n ->  FROM t\nuser@host:~/sql$\n");
    assert_eq!(text, "SELECT a\n FROM t\n");
    assert_eq!(taken.len(), 2, "{taken:?}");
}

#[test]
fn characters_are_made_plain() {
    let (text, taken) =
        cleaned("SELECT\u{a0}‘a’, “it’s”,\u{200b} '{{ Start date }}'\u{2028}FROM t");
    assert_eq!(text, "SELECT 'a', \"it’s\", '{{ Start_date }}'\nFROM t");
    insta::assert_snapshot!(taken.join("\n"));
}

proptest::proptest! {
    /// For any paste, each byte comes from the place that the map gives.
    #[test]
    fn places_are_true(text in "(SELECT a|FROM t|```|sql|> |\n|;|‘|’|\u{a0}|'|\"|--|/\\*|\\*/|\\{\\{ a b \\}\\}|Thanks\\.|é| ){0,30}") {
        cleaned(&text);
    }
}
