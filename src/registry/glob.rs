//! Patterns for the names of columns and tables, with `*`.

use globset::{GlobBuilder, GlobMatcher};

/// A dotted name that may contain `*`; case is ignored.
#[derive(Debug)]
pub(super) struct NamePattern {
    /// The name in lower case, otherwise as written.
    text: String,
    /// The compiled glob; `None` for a name without `*`.
    glob: Option<GlobMatcher>,
    /// Whether `*` also matches dots.
    crosses_dots: bool,
    /// Whether only a complete name matches, and not also the end of one after a
    /// dot.
    matches_whole_name: bool,
    /// Byte offsets of the first `*` and of the text after the last one.
    ///
    /// The text before and after them excludes nearly every name at no cost. `None`
    /// if there is no `*`, or if the test would be wrong: `**.` also matches an
    /// empty text, its dot included.
    ends: Option<(usize, usize)>,
    literal_characters: usize,
}

impl NamePattern {
    /// Creates the pattern of a column's name.
    ///
    /// In a glob without a dot, `*` stays within the last name. A glob with a dot
    /// starts at the top-level column, and its `*` continues into nested fields, so
    /// that `metrics.uuid.*` also covers the fields of a field.
    pub(super) fn column(name: &str) -> Self {
        let crosses_dots = name.contains('*') && name.contains('.');
        Self::new(name, crosses_dots, crosses_dots)
    }

    /// Creates the pattern of a table's name; `*` stays within one part.
    ///
    /// A name of one part matches only tables that are written without a dataset:
    /// the entry `clients` does not apply to the table `clients` of another dataset.
    /// A bare `*` matches every table.
    pub(super) fn table(name: &str) -> Self {
        Self::new(name, name == "*", !name.contains('.'))
    }

    fn new(name: &str, crosses_dots: bool, matches_whole_name: bool) -> Self {
        let text = name.to_lowercase();
        let glob = text
            .contains('*')
            .then(|| matcher(&text, crosses_dots, matches_whole_name))
            .flatten();
        let ends = text.find('*').zip(text.rfind('*').map(|last| last + 1));
        Self {
            ends: ends.filter(|_| !text.contains("**")),
            literal_characters: text.chars().filter(|c| *c != '*').count(),
            text,
            glob,
            crosses_dots,
            matches_whole_name,
        }
    }

    /// Returns the name in lower case.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether the pattern has a `*`.
    pub(super) fn is_glob(&self) -> bool {
        self.glob.is_some()
    }

    /// Returns the name before the first dot, if every name that matches begins with
    /// it.
    pub(super) fn first_name(&self) -> Option<&str> {
        let (first, _) = self.text.split_once('.')?;
        (self.matches_whole_name && !first.contains('*')).then_some(first)
    }

    /// Whether the pattern has a dot.
    pub(super) fn is_dotted(&self) -> bool {
        self.text.contains('.')
    }

    /// Returns the number of characters other than `*`.
    pub(super) fn literal_characters(&self) -> usize {
        self.literal_characters
    }

    /// Whether the pattern matches a dotted name, which is given in lower case.
    pub(super) fn matches(&self, dotted: &str) -> bool {
        match &self.glob {
            Some(glob) => self.may_match(dotted) && glob.is_match(dotted.replace('.', "/")),
            None => dotted
                .strip_suffix(self.text.as_str())
                .is_some_and(|before| {
                    before.is_empty() || (!self.matches_whole_name && before.ends_with('.'))
                }),
        }
    }

    /// Whether a dotted name passes a cheap test that every match passes.
    ///
    /// The name must contain the text before the first `*` (begin with it, if only
    /// complete names match), and end with the text after the last one.
    fn may_match(&self, dotted: &str) -> bool {
        self.ends.is_none_or(|(first, last)| {
            let (head, tail) = (&self.text[..first], &self.text[last..]);
            dotted.ends_with(tail)
                && if self.matches_whole_name {
                    dotted.starts_with(head)
                } else {
                    dotted.contains(head)
                }
        })
    }

