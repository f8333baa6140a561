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

/// What may stand between lines of SQL, and none of which is any.
const NOISE: [&str; 12] = [
    "",
    "",
    "",
    "Hi, can you review this?\n",
    "[10:32] bob: here\n",
    "12:01 PM\n",
    "alice> it counts clients (see https://x.org)\n",
    "lmk what you think\n",
    "Thanks!\n",
    "- weekly numbers\n",
    ":thumbsup: 2\n",
    "From my side that is all.\n",
];

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
fn marks_of_chats_and_lists_are_removed_where_the_rest_parses() {
    const COUNTRY: &str = "SELECT country\nFROM t";
    for (text, kept) in [
        // Prompts of a chat, as IRC and Matrix write them.
        (
            "alice> ok?\nalice> SELECT country\nalice> FROM t\nbob> looks good\n",
            COUNTRY,
        ),
        (
            "<@al:m.org> ok?\n<@al:m.org> SELECT country\n<@al:m.org> FROM t\n<@bob:m.org> yes (I think)\n",
            COUNTRY,
        ),
        (
            "[10:32] bob: this one\n[10:32] bob: SELECT country\n[10:32] bob: FROM t\n[10:33] al: see https://x.org/q (internal)\n",
            COUNTRY,
        ),
        // Slack: a name and a time before each message, reactions behind it.
        (
            "Al Smith  12:01 PM\nSELECT country\nFROM t\n:thumbsup: 2\n3 replies\nLast reply today at 12:05 PM\n",
            COUNTRY,
        ),
        (
            "SELECT country\nFROM t;\n12:01 PM\nalice\n12:03 PM\nLGTM\n",
            "SELECT country\nFROM t;",
        ),
        // Bugzilla, with what stands below a comment.
        (
            "Comment 5 • 3 days ago\n\nSELECT country\nFROM t\n\nFlags: needinfo?(bob)\nStatus: NEW → ASSIGNED\n",
            COUNTRY,
        ),
        (
            "1. SELECT country\nFROM t\n\n- weekly (for the report)\n",
            COUNTRY,
        ),
        ("1 SELECT country\n2 FROM t\n", COUNTRY),
        ("SELECT country\nFROM t\n\nlmk what you think\n", COUNTRY),
        (
            "SELECT country\nFROM t;\n\n| country | n |\n|---|---|\n| DE | 1 |\n",
            "SELECT country\nFROM t;",
        ),
    ] {
        assert_eq!(cleaned(text).0.trim(), kept, "{text:?}");
    }
}

#[test]
fn statements_around_words_stay_statements() {
    for (text, kept) in [
        (
            "SELECT 1;\nand then we also want this\nSELECT 2\n\nok (please)?\n",
            ["SELECT 1", "SELECT 2"],
        ),
        (
            "[10:32] bob: SELECT 1\n[10:33] al: SELECT 2\n",
            ["SELECT 1", "SELECT 2"],
        ),
        ("1. SELECT 1\n2. SELECT 2\n", ["SELECT 1", "SELECT 2"]),
        (
            "SELECT 1\n\nbut better (I think) is\n\nSELECT 2\n",
            ["SELECT 1", "SELECT 2"],
        ),
    ] {
        let (text, _) = cleaned(text);
        assert!(parses(&text), "{text:?}");
        let statements: Vec<&str> = text.split(';').map(str::trim).collect();
        let statements: Vec<&str> = statements
            .into_iter()
            .filter(|one| !one.is_empty())
            .collect();
        assert_eq!(statements, kept, "{text:?}");
    }
}

