//! A parsed file: the tree of a script's statements.

use sqlparser::ast;

use super::directive::{Directive, DirectiveKind, statements_after};
use super::index::TokenIndex;
use crate::catalog::TableName;
use crate::source::{SourceText, Span};

/// The statements of a file, and its comments for the program.
#[derive(Debug)]
pub struct Script {
    /// The statements in order of the text.
    pub statements: Vec<Statement>,
    /// Suppressions and other directives.
    pub directives: Vec<Directive>,
    /// Privacy clauses that were removed from SELECTs, in order of the SELECTs.
    pub clauses: Vec<SelectClause>,
    pub(super) index: TokenIndex,
}

/// A statement of a script.
#[derive(Debug)]
pub struct Statement {
    /// From its first token to its last, without the semicolon.
    pub span: Span,
    /// The kind and content of the statement.
    pub kind: StatementKind,
}

/// The kind and content of a statement.
///
/// A condition is a statement of its own, `SELECT condition`: the data that it reads
/// decide everything that runs under it.
#[derive(Debug)]
pub enum StatementKind {
    /// A statement of SQL, as a tree.
    Sql(Box<ast::Statement>),
    /// BEGIN … EXCEPTION … END.
    Block {
        /// The label, in lower case.
        label: Option<String>,
        /// The statements.
        body: Vec<Statement>,
        /// The statements that run if a statement of the body fails.
        handler: Option<Vec<Statement>>,
    },
    /// IF and CASE: the first branch runs whose condition holds.
    Branches {
        /// The branches in the order in which their conditions are evaluated.
        branches: Vec<Branch>,
        /// ELSE.
        otherwise: Option<Vec<Statement>>,
    },
    /// LOOP, WHILE, REPEAT, FOR.
    Loop {
        /// The label, in lower case.
        label: Option<String>,
        /// How often the body runs.
        rounds: LoopKind,
        /// The repeated statements.
        body: Vec<Statement>,
    },
    /// BREAK, LEAVE, CONTINUE, ITERATE, RETURN, RAISE.
    Jump(Jump),
    /// ASSERT: the script fails unless the condition holds.
    Assert {
        /// The asserted condition.
        condition: Box<Statement>,
    },
    /// CREATE PROCEDURE.
    Procedure(Procedure),
    /// CREATE TABLE FUNCTION.
    TableFunction(TableFunction),
    /// CREATE MODEL.
    Model {
        /// The name of the model.
        target: TableName,
        /// The queries whose rows train it. Empty for a remote or imported model, or
        /// a clone of another one.
        queries: Vec<Statement>,
    },
    /// LOAD DATA: rows of files, about which nothing is known.
    Load {
        /// The loaded table.
        target: TableName,
        /// Whether the table ends with the script.
        temporary: bool,
    },
    /// DELETE.
    Delete {
        /// The table whose rows are deleted.
        target: TableName,
        /// `SELECT * FROM target WHERE condition`: the deleted rows.
        rows: Box<Statement>,
    },
    /// TRUNCATE TABLE.
    Truncate {
        /// The emptied table.
        target: TableName,
    },
    /// An untracked change or creation of a table: ALTER TABLE, CREATE EXTERNAL
    /// TABLE.
    Alter {
        /// The table.
        target: TableName,
    },
    /// A change after which fewer or other rows may be visible. It is `ALTER TABLE …
    /// SET OPTIONS` with an option that may remove rows or the table, or DROP ROW
    /// ACCESS POLICY.
    Expire {
        /// The table or view.
        target: TableName,
    },
    /// GRANT and REVOKE on a table or dataset, which change who may read it, and
    /// ALTER SCHEMA.
    Access {
        /// Whether it concerns a whole dataset.
        dataset: bool,
        /// The table, view or dataset.
        target: TableName,
    },
    /// `ALTER TABLE … RENAME TO`.
    Rename {
        /// The table.
        target: TableName,
        /// Its new name, in the same dataset.
        to: String,
    },
    /// DROP of an object that a statement may read or call.
    Drop {
        /// The kind of the object.
        object: DroppedObject,
        /// The name of the object.
        target: TableName,
    },
    /// EXECUTE IMMEDIATE.
    ExecuteImmediate(ExecuteImmediate),
    /// A statement without rows and without definitions that queries read; its first
    /// words.
    Inert(String),
    /// A statement that yields rows in an unmodelled way; its first words.
    Unmodelled(String),
    /// A statement that cannot be parsed.
    Failed(SyntaxError),
}

