//! Escapes text for Markdown, so that it is shown as it is, whatever it contains.

use super::words::capital;
use super::{escape_line, is_active};

/// Escapes text for a paragraph or a table cell, as one line. No Markdown, HTML,
/// address, mention or reference in it has an effect. Text between backticks stays
/// code.
pub(super) fn text(text: &str) -> String {
    let line = escape_line(text);
    let backticks = line.matches('`').count();
    let mut prose = Prose::default();
    for (at, part) in line.split('`').enumerate() {
        if at % 2 == 1 && at < backticks {
            prose.code.push_str(part);
        } else {
            if at % 2 == 1 {
                // An unmatched backtick.
                prose.plain("\\`");
            }
            prose.words(part);
        }
    }
    prose.plain("");
    prose.out
}

/// The line as it is assembled. Adjacent pieces of code are merged, because their
/// backticks would be read as a longer delimiter.
#[derive(Default)]
struct Prose {
    out: String,
    /// Code that is not written yet.
    code: String,
}

impl Prose {
    /// Adds Markdown, after the pending code.
    fn plain(&mut self, markdown: &str) {
        self.out.push_str(&code(&self.code));
        self.code.clear();
        self.out.push_str(markdown);
    }

    /// Adds words outside of code. A word that a viewer would turn into a link or a
    /// mention becomes code, because no escape for it works in all viewers.
    fn words(&mut self, text: &str) {
        for word in text.split_inclusive(' ') {
            let bare = word.strip_suffix(' ').unwrap_or(word);
            if is_linked(bare) {
                self.code.push_str(bare);
            } else if !bare.is_empty() {
                let first = self.out.is_empty() && self.code.is_empty();
                self.plain(&escaped(bare, first));
            }
            if bare.len() < word.len() {
                self.plain(" ");
            }
        }
    }
}

/// Formats text as inline code, with enough backticks around it.
pub(super) fn code(text: &str) -> String {
    let line = escape_line(text);
    if line.is_empty() {
        return String::new();
    }
    // A table row is split at `|` even inside code.
    let line = line.replace('|', "\\|");
    let longest = line
        .split(|c| c != '`')
        .map(str::len)
        .max()
        .unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    if longest > 0 || line.starts_with(' ') || line.ends_with(' ') {
        format!("{fence} {line} {fence}")
    } else {
        format!("{fence}{line}{fence}")
    }
}

/// Formats a code block with a fence that the text cannot close.
pub(super) fn block(language: &str, text: &str, indent: &str) -> String {
    let longest = text
        .split(|c| c != '`')
        .map(str::len)
        .max()
        .unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    let lines: String = text
        .lines()
        .map(|line| format!("{indent}{line}\n"))
        .collect();
    format!("{indent}{fence}{language}\n{lines}{indent}{fence}\n")
}

/// Formats a help. The text after its first line becomes a code block.
pub(super) fn help(help: &str) -> String {
    match help.split_once('\n') {
        Some((first, lines)) => {
            let block = block("toml", lines, "  ");
            format!("{}\n\n{}", capital(&text(first)), block.trim_end())
        }
        None => capital(&text(help)),
    }
}

/// Formats an address as a link; anything else as text.
pub(super) fn link(url: &str) -> String {
    let scheme = url.starts_with("https://") || url.starts_with("http://");
    let whole = !url.contains(|c: char| c.is_whitespace() || is_active(c) || "<>|`\\".contains(c));
    if scheme && whole {
        format!("<{url}>")
    } else {
        text(url)
    }
}

/// Escapes a word; `first` if the line begins with it.
fn escaped(word: &str, first: bool) -> String {
    let mut out = String::new();
    for (at, c) in word.char_indices() {
        let means_something = match c {
            '\\' | '*' | '[' | ']' | '<' | '|' | '~' | '&' | '$' => true,
            // Inside a word, it has no effect.
            '_' => {
                let before = word[..at].chars().next_back();
                let after = word[at + 1..].chars().next();
                !(before.is_some_and(char::is_alphanumeric)
                    && after.is_some_and(char::is_alphanumeric))
            }
            // These begin a list or a quotation, or underline a heading, at the
            // start of a line.
            '-' | '+' | '=' | '>' => at == 0 && first,
            _ => false,
        };
        if means_something {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Returns whether GitHub, GitLab or Bugzilla may turn a word into a link or a
/// mention: `@name`, `#12`, `!12`, `%12`, `GH-12`, a commit id, `https://…`,
/// `www.…`, `a@b`.
fn is_linked(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let numbered = |sign: &str| {
        let mut after = lower.split(sign).skip(1);
        after.any(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    word.contains(['@', '#'])
        || lower.contains("://")
        || lower.contains("www.")
        || lower.contains("mailto:")
        || word
            .split('%')
            .skip(1)
            .any(|rest| rest.starts_with(|c: char| c.is_alphanumeric() || c == '"'))
        || lower
            .split(|c: char| !c.is_ascii_alphanumeric())
            .any(is_commit)
        || ["gh-", "!", "~"].into_iter().any(numbered)
}

/// Returns whether a word may be a commit id, abbreviated or full.
fn is_commit(word: &str) -> bool {
    (7..=64).contains(&word.len())
        && word.bytes().all(|byte| byte.is_ascii_hexdigit())
        && word.bytes().any(|byte| byte.is_ascii_digit())
        && word.bytes().any(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::{block, code, link, text};

    #[test]
    fn nothing_in_a_text_is_markdown() {
        assert_eq!(
            text("a | b\n<b> *c* [d](e) `f|g`"),
            r"a \| b\\n\<b> \*c\* \[d\](e) `f\|g`"
        );
        assert_eq!(text("one ` alone"), r"one \` alone");
        assert_eq!(text("`a`@b `c`"), "`a@b` `c`");
        assert_eq!(text("a_b _c_"), r"a_b \_c\_");
        assert_eq!(
            text("to @all in #1 at https://a.b, GH-2 & -3"),
            r"to `@all` in `#1` at `https://a.b,` `GH-2` \& -3"
        );
        assert_eq!(
            text("%9871, 0a147ed0c0ffee, GH9, x.md, 50% %v1"),
            "`%9871,` `0a147ed0c0ffee,` GH9, x.md, 50% `%v1`"
        );
        assert_eq!(text("- 1 &lt;"), r"\- 1 \&lt;");
        assert_eq!(link("https://a.b/?c=d"), "<https://a.b/?c=d>");
        assert_eq!(link("javascript:x"), "javascript:x");
        assert_eq!(link("https://a.b/\u{202e}"), r"`https://a.b/\u{202e}`");
        assert_eq!(code("a`b"), "`` a`b ``");
        assert_eq!(block("sql", "a\n```\nb", ""), "````sql\na\n```\nb\n````\n");
    }
}
