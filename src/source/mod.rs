//! First station: reads texts, and defines places in them.
//!
//! All later stations use [`Span`]s, which are bytes of the file as its user wrote
//! it. Lines and columns exist only in [`Position`]s, which are created here and
//! nowhere else.

mod active;
pub mod bounded;
mod digest;
mod elsewhere;
pub mod encoding;
pub mod files;
pub mod folders;
mod map;
pub mod pasted;
mod span;
pub mod template;
mod text;

pub(crate) use active::is_active;
pub use digest::digest;
pub use elsewhere::UpstreamPlace;
pub use map::SourceMap;
pub use span::{Position, Span};
pub use text::SourceText;
