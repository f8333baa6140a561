//! A parsed file: a tree of statements, as scripts have them.

use rustc_hash::FxHashSet;
use sqlparser::ast;

use super::directive::Directive;
use super::index::TokenIndex;
use crate::catalog::TableName;
use crate::source::{SourceText, Span};

/// The statements of a file and the comments that speak to the program.
#[derive(Debug)]
pub struct Script {
    /// In the order of the text.
    pub statements: Vec<Statement>,
    /// Suppressions and the like.
    pub directives: Vec<Directive>,
    /// Privacy clauses that were taken out of SELECTs, by the place of the
    /// SELECT.
    pub clauses: Vec<SelectClause>,
    pub(super) index: TokenIndex,
}

/// One statement.
#[derive(Debug)]
pub struct Statement {
    /// From its first token to its last, without the semicolon.
    pub span: Span,
    /// What it is.
    pub kind: StatementKind,
}

/// What a statement is. Conditions of branches and loops are no part of it:
/// they choose what runs and bring no rows.
#[derive(Debug)]
pub enum StatementKind {
    /// A tree.
    Sql(Box<ast::Statement>),
    /// BEGIN … EXCEPTION … END.
    Block {
        /// What runs.
        body: Vec<Statement>,
        /// What runs where a statement of the body fails; may be empty.
        handler: Vec<Statement>,
    },
    /// IF and CASE.
    Branches {
        /// At most one of these runs.
        branches: Vec<Vec<Statement>>,
        /// Whether one always does: there is an ELSE.
        complete: bool,
    },
    /// LOOP, WHILE, REPEAT, FOR.
    Loop {
        /// FOR's variable and the query whose rows it takes.
        row: Option<(String, Box<Statement>)>,
        /// What runs again and again.
        body: Vec<Statement>,
        /// Variables that may get a value in it, lower case.
        assigned: FxHashSet<String>,
    },
    /// CREATE PROCEDURE.
    Procedure(Procedure),
    /// CREATE TABLE FUNCTION.
    TableFunction(TableFunction),
    /// CREATE MODEL.
    Model {
        /// The model.
        target: TableName,
        /// The queries whose rows it is made of; none for a remote or imported
        /// model, or a clone of another one.
        queries: Vec<Statement>,
    },
    /// LOAD DATA: rows of files, of which nothing is known.
    Load {
        /// The table.
        target: TableName,
        /// Whether it goes with the script.
        temporary: bool,
    },
    /// Rows of a table are taken out or all of them are: DELETE, TRUNCATE.
    Thin {
        /// The table.
        target: TableName,
    },
    /// A table's columns or name are changed: ALTER TABLE.
    Alter {
        /// The table.
        target: TableName,
    },
    /// EXECUTE IMMEDIATE.
    Dynamic(Dynamic),
    /// It writes no rows and defines nothing that a query reads; its first words.
    Inert(String),
    /// It yields rows in a way that is not modelled; its first words.
    Unmodelled(String),
    /// It is not understood.
    Failed(SyntaxError),
}

/// A procedure of the script.
#[derive(Debug)]
pub struct Procedure {
    /// Its name, lower case, parts joined by dots.
    pub name: String,
    /// Its parameters in order.
    pub parameters: Vec<Parameter>,
    /// What it runs; `None` where that is in another language or elsewhere.
    pub body: Option<Vec<Statement>>,
}

/// A parameter of a procedure.
#[derive(Debug)]
pub struct Parameter {
    /// Its name, lower case.
    pub name: String,
    /// Whether the caller gets its value back: OUT, INOUT.
    pub out: bool,
}

/// A table function of the script.
#[derive(Debug)]
pub struct TableFunction {
    /// Its name, lower case, parts joined by dots.
    pub name: String,
    /// The names of its arguments, in order.
    pub arguments: Vec<String>,
    /// Its query.
    pub query: Box<Statement>,
}

/// EXECUTE IMMEDIATE.
#[derive(Debug)]
pub struct Dynamic {
    /// The statements in the string, where that is constant. Their places are
    /// those of the file.
    pub script: Option<Box<(SourceText, Script)>>,
    /// INTO: variables that get the columns of the one row, lower case.
    pub into: Vec<String>,
    /// USING: values of the parameters, and the names of those that have one.
    pub using: Vec<(ast::Expr, Option<String>)>,
}

/// Why a statement is not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// The token at fault.
    pub span: Span,
    /// What was found, what was expected.
    pub message: String,
    /// How to mend it.
    pub help: String,
    /// The limit that was reached, where that is why.
    pub limit: Option<&'static str>,
}

/// `WITH AGGREGATION_THRESHOLD OPTIONS (…)` after SELECT, and its like.
#[derive(Debug, Clone)]
pub struct SelectClause {
    /// The byte at which its SELECT begins.
    pub select: u32,
    /// `AGGREGATION_THRESHOLD`, `DIFFERENTIAL_PRIVACY`, `ANONYMIZATION`.
    pub kind: String,
    /// The options as written.
    pub options: Vec<(String, ast::Expr)>,
    /// Its place.
    pub span: Span,
}

impl Script {
    /// All statements, those inside others and inside constant strings that are
    /// executed included.
    pub fn each<'a>(&'a self, visit: &mut dyn FnMut(&'a Statement)) {
        for statement in &self.statements {
            statement.each(visit);
        }
    }
}

impl Statement {
    /// This statement and all inside it.
    pub fn each<'a>(&'a self, visit: &mut dyn FnMut(&'a Statement)) {
        visit(self);
        let mut all = |statements: &'a [Statement]| {
            for statement in statements {
                statement.each(visit);
            }
        };
        match &self.kind {
            StatementKind::Block { body, handler } => {
                all(body);
                all(handler);
            }
            StatementKind::Branches { branches, .. } => {
                for branch in branches {
                    all(branch);
                }
            }
            StatementKind::Loop { row, body, .. } => {
                if let Some((_, query)) = row {
                    all(std::slice::from_ref(&**query));
                }
                all(body);
            }
            StatementKind::Procedure(procedure) => {
                all(procedure.body.as_deref().unwrap_or_default());
            }
            StatementKind::TableFunction(function) => {
                all(std::slice::from_ref(&*function.query));
            }
            StatementKind::Model { queries, .. } => all(queries),
            StatementKind::Dynamic(dynamic) => {
                if let Some(nested) = &dynamic.script {
                    all(&nested.1.statements);
                }
            }
            StatementKind::Sql(_)
            | StatementKind::Load { .. }
            | StatementKind::Thin { .. }
            | StatementKind::Alter { .. }
            | StatementKind::Inert(_)
            | StatementKind::Unmodelled(_)
            | StatementKind::Failed(_) => {}
        }
    }
}
