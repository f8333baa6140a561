//! Markdown that shows a text as it is, whatever stands in it.

/// Text of a paragraph or a table's cell: one line, in which no sign of Markdown,
/// HTML or a mention works. What stands in backticks stays code.
pub(super) fn text(text: &str) -> String {
    let line = one_line(text);
    let mut out = String::new();
    for (at, part) in line.split('`').enumerate() {
        let closed = line.matches('`').count() > at;
        if at % 2 == 1 && closed {
            out.push_str(&code(part));
        } else if at % 2 == 1 {
            // A backtick that nothing closes.
            out.push_str("\\`");
            out.push_str(&escaped(part));
        } else {
            out.push_str(&escaped(part));
        }
    }
    out
}

/// Text as code, with as many backticks around as it takes.
pub(super) fn code(text: &str) -> String {
    let line = one_line(text);
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

fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\\' | '*' | '[' | ']' | '<' | '|' | '~' => {
                out.push('\\');
                out.push(c);
            }
            // Nobody is called, and no issue is linked.
            '@' | '#' => {
                out.push(c);
                out.push('\u{2060}');
            }
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{block, code, text};

    #[test]
    fn nothing_in_a_text_is_markdown() {
        assert_eq!(
            text("a | b\n<b> *c* [d](e) `f|g`"),
            r"a \| b \<b> \*c\* \[d\](e) `f\|g`"
        );
        assert_eq!(text("one ` alone"), r"one \` alone");
        assert_eq!(text("to @all"), "to @\u{2060}all");
        assert_eq!(code("a`b"), "`` a`b ``");
        assert_eq!(block("sql", "a\n```\nb", ""), "````sql\na\n```\nb\n````\n");
    }
}