/// A branch of IF or CASE.
#[derive(Debug)]
pub struct Branch {
    /// The condition of the branch.
    pub condition: Box<Statement>,
    /// The statements that run if it holds.
    pub body: Vec<Statement>,
}

/// How often the body of a loop runs.
#[derive(Debug)]
pub enum LoopKind {
    /// LOOP: until a statement leaves it.
    Endless,
    /// WHILE: while the condition holds, which is evaluated before each iteration.
    While(Box<Statement>),
    /// REPEAT: until the condition holds, which is evaluated after each iteration.
    /// `None` if the condition is missing.
    Until(Option<Box<Statement>>),
    /// FOR: once for each row of a query, which the variable holds.
    Rows(String, Box<Statement>),
}

/// A statement that transfers control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Jump {
    /// BREAK, LEAVE: to the end of a loop, or of the statement with this label.
    Leave(Option<String>),
    /// CONTINUE, ITERATE: to the next iteration.
    Continue(Option<String>),
    /// RETURN: to the end of the script or of its procedure.
    Return,
    /// RAISE: to the enclosing handler.
    Raise,
}

/// The kinds of objects that DROP removes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DroppedObject {
    /// A table or view.
    Table,
    /// A function.
    Function,
    /// A table function.
    TableFunction,
    /// A procedure.
    Procedure,
    /// A dataset with its whole content; UNDROP restores one.
    Dataset,
}

/// A procedure that the script creates.
#[derive(Debug)]
pub struct Procedure {
    /// The name in lower case, with its parts joined by dots.
    pub name: String,
    /// Whether an existing one is kept: IF NOT EXISTS.
    pub keeps: bool,
    /// The parameters in order.
    pub parameters: Vec<Parameter>,
    /// The statements; `None` if they are in another language or elsewhere.
    pub body: Option<Vec<Statement>>,
}

/// A parameter of a procedure.
#[derive(Debug)]
pub struct Parameter {
    /// The name, in lower case.
    pub name: String,
    /// Whether its value is returned to the caller: OUT, INOUT.
    pub out: bool,
    /// Whether it begins as NULL, whatever the caller passes: OUT.
    pub starts_unset: bool,
}

/// A table function that the script creates.
#[derive(Debug)]
pub struct TableFunction {
    /// The name in lower case, with its parts joined by dots.
    pub name: String,
    /// Whether an existing one is kept: IF NOT EXISTS.
    pub keeps: bool,
    /// The names of its arguments, in order.
    pub arguments: Vec<String>,
    /// For each argument, whether it is a table: `TABLE<…>`, `ANY TABLE`.
    pub tables: Vec<bool>,
    /// Its query.
    pub query: Box<Statement>,
}

/// EXECUTE IMMEDIATE.
#[derive(Debug)]
pub struct ExecuteImmediate {
    /// The statements in the string, if it is constant. Their places are those of
    /// the file.
    pub script: Option<Box<(SourceText, Script)>>,
    /// The expression of the string, if it is not constant and can be parsed.
    pub text: Option<Box<ast::Expr>>,
    /// Possible texts of a string that is not constant, with placeholders for
    /// unknown values. Empty if the string is constant, cannot be parsed, or is too
    /// long.
    pub likely: Vec<String>,
    /// INTO: the variables that receive the columns of the single row, in lower
    /// case.
    pub into: Vec<String>,
    /// USING: the values of the parameters, with the names of named ones.
    pub using: Vec<(ast::Expr, Option<String>)>,
}

/// The reason why a statement cannot be parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// The token at fault.
    pub span: Span,
    /// The message: what was found, and what was expected.
    pub message: String,
    /// The edit that corrects it.
    pub help: String,
    /// The limit that was exceeded, if that is the reason.
    pub limit: Option<&'static str>,
}

