//! Files that are whole: each is written beside its place and then put there in one
//! step, so that a reader, and one who comes after a crash, a full disk or a killed
//! run, sees the old one or the new one.

mod file;
mod folder;
mod staging;

pub use file::{create, replace, replace_in_steps};
pub use folder::replace as replace_folder;
pub use staging::Staging;

#[cfg(test)]
mod tests;
