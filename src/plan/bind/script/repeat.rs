//! Loops.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};
use sqlparser::ast;

use super::variable::{Variable, set_of};
use super::{Session, query_of, table};
use crate::syntax::{Statement, StatementKind};

impl<'a> Session<'a> {
    /// A loop runs any number of times, so inside it a variable that it sets may
    /// hold what any round has left, and a table that it writes the rows of any.
    pub(super) fn repeat(
        &mut self,
        row: Option<&'a (String, Box<Statement>)>,
        body: &'a [Statement],
        assigned: &FxHashSet<String>,
    ) {
        let before = self.environment.clone();
        for (name, value) in self.in_any_round(body, assigned) {
            self.environment.variables.insert(name, Rc::new(value));
        }
        if let Some((name, query)) = row
            && let Some(query) = query_of(query)
        {
            let value = Variable::of_row(query, &before, &self.places);
            self.environment
                .variables
                .insert(name.clone(), Rc::new(value));
        }
        let why = "is written in a loop and read in it";
        let mut written = FxHashMap::default();
        for key in self.writes(body) {
            if let Some(known) = self.environment.tables.get(&key) {
                let mut inside = (**known).clone();
                written.insert(key.clone(), inside.unknown);
                inside.unknown = inside.unknown.or(Some(why));
                self.environment.tables.insert(key, Rc::new(inside));
            }
        }
        self.run(body);
        for key in self.writes(body) {
            if let Some(known) = self.environment.tables.get(&key)
                && !known.writers.is_empty()
            {
                let mut after = (**known).clone();
                after.repeated = true;
                self.environment.tables.insert(key, Rc::new(after));
            }
        }
        // After it, the rows of all rounds are those of all its statements.
        for (key, unknown) in written {
            if let Some(known) = self.environment.tables.get(&key)
                && known.unknown == Some(why)
            {
                let mut after = (**known).clone();
                after.unknown = unknown;
                self.environment.tables.insert(key, Rc::new(after));
            }
        }
        if let Some((name, _)) = row {
            self.environment.variables.remove(name);
        }
        self.join(before);
    }

    /// The keys of tables that a loop writes, or a procedure that it may call.
    fn writes(&self, body: &[Statement]) -> FxHashSet<String> {
        let (mut keys, calls) = writes(body);
        if calls {
            for (procedure, _) in self.procedures.values() {
                keys.extend(writes(procedure.body.as_deref().unwrap_or_default()).0);
            }
        }
        keys
    }

    /// What variables that are set in a loop may hold at the start of any round:
    /// no data where all that they get is made of constants and of one another.
    fn in_any_round(
        &self,
        body: &'a [Statement],
        assigned: &FxHashSet<String>,
    ) -> Vec<(String, Variable<'a>)> {
        let mut sets = Vec::new();
        collect(body, &mut sets);
        let by_set: FxHashSet<&str> = sets.iter().map(|(name, _)| name.as_str()).collect();
        let known = &self.environment.variables;
        let mut fixed: FxHashSet<String> = assigned
            .iter()
            .filter(|name| {
                by_set.contains(name.as_str())
                    && known.get(*name).is_none_or(|before| before.is_fixed())
            })
            .cloned()
            .collect();
        loop {
            let mut binder = self.binder();
            for name in assigned {
                let value = if fixed.contains(name) {
                    Variable::Fixed
                } else {
                    Variable::Unknown("is set in a loop")
                };
                binder
                    .environment
                    .variables
                    .insert(name.clone(), Rc::new(value));
            }
            let size = fixed.len();
            for (name, value) in &sets {
                let no_data = value.is_some_and(|value| binder.expr(value).is_fixed());
                if !no_data {
                    fixed.remove(name);
                }
            }
            if fixed.len() == size {
                break;
            }
        }
        assigned
            .iter()
            .filter(|name| known.contains_key(*name))
            .map(|name| {
                let value = if fixed.contains(name) {
                    Variable::Fixed
                } else {
                    Variable::Unknown("is set in a loop")
                };
                (name.clone(), value)
            })
            .collect()
    }
}

/// The variables that statements set, and to what.
fn collect<'a>(statements: &'a [Statement], sets: &mut Vec<(String, Option<&'a ast::Expr>)>) {
    each_inside(statements, &mut |statement| {
        if let StatementKind::Sql(sql) = &statement.kind
            && let ast::Statement::Set(set) = &**sql
        {
            sets.extend(set_of(set));
        }
        if let StatementKind::Sql(sql) = &statement.kind
            && let ast::Statement::Call(call) = &**sql
        {
            // What a procedure gives back is not followed from here.
            sets.extend(super::procedure::named_arguments(call).map(|name| (name, None)));
        }
        if let StatementKind::Dynamic(dynamic) = &statement.kind {
            sets.extend(dynamic.into.iter().map(|name| (name.clone(), None)));
        }
        if let StatementKind::Loop {
            row: Some((name, _)),
            ..
        } = &statement.kind
        {
            sets.push((name.clone(), None));
        }
    });
}

/// The keys of tables that statements write, and whether they call procedures.
fn writes(statements: &[Statement]) -> (FxHashSet<String>, bool) {
    let (mut keys, mut calls) = (FxHashSet::default(), false);
    each_inside(statements, &mut |statement| {
        let target = match &statement.kind {
            StatementKind::Sql(sql) => {
                calls |= matches!(**sql, ast::Statement::Call(_));
                super::statement::target(sql)
            }
            StatementKind::Load { target, .. }
            | StatementKind::Thin { target }
            | StatementKind::Alter { target } => Some(target.clone()),
            StatementKind::Block { .. }
            | StatementKind::Branches { .. }
            | StatementKind::Loop { .. }
            | StatementKind::Procedure(_)
            | StatementKind::TableFunction(_)
            | StatementKind::Model { .. }
            | StatementKind::Dynamic(_)
            | StatementKind::Inert(_)
            | StatementKind::Unmodelled(_)
            | StatementKind::Failed(_) => None,
        };
        keys.extend(target.as_ref().map(table::key));
    });
    (keys, calls)
}

/// Statements and those inside them.
fn each_inside<'a>(statements: &'a [Statement], visit: &mut dyn FnMut(&'a Statement)) {
    for statement in statements {
        statement.each(visit);
    }
}
