//! Markdown that shows a text as it is, whatever stands in it.

use super::words::capital;
use super::{escape_line, is_active};

/// Text of a paragraph or a table's cell: one line, in which no sign of Markdown or
/// HTML, no address, mention or reference works. What stands in backticks stays code.
pub(super) fn text(text: &str) -> String {
    let line = escape_line(text);
    let backticks = line.matches('`').count();
    let mut prose = Prose::default();
    for (at, part) in line.split('`').enumerate() {
        if at % 2 == 1 && at < backticks {
            prose.code.push_str(part);
        } else {
            if at % 2 == 1 {
                // A backtick that nothing closes.
                prose.plain("\\`");
            }
            prose.words(part);
        }
    }
    prose.plain("");
    prose.out
}

/// A line as it is put together. Code that follows code becomes one: their backticks
/// would be read as a longer fence.
#[derive(Default)]
struct Prose {
    out: String,
    /// Code that is not put out yet.
    code: String,
}

impl Prose {
    /// Adds Markdown.
    fn plain(&mut self, markdown: &str) {
        self.out.push_str(&code(&self.code));
        self.code.clear();
        self.out.push_str(markdown);
    }

    /// Adds words outside of code. One that a reader would make a link or call
    /// somebody by becomes code: there is no escape for these that all readers know.
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

/// Text as code, with as many backticks around as it takes.
pub(super) fn code(text: &str) -> String {
    let line = escape_line(text);
    if line.is_empty() {
        return String::new();
    }
    // A table is parted at `|` even inside of code.
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

/// A block of code, with a fence that the text does not close.
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

/// Help. A block of text after its first line keeps its lines.
pub(super) fn help(help: &str) -> String {
    match help.split_once('\n') {
        Some((first, lines)) => {
            let block = block("toml", lines, "  ");
            format!("{}\n\n{}", capital(&text(first)), block.trim_end())
        }
        None => capital(&text(help)),
    }
}

/// An address as a link of its own; what is none is text.
pub(super) fn link(url: &str) -> String {
    let scheme = url.starts_with("https://") || url.starts_with("http://");
    let whole = !url.contains(|c: char| c.is_whitespace() || is_active(c) || "<>|`\\".contains(c));
    if scheme && whole {
        format!("<{url}>")
    } else {
        text(url)
    }
}

/// A word in which no sign means anything; `first` where a line begins with it.
fn escaped(word: &str, first: bool) -> String {
    let mut out = String::new();
    for (at, c) in word.char_indices() {
        let means_something = match c {
            '\\' | '*' | '[' | ']' | '<' | '|' | '~' | '&' | '$' => true,
            // Within a word it is a letter.
            '_' => {
                let before = word[..at].chars().next_back();
                let after = word[at + 1..].chars().next();
                !(before.is_some_and(char::is_alphanumeric)
                    && after.is_some_and(char::is_alphanumeric))
            }
            // What begins a list or a quotation, or underlines a heading.
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

/// Whether GitHub, GitLab or Bugzilla may make a link or a mention of a word:
/// `@name`, `#12`, `!12`, `%12`, `GH-12`, the number of a commit, `https://…`, `www.…`,
/// `a@b`.
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

/// Whether a word may be the number of a commit, shortened or whole.
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
