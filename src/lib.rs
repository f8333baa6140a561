//! Decides whether the dataset that a BigQuery query generates may be published.
//!
//! The modules are the stages of the analysis of a query, in order; each imports
//! only earlier ones: text ([`source`]) is parsed into statements ([`syntax`]),
//! which are bound to a relational plan with resolved columns ([`plan`]), given the
//! declarations of tables ([`catalog`]) and the registered columns ([`registry`]).
//! The plan yields the facts that are proven about its people ([`facts`]), the
//! answers of the policy ([`policy`]), a normalized description of how the dataset
//! is derived, for comparison ([`derivation`]), edits that would prove a minimum
//! bucket ([`mend`]) and the findings of the rules ([`rules`]). Together they are an
//! [`assessment`], which is compared with the approvals on record ([`record`]).
//!
//! Beside these stages, [`lineage`] computes where columns come from, [`interpret`]
//! executes a plan on a few rows and tracks the people behind each, and
//! [`counterexample`] searches for the fewest rows for which a small group is
//! published. All files are written through [`storage`].

// All output is printed through `cli::output`, which makes it inert: no control
// sequence or command of the terminal or of CI in it takes effect.
#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod assess;
pub mod assessment;
pub mod budget;
pub mod catalog;
pub mod cli;
pub mod config;
pub mod counterexample;
pub mod derivation;
pub mod facts;
pub mod interpret;
pub mod lineage;
pub mod mend;
pub mod numbers;
pub mod plan;
pub mod policy;
pub mod record;
pub mod registry;
pub mod report;
pub mod rules;
pub mod source;
pub mod storage;
pub mod syntax;
pub mod toml_text;
pub mod workspace;
