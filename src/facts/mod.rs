//! What a plan makes of the people behind its rows: an abstract interpretation
//! over the relational plan (`design/proof.md`).
//!
//! Each operator turns facts about its inputs into facts about its output, one
//! file an operator. [`lattice`] says how alternatives are joined; every default
//! is the cautious one.

mod aggregate;
mod analysis;
mod attempt;
mod call;
mod column;
mod constant;
mod filter;
mod join;
mod lattice;
mod least;
mod model;
mod relation;
mod scan;
mod set_operation;
mod source;
mod unnest;
mod value;
mod window;

pub use analysis::{Facts, analyze};
pub use attempt::{Attempt, Bound};
pub use column::{ColumnFacts, CountFact, Counted, Identity, OpaqueCall, UnitValue};
pub use lattice::{Flow, Form, Pop, Rows};
pub use relation::{FilterUse, Individually, Key, Population, RelationFacts};
pub use source::{Source, SourceId, Sources};
