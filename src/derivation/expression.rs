//! The canonical text of expressions: equal expressions have one text.

use super::Deriver;
use super::text::{number, plain, quoted};
use crate::facts::constant_number;
use crate::plan::{
    Case, Expr, ExprKind, Literal, Subquery, SubqueryKind, VARIABLE_CONSTANTS, VARIABLE_PROVENANCE,
};
use crate::source::template::is_placeholder;

/// Functions with the name of an equivalent function.
const SYNONYMS: &[(&str, &str)] = &[
    ("IFNULL", "COALESCE"),
    ("SUBSTRING", "SUBSTR"),
    ("CHAR_LENGTH", "LENGTH"),
    ("CHARACTER_LENGTH", "LENGTH"),
    ("CEILING", "CEIL"),
    ("POWER", "POW"),
    ("||", "CONCAT"),
    ("LCASE", "LOWER"),
    ("UCASE", "UPPER"),
];

/// Functions whose arguments may be in any order.
const COMMUTATIVE: &[&str] = &["+", "*", "GREATEST", "LEAST", "&", "|", "^"];
/// Functions whose nested calls equal one call with all arguments.
const ASSOCIATIVE: &[&str] = &[
    "+", "*", "GREATEST", "LEAST", "COALESCE", "CONCAT", "&", "|",
];

