//! What a unit's macros have to do with its edits.

use diagnostics::{Diagnostic, Span};
use serde::{Deserialize, Serialize};

use super::{Edit, When};

/// A place in a macro's definition or in an argument of a macro's use, as one expression or
/// declaration of the expanded text needs it.
///
/// All of them must need the same edits there; else uses of the macro are written out.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MacroPlace {
    /// The place: what is edited lies in it.
    pub place: Span,
    /// The macro's use, with its arguments.
    pub used: Span,
    /// Definition or argument.
    pub kind: MacroPlaceKind,
    /// The edits it needs there, each for its case; empty if it needs none.
    pub edits: Vec<Edit>,
}

/// Where a [`MacroPlace`] is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum MacroPlaceKind {
    /// In a macro's definition.
    Body {
        /// From the macro's name to its end.
        definition: Span,
        /// Whether the place stands in an argument of which another macro makes a string or a longer
        /// word.
        is_text: bool,
    },
    /// In an argument of a use.
    Argument {
        /// Whether the macro makes a string or a longer word of the argument.
        is_text: bool,
    },
}

/// The uses of a macro that is defined below the root.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MacroUses {
    /// The definition, from the macro's name to its end.
    pub definition: Span,
    /// Where it is used in a file, be it inside another macro that is used there.
    pub used: Vec<Span>,
}

/// A use of a macro that must be written out: what it expands to cannot be edited where it stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Blocked {
    /// The macro's use, with its arguments; `None` if there is none to write out.
    pub used: Option<Span>,
    /// When it must be.
    pub when: When,
    /// What to say if it cannot be done.
    pub diagnostic: Diagnostic,
}
