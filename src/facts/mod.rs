//! Abstract interpretation of the relational plan (`design/proof.md`).
//!
//! The facts describe the people behind the rows and values of each relation. Each
//! operator has a transfer function from the facts of its inputs to the facts of
//! its output, one file per family of operators. [`lattice`] defines how
//! alternatives are joined; every default is the cautious one.

mod aggregate;
mod alternatives;
mod analysis;
mod attempt;
mod bound;
mod bucket;
mod call;
mod case;
mod cell;
mod clock;
mod column;
mod comparison;
mod congruence;
mod constant;
mod count;
mod coverage;
mod dependency;
mod filter;
mod fold;
mod group_key;
mod hint;
mod history;
mod included;
mod influence;
mod join;
mod join_keys;
mod json;
mod keyed;
mod lattice;
mod least;
mod loss;
mod measured;
mod members;
mod mistake;
mod model;
mod nullness;
mod numbering;
pub(crate) mod ordered;
mod own;
mod partition;
mod presence;
mod reader;
mod recursion;
mod rejoin;
mod relation;
mod renamed;
mod renaming;
mod scan;
mod set_operation;
mod source;
mod union;
mod unnest;
mod value;
mod window;

#[cfg(feature = "faults")]
pub use analysis::analyze_with;
pub use analysis::{Facts, analyze, analyze_filled};
pub use attempt::{ThresholdBound, ThresholdCondition};
pub use cell::{Cell, ConditionalBound, PeopleSubset};
pub use column::{ColumnFacts, CountKind, Counted, Identity, OpaqueCall, UnitValue};
pub use constant::number as constant_number;
pub use count::CountFact;
pub use coverage::{Coverage, CoverageGap, GapReason, Measure};
pub use dependency::{Dependencies, Equation, UniqueKey, UnitColumn};
pub use fold::Fold;
pub use history::{FilterUse, History};
pub use influence::{Influence, RowInfluence};
pub use lattice::{Flow, IdentityForm, PrivateInput, Rows};
pub use loss::{BucketLoss, LossKind};
#[cfg(feature = "faults")]
pub use mistake::Mutation;
pub use numbering::{ConditionId, Number};
pub use own::{OwnRead, own_reads};
pub use partition::{Partition, PartitionCount, PartitionId};
pub use relation::{GroupKey, IndividualReason, Population, RelationFacts};
pub use source::{BaseColumnId, BaseColumns, Source, SourceForm};

/// Splits a condition into its conjuncts; nested ANDs are flattened.
pub(crate) fn conjuncts(condition: &crate::plan::Expr) -> Vec<&crate::plan::Expr> {
    match &condition.kind {
        crate::plan::ExprKind::And(parts) => parts.iter().flat_map(conjuncts).collect(),
        _ => vec![condition],
    }
}
