//! Says whether the dataset that a BigQuery query generates may be published.
//!
//! The modules are the stations of a query's journey, in order; each imports
//! only those before it: text ([`source`]) to statements ([`syntax`]) to a
//! relational plan with resolved columns ([`plan`]), under what is declared of
//! tables ([`catalog`]) and registered of columns ([`registry`]), to what is
//! proven of its people ([`facts`]), what the policy says ([`policy`]), how it is
//! made, in words to compare ([`derivation`]), the edits
//! that would prove a minimum bucket ([`mend`]) and what the rules find
//! ([`rules`]): an [`assessment`], held against what was approved ([`record`]).
//!
//! Beside them, [`lineage`] tells where columns come from, [`interpret`] executes a plan on a few rows with the people behind
//! each, and [`counterexample`] looks for the fewest of which a small group is
//! published. Whatever is written is written through [`storage`].

// Everything that is printed goes through `cli::output`, which makes it inert.
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
