//! The symbols that gates use. Those of their own library are local labels, so that no other object's
//! symbol can take their place.

use std::borrow::Cow;

/// `layout::vault`
pub(crate) const VAULT: &str = ".Lia2_vault";
/// `layout::thread_block`
pub(crate) const THREAD_BLOCK: &str = ".Lia2_thread_block";
/// CPU features, addresses of functions and scrubbing routines (`layout::callgates`).
pub(crate) const TABLE: &str = ".Lia2_table";
/// Initial MXCSR and x87 control word.
pub(crate) const FLOAT_DEFAULTS: &str = ".Lia2_float_defaults";
/// Constants that clear padding.
pub(crate) const MASKS: &str = ".Lia2_masks";
/// In the runtime: gives a compartment its stack in this thread.
pub(crate) const PREPARE_STACK: &str = "ia2_prepare_stack";

/// The local label `.LNAME`. Assemblers take other characters than ASCII in a symbol, if at all, only in
/// quotes: a local label, which nobody else sees, does without.
pub(crate) fn local(name: &str) -> String {
    let mut label = ".L".to_owned();
    for c in name.chars() {
        if c.is_ascii() {
            label.push(c);
        } else {
            label.push_str(&format!(".u{:x}", u32::from(c)));
        }
    }
    label
}

/// The name of a symbol that others see, as assemblers take it.
pub(crate) fn global(name: &str) -> Cow<'_, str> {
    if name.is_ascii() { name.into() } else { format!("\"{name}\"").into() }
}
