//! What is reported, as data.

use serde::{Deserialize, Serialize};

use crate::{Code, Span};

/// How bad it is. Sorted from worst to mildest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing is written and the exit status is 1.
    Error,
    /// The outputs are usable, but the user should look.
    Warning,
    /// Worth knowing.
    Note,
}

impl Severity {
    /// The word shown in front of the message.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// A place and what is to be said about it. An empty message only marks the place.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is shown under it, without a full stop.
    pub message: String,
}

/// Text that would replace what is at a span, as part of a [`Help`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Replacement {
    /// What goes away; an empty span is an insertion.
    pub span: Span,
    /// What takes its place; empty for a deletion.
    pub text: String,
}

/// A way to put it right.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Help {
    /// The advice, without a full stop.
    pub message: String,
    /// The edits that carry it out, all of them together; empty if the advice is words only.
    pub replacements: Vec<Replacement>,
}

/// One error, warning or note.
///
/// Its `Ord` is total, so that any collection of diagnostics has one order, but not the one to show
/// them in: that is [`crate::Diagnostics::into_sorted`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// What kind of trouble; `ia2 explain` knows more about it.
    pub code: Code,
    /// What is wrong, in one sentence that starts in lower case and has no full stop.
    pub message: String,
    /// Where; `None` if it is about no file at all.
    pub primary: Option<Label>,
    /// Other places that play a part: the other compartment, the macro, the earlier definition.
    pub secondary: Vec<Label>,
    /// Facts that explain why it matters.
    pub notes: Vec<String>,
    /// Ways to put it right.
    pub help: Vec<Help>,
}

impl Diagnostic {
    fn new(severity: Severity, code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            severity,
            code,
            message: message.into(),
            primary: None,
            secondary: Vec::new(),
            notes: Vec::new(),
            help: Vec::new(),
        }
    }

    /// An error: what is wrong, in one sentence.
    pub fn error(code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Error, code, message)
    }

    /// A warning: what is risky, in one sentence.
    pub fn warning(code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Warning, code, message)
    }

    /// A note that stands alone: what is worth knowing, in one sentence.
    pub fn note_only(code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Note, code, message)
    }

    /// Where it is, with nothing more to say about the place.
    #[must_use]
    pub fn at(self, span: Span) -> Diagnostic {
        self.at_labelled(span, "")
    }

    /// Where it is, and what is to be said about the place.
    #[must_use]
    pub fn at_labelled(mut self, span: Span, message: impl Into<String>) -> Diagnostic {
        self.primary = Some(Label { span, message: message.into() });
        self
    }

    /// Another place that plays a part.
    #[must_use]
    pub fn also(mut self, span: Span, message: impl Into<String>) -> Diagnostic {
        self.secondary.push(Label { span, message: message.into() });
        self
    }

    /// A fact that explains why it matters.
    #[must_use]
    pub fn note(mut self, message: impl Into<String>) -> Diagnostic {
        self.notes.push(message.into());
        self
    }

    /// A way to put it right, in words.
    #[must_use]
    pub fn help(mut self, message: impl Into<String>) -> Diagnostic {
        self.help.push(Help { message: message.into(), replacements: Vec::new() });
        self
    }

    /// A way to put it right by one edit.
    #[must_use]
    pub fn suggest(
        self,
        message: impl Into<String>,
        span: Span,
        text: impl Into<String>,
    ) -> Diagnostic {
        self.suggest_all(message, vec![Replacement { span, text: text.into() }])
    }

    /// A way to put it right by several edits that belong together, such as an opening and a closing
    /// parenthesis.
    #[must_use]
    pub fn suggest_all(
        mut self,
        message: impl Into<String>,
        replacements: Vec<Replacement>,
    ) -> Diagnostic {
        self.help.push(Help { message: message.into(), replacements });
        self
    }
}
