//! Checks that printed text is inert, independently of the program's own tables.

use unicode_general_category::{GeneralCategory, get_general_category};

/// Characters and texts of each kind that a terminal, a log or a reader acts on.
pub const HOSTILE: &str = "\u{1b}]52;c;x\u{7}\u{9b}2J\u{7f}\u{8}\u{202e}\u{2066}\u{200b}\u{200d}\u{feff}\u{e0041}\u{2028}\u{2029}\u{85}\r\n::add-mask::x\r::stop-commands::y\n##[error]z ##vso[task.setvariable]v @everyone #1 GH-2 !3 https://evil.example www.evil.example [a](javascript:b) ![c](https://evil.example/d) <img src=x onerror=alert(1)> &lt;b&gt; `e` ``` f | g \\ \" ' %0A %% $h$ {{i}}";

/// Panics if a text contains anything that a terminal, a log or a reader acts on.
///
/// Escape sequences of colours are accepted if `colours` is set. The lines of `site`
/// are not checked for commands of a log.
pub fn assert_inert(what: &str, text: &str, colours: bool) {
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if colours && let Some(after) = rest.strip_prefix("\u{1b}[") {
            let end = after.find('m').expect("a colour ends");
            assert!(
                after[..end]
                    .bytes()
                    .all(|b| b.is_ascii_digit() || b == b';'),
                "{what}: {after:?}"
            );
            rest = &after[end + 1..];
            continue;
        }
        let active = matches!(
            get_general_category(c),
            GeneralCategory::Control
                | GeneralCategory::Format
                | GeneralCategory::LineSeparator
                | GeneralCategory::ParagraphSeparator
        );
        assert!(
            !active || c == '\n' || c == '\t',
            "{what}: {} in {text:?}",
            c.escape_unicode()
        );
        rest = &rest[c.len_utf8()..];
    }
    // A page of the site is read by a browser, which ignores commands of a log.
    if what == "site" {
        return;
    }
    for line in text.lines() {
        for command in ["##[", "##vso["] {
            assert!(!line.contains(command), "{what}: {line:?}");
        }
        let start = line.trim_start();
        let ours = ["::error file=", "::warning file=", "::notice file="];
        assert!(
            !start.starts_with("::")
                || what.contains("github") && ours.iter().any(|known| line.starts_with(known)),
            "{what}: {line:?}"
        );
    }
}

/// Panics if a hostile text becomes an image, a link, HTML or a reference in
/// Markdown.
#[allow(dead_code)]
pub fn assert_plain_markdown(what: &str, text: &str) {
    use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
    let ours = ["<details>", "</details>", "<summary>", "</summary>"];
    let mut in_code = false;
    for event in Parser::new_ext(text, Options::ENABLE_GFM | Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Image { .. }) => panic!("{what}: an image in {text}"),
            Event::Start(Tag::Link { dest_url, .. }) => assert!(
                dest_url.starts_with("https://github.com/mozilla/headcount/")
                    || dest_url.starts_with("https://bugzilla.mozilla.org/"),
                "{what}: a link to {dest_url}"
            ),
            Event::Html(html) | Event::InlineHtml(html) => {
                let mut rest = html.to_string();
                for tag in ours {
                    rest = rest.replace(tag, "");
                }
                assert!(!rest.contains('<'), "{what}: {html} in {text}");
            }
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::Text(words) if !in_code => {
                for sign in ["@everyone", "#1", "GH-2", "!3", "www.evil", "://evil"] {
                    assert!(!words.contains(sign), "{what}: {sign} in {words}");
                }
            }
            _ => {}
        }
    }
}
