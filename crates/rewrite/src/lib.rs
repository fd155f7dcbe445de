//! draft
pub mod declarator;
pub mod token;