/// `WITH AGGREGATION_THRESHOLD OPTIONS (…)` after SELECT, or a similar clause.
#[derive(Debug, Clone)]
pub struct SelectClause {
    /// The byte at which its SELECT begins.
    pub select: u32,
    /// `AGGREGATION_THRESHOLD`, `DIFFERENTIAL_PRIVACY`, `ANONYMIZATION`.
    pub kind: String,
    /// The options, with their names as written.
    pub options: Vec<(String, ast::Expr)>,
    /// The place of the clause.
    pub span: Span,
}

impl Script {
    /// Visits all statements. This includes statements inside others, and those of
    /// executed constant strings.
    pub fn each<'a>(&'a self, visit: &mut dyn FnMut(&'a Statement)) {
        for statement in &self.statements {
            statement.each(visit);
        }
    }

    /// Whether there is a statement, and all of them could be parsed.
    pub fn is_whole(&self) -> bool {
        let mut whole = !self.statements.is_empty();
        self.each(&mut |one| whole &= !matches!(one.kind, StatementKind::Failed(_)));
        whole
    }

    /// Returns the statements to which a directive may apply. They are in order of
    /// the text, a block before its content. Empty if there are no directives.
    pub fn commented(&self) -> Vec<Span> {
        let mut statements = Vec::new();
        if !self.directives.is_empty() {
            self.each(&mut |statement| statements.push(statement.span));
            statements.sort_by_key(|span| span.start);
        }
        statements
    }

    /// Returns the statements that a directive with a reason declares internal.
    pub fn internal(&self, source: &SourceText) -> Vec<Span> {
        let behind = statements_after(source, &self.directives, &self.commented());
        let said = self.directives.iter().zip(behind);
        said.filter(|(directive, _)| {
            matches!(&directive.kind, DirectiveKind::Internal { reason } if !reason.is_empty())
        })
        .filter_map(|(_, statement)| statement)
        .collect()
    }
}

impl Statement {
    /// Visits this statement and all statements inside of it.
    pub fn each<'a>(&'a self, visit: &mut dyn FnMut(&'a Statement)) {
        visit(self);
        let mut all = |statements: &'a [Statement]| {
            for statement in statements {
                statement.each(visit);
            }
        };
        let only = std::slice::from_ref::<Statement>;
        match &self.kind {
            StatementKind::Block { body, handler, .. } => {
                all(body);
                all(handler.as_deref().unwrap_or_default());
            }
            StatementKind::Branches {
                branches,
                otherwise,
            } => {
                for branch in branches {
                    all(only(&branch.condition));
                    all(&branch.body);
                }
                all(otherwise.as_deref().unwrap_or_default());
            }
            StatementKind::Loop { rounds, body, .. } => {
                match rounds {
                    LoopKind::While(asked) | LoopKind::Rows(_, asked) => all(only(asked)),
                    LoopKind::Until(Some(asked)) => all(only(asked)),
                    LoopKind::Endless | LoopKind::Until(None) => {}
                }
                all(body);
            }
            StatementKind::Assert { condition: inner }
            | StatementKind::Delete { rows: inner, .. } => {
                all(only(inner));
            }
            StatementKind::Procedure(procedure) => {
                all(procedure.body.as_deref().unwrap_or_default());
            }
            StatementKind::TableFunction(function) => {
                all(std::slice::from_ref(&*function.query));
            }
            StatementKind::Model { queries, .. } => all(queries),
            StatementKind::ExecuteImmediate(dynamic) => {
                if let Some(nested) = &dynamic.script {
                    all(&nested.1.statements);
                }
            }
            StatementKind::Sql(_)
            | StatementKind::Load { .. }
            | StatementKind::Jump(_)
            | StatementKind::Truncate { .. }
            | StatementKind::Alter { .. }
            | StatementKind::Expire { .. }
            | StatementKind::Access { .. }
            | StatementKind::Rename { .. }
            | StatementKind::Drop { .. }
            | StatementKind::Inert(_)
            | StatementKind::Unmodelled(_)
            | StatementKind::Failed(_) => {}
        }
    }
}
