//! Macros that a command defines.

use std::collections::BTreeMap;

/// The macros that `-D` and `-U` leave defined, and what they stand for: `None` if they have parameters.
pub(crate) fn command_macros(flags: &[String]) -> BTreeMap<&str, Option<&str>> {
    let mut macros = BTreeMap::new();
    for flag in flags {
        if let Some(name) = flag.strip_prefix("-U") {
            macros.remove(name.trim());
        } else if let Some(definition) = flag.strip_prefix("-D") {
            let (head, value) = definition.split_once('=').unwrap_or((definition, "1"));
            let name = head.split('(').next().unwrap_or(head);
            macros.insert(name.trim(), (name == head).then_some(value.trim()));
        }
    }
    macros
}
