//! Quotes arguments of commands that a reader may copy into a shell.

/// Quotes an argument for a POSIX shell if necessary. A name that begins with a dash
/// becomes a path, so that it is no option; `<stdin>` becomes `-`.
pub(crate) fn argument(text: &str) -> String {
    let text = if text.starts_with('-') && text != "-" {
        format!("./{text}")
    } else {
        text.to_owned()
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=@%+,".contains(c);
    if text == "<stdin>" {
        "-".to_owned()
    } else if !text.is_empty() && text.chars().all(plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::argument;

    #[test]
    fn argument_with_active_characters_is_quoted() {
        for (name, quoted) in [
            ("sql/a_b/query.sql", "sql/a_b/query.sql"),
            ("a b.sql", "'a b.sql'"),
            ("$(id).sql", "'$(id).sql'"),
            ("it's.sql", r"'it'\''s.sql'"),
            ("--fix.sql", "./--fix.sql"),
            ("", "''"),
            ("<stdin>", "-"),
        ] {
            assert_eq!(argument(name), quoted);
        }
    }
}