#[test]
fn what_a_page_writes_for_a_character_is_read_where_the_rest_parses() {
    for (text, kept) in [
        (
            "SELECT a FROM t WHERE b &gt;= 5 AND c &lt; 6",
            "SELECT a FROM t WHERE b >= 5 AND c < 6",
        ),
        (
            "SELECT &quot;a&quot;, 'b’ FROM t",
            "SELECT \"a\", 'b' FROM t",
        ),
        (
            "SELECT client\\_id, COUNT(\\*) FROM t",
            "SELECT client_id, COUNT(*) FROM t",
        ),
        (
            "SELECT a – 1 FROM t WHERE b ≥ 5",
            "SELECT a - 1 FROM t WHERE b >= 5",
        ),
        ("SELECT\u{202a} a\u{2069} FROM t", "SELECT a FROM t"),
    ] {
        assert_eq!(cleaned(text).0, kept, "{text:?}");
    }
    // Text in strings and comments stays, and so does what does not parse either way.
    assert_stays("SELECT '&gt; – ≥ it’s' FROM t -- &lt;");
    assert_stays("SELECT a FROM t WHERE b &gt;= (");
}

#[test]
fn statement_with_an_error_is_never_left_out() {
    for text in [
        "SELCT client_id FROM telemetry.main;\nSELECT 1",
        "SELECT a FROM t\n\nclient_id c",
        "SELECT a,\n\nclient_id c.\n\nFROM t",
        "SELECT a FROM t HAVING\nclients> 5000\n[1",
        "SELECT a FROM t\n\nUNOIN ALL SELECT client_id FROM main",
        "SELECT a FROM t\n\n, client_id",
        "SELECT a FROM t\n\ntelemetry.main m",
    ] {
        let (clean, taken) = cleaned(text);
        let tokens = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(tokens(&clean), tokens(text), "{taken:?}");
    }
    // Nor is a line of a string or a comment.
    let (text, _) = cleaned(
        "SELECT '''\nThis is text.\n''' AS a /*\nAs is this.\n*/ FROM t\n\nThanks for it.\n\n12:01 PM\n",
    );
    assert_eq!(
        text.trim(),
        "SELECT '''\nThis is text.\n''' AS a /*\nAs is this.\n*/ FROM t"
    );
    // Beside a block of code, too.
    let (text, _) =
        cleaned("```\nSELECT a FROM t\n```\nand\nUNION ALL SELECT client_id FROM main\n");
    assert!(
        text.contains("UNION ALL SELECT client_id FROM main"),
        "{text}"
    );
}

#[test]
fn characters_are_made_plain() {
    let (text, taken) =
        cleaned("SELECT\u{a0}‘a’, “it’s”,\u{200b} '{{ Start date }}'\u{2028}FROM t");
    assert_eq!(text, "SELECT 'a', \"it’s\", '{{ Start_date }}'\nFROM t");
    insta::assert_snapshot!(taken.join("\n"));
}

proptest::proptest! {
    /// Words around lines of SQL take none of these with them, and none of their tokens.
    #[test]
    fn no_line_of_sql_is_left_out(
        noise in proptest::collection::vec(0..NOISE.len(), 5),
        blank in proptest::collection::vec(proptest::bool::ANY, 5),
    ) {
        let lines = ["SELECT country,", "  COUNT(DISTINCT client_id) AS n", "FROM telemetry.main", "GROUP BY country", "HAVING n >= 5000;"];
        let mut text = String::new();
        for (at, line) in lines.iter().enumerate() {
            text.push_str(NOISE[noise[at]]);
            if blank[at] {
                text.push('\n');
            }
            text.push_str(line);
            text.push('\n');
        }
        let (clean, taken) = cleaned(&text);
        for line in lines {
            assert!(clean.contains(line), "{text:?} lost {line:?}: {taken:?}");
        }
    }

    /// For any paste, each byte comes from the place that the map gives.
    #[test]
    fn places_are_true(text in "(SELECT a|FROM t|```|sql|> |\n|;|‘|’|\u{a0}|'|\"|--|/\\*|\\*/|\\{\\{ a b \\}\\}|Thanks\\.|é| ){0,30}") {
        cleaned(&text);
    }
}
