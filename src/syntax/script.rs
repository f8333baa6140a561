//! A parsed file: a tree of statements, as scripts have them.

use sqlparser::ast;

use super::directive::{Directive, DirectiveKind, statements_behind};
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

/// What a statement is.
///
/// A condition is a statement of its own, `SELECT condition`: what it reads
/// decides about all that runs under it.
#[derive(Debug)]
pub enum StatementKind {
    /// A tree.
    Sql(Box<ast::Statement>),
    /// BEGIN … EXCEPTION … END.
    Block {
        /// Its label, lower case.
        label: Option<String>,
        /// What runs.
        body: Vec<Statement>,
        /// What runs when a statement of the body fails.
        handler: Option<Vec<Statement>>,
    },
    /// IF and CASE: the first branch whose condition holds runs.
    Branches {
        /// In the order in which their conditions are asked.
        branches: Vec<Branch>,
        /// ELSE.
        otherwise: Option<Vec<Statement>>,
    },
    /// LOOP, WHILE, REPEAT, FOR.
    Loop {
        /// Its label, lower case.
        label: Option<String>,
        /// How often it runs.
        rounds: Rounds,
        /// What runs again and again.
        body: Vec<Statement>,
    },
    /// BREAK, LEAVE, CONTINUE, ITERATE, RETURN, RAISE.
    Jump(Jump),
    /// ASSERT: the script fails unless the condition holds.
    Assert {
        /// What is asserted.
        condition: Box<Statement>,
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
    /// DELETE.
    Delete {
        /// The table.
        target: TableName,
        /// `SELECT * FROM target WHERE condition`: the rows that are taken out.
        rows: Box<Statement>,
    },
    /// TRUNCATE TABLE.
    Truncate {
        /// The table.
        target: TableName,
    },
    /// A table is changed or made in a way that is not followed: ALTER TABLE,
    /// CREATE EXTERNAL TABLE.
    Alter {
        /// The table.
        target: TableName,
    },
    /// `ALTER TABLE … SET OPTIONS` with an option after which rows, or all of it,
    /// may be gone, or DROP ROW ACCESS POLICY, after which others are seen.
    Expire {
        /// The table or view.
        target: TableName,
    },
    /// GRANT and REVOKE, after which others may read a table or all of a dataset, and
    /// ALTER SCHEMA.
    Access {
        /// Whether it is about all of a dataset.
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
    /// DROP of something that a statement may read, or call.
    Drop {
        /// What kind of thing.
        object: Object,
        /// Its name.
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

/// A branch of IF or CASE.
#[derive(Debug)]
pub struct Branch {
    /// What must hold.
    pub condition: Box<Statement>,
    /// What runs then.
    pub body: Vec<Statement>,
}

/// How often the body of a loop runs.
#[derive(Debug)]
pub enum Rounds {
    /// LOOP: until something leaves it.
    Endless,
    /// WHILE: as long as the condition holds, which is asked before each round.
    While(Box<Statement>),
    /// REPEAT: until the condition holds, which is asked after each round; none
    /// if it is missing.
    Until(Option<Box<Statement>>),
    /// FOR: once for each row of a query, which the variable holds.
    Rows(String, Box<Statement>),
}

/// A statement that goes on elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Jump {
    /// BREAK, LEAVE: behind a loop, or behind what has the label.
    Leave(Option<String>),
    /// CONTINUE, ITERATE: to the next round.
    Continue(Option<String>),
    /// RETURN: to the end of the script or of its procedure.
    Return,
    /// RAISE: into the handler around it.
    Raise,
}

/// What DROP may take away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Object {
    /// A table or view.
    Table,
    /// A function.
    Function,
    /// A table function.
    TableFunction,
    /// A procedure.
    Procedure,
    /// A dataset, with all in it; or one is brought back.
    Dataset,
}

/// A procedure of the script.
#[derive(Debug)]
pub struct Procedure {
    /// Its name, lower case, parts joined by dots.
    pub name: String,
    /// Whether one that is there already is kept: IF NOT EXISTS.
    pub keeps: bool,
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
    /// Whether it begins as NULL, whatever the caller gives: OUT.
    pub starts_unset: bool,
}

/// A table function of the script.
#[derive(Debug)]
pub struct TableFunction {
    /// Its name, lower case, parts joined by dots.
    pub name: String,
    /// Whether one that is there already is kept: IF NOT EXISTS.
    pub keeps: bool,
    /// The names of its arguments, in order.
    pub arguments: Vec<String>,
    /// Which of them are tables: `TABLE<…>`, `ANY TABLE`.
    pub tables: Vec<bool>,
    /// Its query.
    pub query: Box<Statement>,
}

/// EXECUTE IMMEDIATE.
#[derive(Debug)]
pub struct Dynamic {
    /// The statements in the string, where that is constant. Their places are
    /// those of the file.
    pub script: Option<Box<(SourceText, Script)>>,
    /// What it is made of, where it is not constant and that is understood.
    pub text: Option<Box<ast::Expr>>,
    /// The texts that it may be where it is not constant, with names for unknown
    /// values; none where nothing of it is known.
    pub likely: Vec<String>,
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

    /// Whether there is a statement, and all of them could be parsed.
    pub fn is_whole(&self) -> bool {
        let mut whole = !self.statements.is_empty();
        self.each(&mut |one| whole &= !matches!(one.kind, StatementKind::Failed(_)));
        whole
    }

    /// The statements that a comment may stand before, in the order of the text, a block
    /// before what stands in it; none where there are no comments that say something.
    pub fn commented(&self) -> Vec<Span> {
        let mut statements = Vec::new();
        if !self.directives.is_empty() {
            self.each(&mut |statement| statements.push(statement.span));
            statements.sort_by_key(|span| span.start);
        }
        statements
    }

    /// The statements that a comment calls internal, with its reason.
    pub fn internal(&self, source: &SourceText) -> Vec<Span> {
        let behind = statements_behind(source, &self.directives, &self.commented());
        let said = self.directives.iter().zip(behind);
        said.filter(|(directive, _)| {
            matches!(&directive.kind, DirectiveKind::Internal { reason } if !reason.is_empty())
        })
        .filter_map(|(_, statement)| statement)
        .collect()
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
                    Rounds::While(asked) | Rounds::Rows(_, asked) => all(only(asked)),
                    Rounds::Until(Some(asked)) => all(only(asked)),
                    Rounds::Endless | Rounds::Until(None) => {}
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
            StatementKind::Dynamic(dynamic) => {
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