impl Deriver<'_> {
    /// Returns the text of an expression.
    pub(super) fn words(&mut self, value: &Expr) -> String {
        if !matches!(value.kind, ExprKind::Literal(_))
            && let Some(folded) = constant_number(value)
        {
            return number(folded);
        }
        match &value.kind {
            ExprKind::Column(id) => self.column(*id),
            ExprKind::Literal(literal) => self.literal(literal, value),
            ExprKind::Parameter(name) => format!("@{}", plain(name).trim_start_matches('@')),
            ExprKind::Variable(name) => format!("variable({})", plain(&variable(name))),
            ExprKind::Call { name, info, args } => {
                if info.is_none() {
                    self.opaque.insert(name.clone());
                }
                self.call(name, args, value)
            }
            ExprKind::Field(base, name) => {
                let base = self.words(base);
                let name = plain(name);
                if may_be_json(&base) {
                    format!("{base}.{name}")
                } else {
                    format!("{base}.{}", name.to_lowercase())
                }
            }
            ExprKind::Element(base, index) => {
                format!("{}[{}]", self.words(base), self.words(index))
            }
            ExprKind::Struct(fields) => {
                let parts: Vec<String> = fields
                    .iter()
                    .map(|(name, field)| match name {
                        Some(name) => format!("{}: {}", plain(name), self.words(field)),
                        None => self.words(field),
                    })
                    .collect();
                format!("{{{}}}", parts.join(", "))
            }
            ExprKind::Array(items) => format!("[{}]", self.list(items).join(", ")),
            ExprKind::Case(case) => self.case(case),
            ExprKind::Cast { value, to, safe } => self.cast(value, to, *safe),
            ExprKind::And(_)
            | ExprKind::Or(_)
            | ExprKind::Not(_)
            | ExprKind::Compare(..)
            | ExprKind::InList { .. }
            | ExprKind::IsNull(_) => self.exact_truth(value, true),
            ExprKind::Lambda(names, body) => self.lambda(names, body),
            ExprKind::Subquery(subquery) => self.subquery(subquery),
            ExprKind::Either(parts) => {
                let mut parts = self.list(parts);
                parts.sort();
                parts.dedup();
                format!("either({})", parts.join(", "))
            }
            ExprKind::Unknown(why) => match self.spelling.written(value.span) {
                Some(text) => format!("unknown(«{}»)", plain(&text)),
                None => format!("unknown({})", plain(why)),
            },
        }
    }

    pub(super) fn list(&mut self, items: &[Expr]) -> Vec<String> {
        items.iter().map(|item| self.words(item)).collect()
    }

    fn literal(&self, literal: &Literal, value: &Expr) -> String {
        match literal {
            Literal::Null => "NULL".to_owned(),
            Literal::Bool(truth) => truth.to_string().to_uppercase(),
            Literal::Int(whole) => whole.to_string(),
            Literal::Float(float) => number(*float),
            Literal::String(text) if is_placeholder(text) => {
                let own = self.spelling.written(value.span);
                format!("unknown(«{}»)", plain(&own.unwrap_or_else(|| text.clone())))
            }
            Literal::String(text) => quoted(text),
            // A string that is compared with a date is converted to a date, so both
            // have the same text.
            Literal::Other(kind, text) => match kind.as_str() {
                "DATE" | "DATETIME" | "TIMESTAMP" => quoted(text),
                _ => format!("{} {}", plain(kind), quoted(text)),
            },
        }
    }

    fn call(&mut self, name: &str, args: &[Expr], value: &Expr) -> String {
        let name = SYNONYMS
            .iter()
            .find(|(other, _)| *other == name)
            .map_or(name, |(_, same)| *same);
        match (name, args) {
            ("DATE", [only]) => return self.cast(only, "DATE", false),
            ("EXTRACT", [part, only]) if is_part(part, "DATE") => {
                return self.cast(only, "DATE", false);
            }
            ("NULLIF", [value, null]) => {
                let pair = [self.words(value), self.words(null)];
                let condition = equation("=", pair.clone());
                return format!("case when {condition} then NULL else {} end", pair[0]);
            }
            _ => {}
        }
        let mut parts = Vec::new();
        self.arguments(name, args, &mut parts);
        if name == "*" {
            parts = multiplied(parts);
        }
        if let ("*" | "+", [only]) = (name, parts.as_slice()) {
            return only.clone();
        }
        if COMMUTATIVE.contains(&name) {
            parts.sort();
        }
        format!("{}({})", self.name(name, value), parts.join(", "))
    }

    /// Returns a name of the user, or the source text of a template that replaces
    /// it.
    pub(super) fn name(&self, name: &str, value: &Expr) -> String {
        if is_placeholder(name) {
            let own = self.spelling.written(value.span);
            return format!("«{}»", plain(&own.unwrap_or_else(|| name.to_owned())));
        }
        plain(name)
    }

    fn arguments(&mut self, name: &str, args: &[Expr], parts: &mut Vec<String>) {
        for arg in args {
            match &arg.kind {
                ExprKind::Call {
                    name: inner, args, ..
                } if ASSOCIATIVE.contains(&name)
                    && (inner == name
                        || SYNONYMS
                            .iter()
                            .any(|(other, same)| other == inner && *same == name)) =>
                {
                    self.arguments(name, args, parts);
                }
                _ => parts.push(self.words(arg)),
            }
        }
    }

    fn cast(&mut self, value: &Expr, to: &str, safe: bool) -> String {
        if let (ExprKind::Literal(Literal::String(text)), "DATE" | "DATETIME" | "TIMESTAMP") =
            (&value.kind, to)
            && !is_placeholder(text)
        {
            return quoted(text);
        }
        let safe = if safe { "safe_" } else { "" };
        format!("{safe}cast({} as {})", self.words(value), plain(to))
    }

    fn lambda(&mut self, names: &[crate::plan::ColId], body: &Expr) -> String {
        // The arguments of an enclosing lambda have other names.
        let depth = "'".repeat(self.lambdas);
        for (at, name) in names.iter().enumerate() {
            let known = super::ColumnText {
                ways: vec![format!("argument {at}{depth}")],
                ..super::ColumnText::default()
            };
            self.set(*name, known);
        }
        self.lambdas += 1;
        let body = self.words(body);
        self.lambdas -= 1;
        format!("lambda({body})")
    }

    fn subquery(&mut self, subquery: &Subquery) -> String {
        let rows = super::text::exact(self.rows(subquery.relation).list());
        let columns: Vec<String> = self
            .plan
            .relation(subquery.relation)
            .columns
            .iter()
            .map(|column| self.column(*column))
            .collect();
        let columns = columns.join(", ");
        match &subquery.kind {
            SubqueryKind::Scalar => format!("select({columns} of {rows})"),
            SubqueryKind::Array => {
                let order = super::limit::order(self.plan, subquery.relation);
                let order = match self.list(order).join(", ") {
                    none if none.is_empty() => none,
                    by => format!(" by {by}"),
                };
                format!("array_select({columns} of {rows}{order})")
            }
            // The columns of an EXISTS do not matter.
            SubqueryKind::Exists => self.existence_text(subquery.relation, true, false),
            SubqueryKind::In(value) => {
                format!("{} in_select({columns} of {rows})", self.words(value))
            }
        }
    }

    /// Returns the text of a searched CASE.
    ///
    /// IF is such a CASE. A CASE that replaces NULL has the text of COALESCE.
    fn case(&mut self, case: &Case) -> String {
        let null = Expr::new(
            ExprKind::Literal(Literal::Null),
            crate::source::Span::default(),
        );
        let otherwise = case.otherwise.as_ref().unwrap_or(&null);
        if let [(condition, then)] = case.branches.as_slice() {
            let (tested, present) = match &condition.kind {
                ExprKind::IsNull(value) => (Some(value), false),
                ExprKind::Not(inner) => match &inner.kind {
                    ExprKind::IsNull(value) => (Some(value), true),
                    _ => (None, false),
                },
                _ => (None, false),
            };
            if let Some(tested) = tested {
                let (own, other) = if present {
                    (then, otherwise)
                } else {
                    (otherwise, then)
                };
                if own.same(tested) && !other.is_null() {
                    return self.coalesce(own, other);
                }
            }
            if let Some((condition, positive, then, otherwise)) =
                self.split_hiding_case(condition, then, otherwise)
            {
                let condition = self.exact_truth(condition, positive);
                return self.branch(&condition, then, otherwise);
            }
        }
        let mut text = "case".to_owned();
        for (condition, then) in &case.branches {
            let condition = self.exact_truth(condition, true);
            text.push_str(&format!(" when {condition} then {}", self.words(then)));
        }
        if !otherwise.is_null() {
            text.push_str(&format!(" else {}", self.words(otherwise)));
        }
        text + " end"
    }

    pub(super) fn branch(&mut self, condition: &str, then: &Expr, otherwise: &Expr) -> String {
        let then = self.words(then);
        if otherwise.is_null() {
            return format!("case when {condition} then {then} end");
        }
        format!(
            "case when {condition} then {then} else {} end",
            self.words(otherwise)
        )
    }

    fn coalesce(&mut self, own: &Expr, other: &Expr) -> String {
        let mut parts = Vec::new();
        self.arguments("COALESCE", &[own.clone(), other.clone()], &mut parts);
        format!("COALESCE({})", parts.join(", "))
    }

    /// Whether an expression reads an aggregated value.
    pub(super) fn is_measured(&self, value: &Expr) -> bool {
        let mut measured = false;
        value.walk(&mut |part| {
            if let ExprKind::Column(id) = &part.kind {
                measured |= self.known(*id).is_some_and(|known| known.measured);
            }
        });
        measured
    }

    /// Returns the readings of tables from which an expression derives.
    pub(super) fn origins(&self, value: &Expr) -> super::Origins {
        let mut origins = super::Origins::None;
        value.walk(&mut |part| {
            if let ExprKind::Column(id) = &part.kind
                && let Some(known) = self.known(*id)
            {
                origins = origins.join(known.origins);
            }
        });
        origins
    }
}