    /// Whether a cheap test shows that no name matches both patterns.
    ///
    /// The test compares the texts before the first `*` and after the last one. It
    /// decides nearly all pairs; `false` is always safe.
    fn is_surely_disjoint(&self, other: &Self) -> bool {
        let related = |a: &str, b: &str, as_ends: bool| match as_ends {
            true => a.ends_with(b) || b.ends_with(a),
            false => a.starts_with(b) || b.starts_with(a),
        };
        let until_star = |text: &'_ str| text.split('*').next().unwrap_or_default().len();
        if !related(self.tail(), other.tail(), true) {
            return true;
        }
        if self.matches_whole_name && other.matches_whole_name {
            return !related(self.head(), other.head(), false);
        }
        // If `*` stays within a part, the last parts must match each other.
        if self.crosses_dots || other.crosses_dots {
            return false;
        }
        let (a, b) = (self.last_part(), other.last_part());
        !related(&a[..until_star(a)], &b[..until_star(b)], false)
    }

    /// Returns the text before the first `*`.
    pub(super) fn head(&self) -> &str {
        self.text.split('*').next().unwrap_or_default()
    }

    /// Returns the text after the last `*`.
    fn tail(&self) -> &str {
        self.text.rsplit('*').next().unwrap_or_default()
    }

    /// Returns the text after the last dot.
    fn last_part(&self) -> &str {
        self.text.rsplit('.').next().unwrap_or_default()
    }

    /// Returns the estimated steps of [`Self::overlaps`]; 1 if the cheap test
    /// decides.
    pub(super) fn steps(&self, other: &Self) -> usize {
        match self.is_surely_disjoint(other) {
            true => 1,
            false => 1 + self.text.len().saturating_mul(other.text.len()) / 4,
        }
    }

    /// Whether some name matches both patterns.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        if self.is_surely_disjoint(other) {
            return false;
        }
        let (a, b) = (self.tokens(), other.tokens());
        let under = |tokens: &[GlobToken]| {
            let mut under = vec![GlobToken::Any, GlobToken::Literal('.')];
            under.extend_from_slice(tokens);
            under
        };
        intersect(&a, &b)
            || (!self.matches_whole_name && intersect(&under(&a), &b))
            || (!other.matches_whole_name && intersect(&a, &under(&b)))
    }

    fn tokens(&self) -> Vec<GlobToken> {
        self.text
            .chars()
            .map(|c| match c {
                '*' if self.crosses_dots => GlobToken::Any,
                '*' => GlobToken::AnyButDot,
                literal => GlobToken::Literal(literal),
            })
            .collect()
    }
}

