//! Values of maps: of an array of keys and values, the one that has a constant key is
//! looked up like a field, as what a constant path names in a document is
//! (`WHERE key = 'ga_session_id'`, `IF(key = 'page_location', value.string_value, NULL)`).

use super::analysis::Analyzer;
use super::column::{ColumnFacts, SharedFacts};
use super::source::BaseColumnId;
use crate::plan::{ColId, Comparison, Expr, ExprKind, Literal};

/// The field that names an element of a map.
const KEY: &str = "key";

/// Facts of columns as they were before a condition was taken to hold.
pub(super) type Before = Vec<(ColId, SharedFacts)>;

/// A comparison of a map's key with constants.
struct KeyTest<'e> {
    /// The key.
    subject: &'e Expr,
    /// The constants, of which it is one.
    keys: Vec<&'e str>,
    /// Whether the condition holds only where this does.
    certain: bool,
}

impl Analyzer<'_, '_> {
    /// Says of columns what is known where a condition holds: which keys of a map their
    /// values belong to. Where the registry knows the table and the very element is the
    /// one that the condition tests, its value is that of the key; else it may be, so
    /// that what the registry says of the key is added.
    pub(super) fn narrow(&mut self, condition: &Expr, columns: &[ColId]) -> Before {
        let mut tests = Vec::new();
        key_tests(condition, true, &mut tests);
        let mut before = Before::new();
        for test in tests {
            if !matches!(
                test.subject.kind,
                ExprKind::Column(_) | ExprKind::Field(..) | ExprKind::Either(_)
            ) {
                continue;
            }
            let subject = self.value(test.subject);
            for key in subject.paths.iter().map(|path| path.source) {
                let source = self.sources.get(key);
                let last = source.path.last();
                let is_key = last.is_some_and(|last| last.eq_ignore_ascii_case(KEY));
                if !is_key || source.path.len() < 2 || !source.repeated {
                    continue;
                }
                for column in columns {
                    let facts = self.shared_column(*column);
                    let own = test.certain && is_field_of(test.subject, *column);
                    if let Some(narrowed) = self.narrowed(&facts, key, &test.keys, own) {
                        before.push((*column, facts));
                        self.set(*column, narrowed);
                    }
                }
            }
        }
        before
    }

    /// Takes back what [`Self::narrow`] said.
    pub(super) fn widen(&mut self, before: Before) {
        for (column, facts) in before.into_iter().rev() {
            self.set(column, facts);
        }
    }

    /// A value of a map's element, or the element, where the key is one of these;
    /// `None` where the registry says nothing of them.
    fn narrowed(
        &mut self,
        facts: &ColumnFacts,
        key: BaseColumnId,
        keys: &[&str],
        own: bool,
    ) -> Option<ColumnFacts> {
        let mut narrowed = facts.clone();
        let mut known = false;
        for path in &facts.paths {
            if !self.sources.is_in_the_map(path.source, key) {
                continue;
            }
            let of_keys: Vec<Option<BaseColumnId>> = keys
                .iter()
                .map(|name| self.sources.keyed(path.source, key, name))
                .collect();
            let surely = own
                && of_keys.iter().all(|of_key| {
                    of_key.is_some_and(|id| self.sources.get(id).is_registered_for_its_table())
                });
            for id in of_keys.into_iter().flatten() {
                known = true;
                let span = facts.identities.first().map(|identity| identity.span);
                let base = self.of_source(id, path.pop, span.unwrap_or_default());
                if surely {
                    narrowed.sources.remove(&path.source);
                    narrowed.paths.retain(|known| known.source != path.source);
                    narrowed
                        .identities
                        .retain(|known| known.source != path.source);
                    narrowed.resolution = None;
                    narrowed.unit = None;
                }
                narrowed.is_also(&base);
                for path in base.paths {
                    if !narrowed.paths.contains(&path) {
                        narrowed.paths.push(path);
                    }
                }
            }
        }
        known.then_some(narrowed)
    }
}

/// Whether an expression is a field of a column.
fn is_field_of(expr: &Expr, column: ColId) -> bool {
    match &bare(expr).kind {
        ExprKind::Field(base, _) => base.as_column() == Some(column),
        _ => false,
    }
}

/// The comparisons with constant texts in a condition; `certain` where it holds only
/// if its parts do.
fn key_tests<'e>(condition: &'e Expr, certain: bool, found: &mut Vec<KeyTest<'e>>) {
    match &condition.kind {
        ExprKind::And(parts) => {
            for part in parts {
                key_tests(part, certain, found);
            }
        }
        ExprKind::Or(parts) => {
            for part in parts {
                key_tests(part, false, found);
            }
        }
        ExprKind::Compare(Comparison::Eq, left, right) => {
            let (subject, constant) = match text(right) {
                Some(constant) => (left, Some(constant)),
                None => (right, text(left)),
            };
            if let Some(constant) = constant {
                found.push(KeyTest {
                    subject: bare(subject),
                    keys: vec![constant],
                    certain,
                });
            }
        }
        ExprKind::InList {
            value,
            list,
            unnest: false,
        } => {
            let keys: Option<Vec<&str>> = list.iter().map(text).collect();
            if let Some(keys) = keys {
                found.push(KeyTest {
                    subject: bare(value),
                    keys,
                    certain,
                });
            }
        }
        _ => {}
    }
}

fn text(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Literal(Literal::String(text)) => Some(text),
        _ => None,
    }
}

/// What is compared, whatever its letters' case and the white space around.
fn bare(expr: &Expr) -> &Expr {
    match &expr.kind {
        ExprKind::Call { name, args, .. }
            if matches!(name.as_str(), "LOWER" | "UPPER" | "TRIM") && args.len() == 1 =>
        {
            bare(&args[0])
        }
        _ => expr,
    }
}
