//! Initial registries for organisations whose data follow a public schema.

use super::Registry;

/// An initial registry that is built in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// Mozilla's query repository: the built-in registry.
    Mozilla,
    /// The export of Google Analytics 4.
    Ga4,
    /// The export of Google Analytics 360.
    Ga360,
    /// The exports of Firebase.
    Firebase,
    /// The OMOP Common Data Model.
    Omop,
}

impl Preset {
    /// All presets, each with its word on the command line.
    pub const ALL: [(&'static str, Self); 5] = [
        ("mozilla", Self::Mozilla),
        ("ga4", Self::Ga4),
        ("ga360", Self::Ga360),
        ("firebase", Self::Firebase),
        ("omop", Self::Omop),
    ];

    /// Returns the text of the preset's registry.
    pub fn text(self) -> &'static str {
        match self {
            Self::Mozilla => Registry::builtin_text(),
            Self::Ga4 => include_str!("presets/ga4.toml"),
            Self::Ga360 => include_str!("presets/ga360.toml"),
            Self::Firebase => include_str!("presets/firebase.toml"),
            Self::Omop => include_str!("presets/omop.toml"),
        }
    }
}
