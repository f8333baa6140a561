//! Atomic writes of files and folders.
//!
//! Each file or folder is written beside its place and then moved there in one step.
//! A concurrent reader, and a run after a crash, a full disk or a killed run, see
//! either the old or the new version, never a part of one.

mod file;
mod folder;
mod staging;

pub use file::{create, replace, replace_in_steps};
pub use folder::replace as replace_folder;
pub use staging::Staging;

#[cfg(test)]
mod tests;