/// Compiles a glob in which `/` replaces the dot, since globs use `/` as separator.
fn matcher(text: &str, crosses_dots: bool, matches_whole_name: bool) -> Option<GlobMatcher> {
    let literal: Vec<String> = text
        .split('*')
        .map(|part| globset::escape(&part.replace('.', "/")))
        .collect();
    let body = literal.join("*");
    let before = if matches_whole_name { "" } else { "{,**/}" };
    GlobBuilder::new(&format!("{before}{body}"))
        .empty_alternates(true)
        .literal_separator(!crosses_dots)
        .build()
        .ok()
        .map(|glob| glob.compile_matcher())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum GlobToken {
    Literal(char),
    Any,
    AnyButDot,
}

impl GlobToken {
    fn absorbs_token(self, other: Self) -> bool {
        match (self, other) {
            (Self::Any, _) => true,
            (Self::AnyButDot, Self::Literal(c)) => c != '.',
            (Self::AnyButDot, Self::Any | Self::AnyButDot) => true,
            (Self::Literal(_), _) => false,
        }
    }
}

/// Whether two token lists match a common text.
///
/// Visits each pair of positions at most once.
fn intersect(a: &[GlobToken], b: &[GlobToken]) -> bool {
    let mut seen = vec![false; (a.len() + 1) * (b.len() + 1)];
    let mut open = vec![(0, 0)];
    while let Some((i, j)) = open.pop() {
        if std::mem::replace(&mut seen[i * (b.len() + 1) + j], true) {
            continue;
        }
        let (left, right) = (a.get(i).copied(), b.get(j).copied());
        let Some((left, right)) = left.zip(right) else {
            let rest = if i == a.len() { &b[j..] } else { &a[i..] };
            if rest.iter().all(|t| !matches!(t, GlobToken::Literal(_))) {
                return true;
            }
            continue;
        };
        if left == right {
            open.push((i + 1, j + 1));
        }
        if !matches!(left, GlobToken::Literal(_)) {
            open.push((i + 1, j));
            if left.absorbs_token(right) {
                open.push((i, j + 1));
            }
        }
        if !matches!(right, GlobToken::Literal(_)) {
            open.push((i, j + 1));
            if right.absorbs_token(left) {
                open.push((i + 1, j));
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::NamePattern;

    #[test]
    fn a_name_matches_the_end_from_a_dot_on() {
        let name = NamePattern::column("geo.Country");
        assert!(name.matches("geo.country"));
        assert!(name.matches("metadata.geo.country"));
        assert!(!name.matches("metadata.newgeo.country"));
        assert!(!name.matches("country"));
    }

    #[test]
    fn a_star_without_a_dot_stays_within_the_last_name() {
        let glob = NamePattern::column("*_sha256");
        assert!(glob.matches("fxa_id_sha256"));
        assert!(glob.matches("user.fxa_id_sha256"));
        assert!(!glob.matches("fxa_id_sha256.other"));
    }

    #[test]
    fn a_star_in_a_path_runs_on_below() {
        let glob = NamePattern::column("metrics.uuid.*");
        assert!(glob.matches("metrics.uuid.legacy_telemetry_client_id"));
        assert!(glob.matches("metrics.uuid.legacy.value"));
        assert!(!glob.matches("ping.metrics.uuid.legacy"));
        assert!(!glob.matches("metrics.string.legacy"));
    }

    #[test]
    fn a_star_in_a_table_stays_within_its_part() {
        let glob = NamePattern::table("telemetry.*");
        assert!(glob.matches("telemetry.main"));
        assert!(glob.matches("moz-fx-data-shared-prod.telemetry.main"));
        assert!(!glob.matches("telemetry.dataset.main"));
        assert!(!glob.matches("old_telemetry.main"));
    }

    #[test]
    fn a_table_in_one_part_is_one_that_is_written_alone() {
        assert!(NamePattern::table("clients").matches("clients"));
        assert!(!NamePattern::table("clients").matches("other.clients"));
        assert!(NamePattern::table("*").matches("project.other.clients"));
    }

    #[test]
    fn what_other_globs_know_is_literal_here() {
        assert!(!NamePattern::column("a?*").matches("abc"));
        assert!(!NamePattern::column("[a]*").matches("abc"));
    }

    #[test]
    fn overlaps() {
        let both = |a: &str, b: &str| NamePattern::column(a).overlaps(&NamePattern::column(b));
        assert!(both("a*", "*b"));
        assert!(!both("a*", "b*"));
        assert!(both("metrics.*", "*_id"));
        assert!(!both("a_*_c", "a_*_d"));
        assert!(!both("x.*", "y.*"));
        assert!(both("x.*", "x.y.*"));
        assert!(both("x.*.z", "x.y.*"));
        assert!(both("*.z", "z*"));
        assert!(!both("*.z", "y*"));
        assert!(!both("*.z", "*.y"));
        let tables = |a: &str, b: &str| NamePattern::table(a).overlaps(&NamePattern::table(b));
        assert!(tables("telemetry.a*", "telemetry.*a"));
        assert!(tables("telemetry.a*", "p.telemetry.*"));
        assert!(!tables("telemetry.*", "search.*"));
        assert!(tables("telemetry.a*", "*.ab*"));
        assert!(!tables("telemetry.a*", "*.b*"));
        assert!(tables("telemetry.*", "telemetry.main"));
    }
}