/// Multiplies the whole numbers among factors.
fn multiplied(parts: Vec<String>) -> Vec<String> {
    let mut product: Option<i64> = None;
    let mut all = Vec::new();
    for part in parts {
        let number = part.parse::<i64>().ok();
        match number.and_then(|number| product.unwrap_or(1).checked_mul(number)) {
            Some(next) => product = Some(next),
            None => all.push(part),
        }
    }
    all.extend(product.map(|product| product.to_string()));
    all
}

/// Whether an argument is the given part of a time.
fn is_part(argument: &Expr, part: &str) -> bool {
    match argument.as_literal() {
        Some(Literal::Other(kind, word)) => kind == "PART" && word.eq_ignore_ascii_case(part),
        _ => false,
    }
}

/// Whether a value may be JSON, whose field names are case-sensitive.
///
/// A value may be JSON if it is read from a table or is an element of an array that
/// is read from one, or if it is created as JSON.
fn may_be_json(made: &str) -> bool {
    made.contains("JSON") || !made.replace("element(", "").contains('(')
}

/// Returns a script variable with the text of its values.
///
/// The numbers of the statements that set it are removed.
fn variable(name: &str) -> String {
    match name.split_once(VARIABLE_PROVENANCE) {
        None => name.to_owned(),
        Some((shown, made)) => {
            let (bare, numbers) = shown.split_once('#').unwrap_or((shown, ""));
            let made = made.split(VARIABLE_CONSTANTS).next().unwrap_or(made);
            let later = if numbers.ends_with('\'') { "'" } else { "" };
            format!("{bare}{later}: {made}")
        }
    }
}

/// Returns the text of an equation, whose operands are in a fixed order.
pub(super) fn equation(sign: &str, mut pair: [String; 2]) -> String {
    // A constant is always the second operand.
    pair.sort_by_key(|side| {
        (
            side.starts_with(['\'', '-']) || side.starts_with(|c: char| c.is_ascii_digit()),
            side.clone(),
        )
    });
    format!("{} {sign} {}", pair[0], pair[1])
}
