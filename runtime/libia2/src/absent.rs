//! Functions that are declared weak and that nobody defines: their address is null.
//!
//! The gates have a stub for each function that is used as a value, so pointers to the stub of such
//! a one would not be null. Where the loader has put its address, null is put instead. The generated
//! header declares these stubs weak, so compilers expect it.

use core::ffi::CStr;

use layout::callgates::{Function, Registered};

use crate::ids;
use crate::notes::registered;
use crate::object::Object;

/// What objects have registered, among which are functions without address.
#[derive(Clone, Copy)]
pub(crate) struct Absent<'a>(&'a [Object]);

impl<'a> Absent<'a> {
    /// The absent functions of these objects, if there are any.
    pub(crate) fn among(objects: &'a [Object]) -> Option<Absent<'a>> {
        let all = Absent(objects);
        all.registered().any(|(_, entry)| entry.address == 0).then_some(all)
    }

    /// Whether a symbol is that of the stub of one of them, for whatever type.
    pub(crate) fn has_stub(self, symbol: &[u8]) -> bool {
        let Some((pkey, name)) = parts(symbol) else { return false };
        ids::functions().iter().any(|function| {
            function.pkey == pkey && is_name_of(name, function) && self.is_one(function)
        })
    }

    /// Whether an object uses the function, and none knows where it is.
    fn is_one(self, function: &Function) -> bool {
        let mut entries = self
            .registered()
            .filter(|(pkey, entry)| *pkey == function.pkey && entry.id == function.id)
            .peekable();
        entries.peek().is_some() && entries.all(|(_, entry)| entry.address == 0)
    }

    fn registered(self) -> impl Iterator<Item = (u32, &'static Registered)> {
        self.0.iter().flat_map(|object| {
            registered(object).map(|entry| (u32::from(object.pkey.number()), entry))
        })
    }
}

/// Compartment and name in the symbol of a stub, `ia2_fn_K_NAME`.
fn parts(symbol: &[u8]) -> Option<(u32, &[u8])> {
    let rest = symbol.strip_prefix(b"ia2_fn_")?;
    let end = rest.iter().position(|&byte| byte == b'_')?;
    let pkey = core::str::from_utf8(&rest[..end]).ok()?.parse().ok()?;
    Some((pkey, &rest[end + 1..]))
}

/// Whether what is left of a stub's symbol is the name of the function, or `NAME_as_TYPE`.
fn is_name_of(rest: &[u8], function: &Function) -> bool {
    // SAFETY: the descriptor's names are C strings.
    let name = unsafe { CStr::from_ptr(function.name.cast()) }.to_bytes();
    rest.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"_as__Z"))
}
