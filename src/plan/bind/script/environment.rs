//! What earlier statements of a script define for later ones.
//!
//! An environment is the state of a script at one place. It is cheap to copy, so
//! that what is read later is bound as it was when it was written.

use std::rc::Rc;

use imbl::HashMap;
use sqlparser::ast;

use super::table::Table;
use super::variable::Variable;
use crate::syntax::Places;

/// Functions, tables and variables of a script, by lower-case name.
#[derive(Clone, Default)]
pub(in crate::plan::bind) struct Environment<'a> {
    /// SQL functions with a visible body.
    pub(in crate::plan::bind) functions: HashMap<String, Function<'a>>,
    /// Table functions with a visible body.
    pub(in crate::plan::bind) table_functions: HashMap<String, TableFunction<'a>>,
    /// Tables and views that the script makes, temporary ones among them.
    pub(in crate::plan::bind) tables: HashMap<String, Rc<Table<'a>>>,
    /// Variables; parameters of a string that is executed begin with `@`.
    pub(in crate::plan::bind) variables: HashMap<String, Rc<Variable<'a>>>,
}

/// A function with a visible SQL body.
#[derive(Clone)]
pub(in crate::plan::bind) struct Function<'a> {
    /// Names of the arguments, in order.
    pub(in crate::plan::bind) args: Vec<String>,
    /// The body.
    pub(in crate::plan::bind) body: &'a ast::Expr,
    /// Where its parts stand.
    pub(in crate::plan::bind) places: Rc<Places<'a>>,
}

/// A table function with a visible body.
#[derive(Clone)]
pub(in crate::plan::bind) struct TableFunction<'a> {
    /// Names of the arguments, in order.
    pub(in crate::plan::bind) arguments: &'a [String],
    /// The body.
    pub(in crate::plan::bind) query: &'a ast::Query,
    /// Where its parts stand.
    pub(in crate::plan::bind) places: Rc<Places<'a>>,
}

impl Environment<'_> {
    /// The state after one of two ways through a script.
    pub(super) fn or(mut self, other: Self) -> Self {
        for (name, theirs) in &other.variables {
            let both = match self.variables.get(name) {
                Some(mine) => mine.or(theirs),
                None => Rc::clone(theirs),
            };
            self.variables.insert(name.clone(), both);
        }
        for (name, theirs) in &other.tables {
            let both = match self.tables.get(name) {
                Some(mine) if Rc::ptr_eq(mine, theirs) => continue,
                Some(mine) => Rc::new(mine.or(theirs)),
                None => Rc::clone(theirs),
            };
            self.tables.insert(name.clone(), both);
        }
        // A function of two bodies is none that can be seen.
        let same =
            |mine: &Function<'_>, theirs: &Function<'_>| std::ptr::eq(mine.body, theirs.body);
        for (name, theirs) in &other.functions {
            match self.functions.get(name) {
                Some(mine) if same(mine, theirs) => {}
                Some(_) => {
                    self.functions.remove(name);
                }
                None => {
                    self.functions.insert(name.clone(), theirs.clone());
                }
            }
        }
        for (name, theirs) in &other.table_functions {
            match self.table_functions.get(name) {
                Some(mine) if std::ptr::eq(mine.query, theirs.query) => {}
                Some(_) => {
                    self.table_functions.remove(name);
                }
                None => {
                    self.table_functions.insert(name.clone(), theirs.clone());
                }
            }
        }
        self
    }
}
