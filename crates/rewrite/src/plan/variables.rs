//! Variables that are defined in one compartment and used in another.

use std::collections::{BTreeMap, BTreeSet};

use diagnostics::{Diagnostic, codes};

use super::Sharing;
use crate::facts::{Edit, Facts, Order, Variable, When};

/// Reports each of them, or lets it become shared data.
pub(super) fn check(
    units: &[Facts],
    sharing: Sharing,
    diagnostics: &mut Vec<Diagnostic>,
    edit: &mut dyn FnMut(&Edit),
) {
    let mut definitions: BTreeMap<&str, Vec<(u8, &Variable)>> = BTreeMap::new();
    for unit in units {
        for variable in unit.variables.iter().filter(|variable| variable.defined.is_some()) {
            definitions.entry(&variable.symbol).or_default().push((unit.pkey, variable));
        }
    }
    let mut reported: BTreeSet<(&str, u8)> = BTreeSet::new();
    for unit in units {
        for user in &unit.variables {
            let Some(used) = &user.used else { continue };
            let Some(found) = definitions.get(user.symbol.as_str()) else { continue };
            let is_own = found.iter().any(|(pkey, _)| *pkey == unit.pkey);
            let (pkey, variable) = found[0];
            let is_open = pkey == 0 || variable.is_const || found.iter().any(|(_, v)| v.is_shared);
            if is_own || is_open || !reported.insert((&user.symbol, unit.pkey)) {
                continue;
            }
            let (Some(span), before) = (&variable.defined, &variable.before) else { continue };
            if let (Sharing::Mark, Some(before), false) =
                (sharing, before, variable.is_thread_local)
            {
                edit(&Edit {
                    span: diagnostics::Span::point(before.file.clone(), before.offset),
                    text: "IA2_SHARED_DATA ".to_owned(),
                    order: Order::Between,
                    when: When::Always,
                });
                continue;
            }
            let message = format!(
                "`{}` belongs to compartment {pkey}, and compartment {} uses it",
                user.symbol, unit.pkey
            );
            let diagnostic = Diagnostic::warning(codes::VARIABLE_OF_ANOTHER, message)
                .at_labelled(used.clone(), format!("used in compartment {}", unit.pkey))
                .also(span.clone(), format!("defined in compartment {pkey}"));
            let help = if variable.is_thread_local {
                "each compartment has its own thread-local storage: pass the value or use functions"
            } else {
                "put IA2_SHARED_DATA in front of the definition (--share-globals does it), or use \
                 functions of its compartment"
            };
            diagnostics.push(diagnostic.help(help));
        }
    }
}
