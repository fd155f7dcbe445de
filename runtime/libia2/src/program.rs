//! Which object belongs to which compartment, and which functions it offers to others.

use core::ffi::CStr;

use layout::callgates::{Handler as RegisteredHandler, TABLE_CPU, table_entry};
use layout::dso_note;
use pkru::Pkey;

use crate::action::Declared;
use crate::cpu::Vectors;
use crate::ids::{self, callgates};
use crate::late;
use crate::message::Message;
use crate::notes::{Note, notes, registered};
use crate::object::Object;
use crate::permissive;
use crate::sealed::Store;

/// Gives every object its compartment, from its own notes and from those of objects that pull it in.
/// Returns the number that `INIT_RUNTIME` names.
pub(crate) fn assign(objects: &mut [Object]) -> Pkey {
    let highest = runtime_note(objects);
    if callgates().version != layout::VERSION {
        version_mismatch(b"libcallgates.so", callgates().version)
    }
    if callgates().highest_pkey != u32::from(highest.number()) {
        Message::error("libcallgates.so was generated for INIT_RUNTIME(")
            .decimal(callgates().highest_pkey.into())
            .text("), the program says INIT_RUNTIME(")
            .decimal(highest.number().into())
            .text("); rewrite and build everything anew")
            .stop()
    }
    for object in objects.iter_mut() {
        let as_loaded = *object;
        for note in notes(&as_loaded).filter(|note| note.kind == dso_note::COMPARTMENT) {
            claim(object, pkey(&as_loaded, &note, highest));
        }
    }
    pull_libraries(objects, highest);
    for object in objects.iter() {
        for note in notes(object).filter(|note| note.kind == dso_note::MEMBER) {
            check_member(object, pkey(object, &note, highest));
        }
    }
    highest
}

/// Whether an object asks for permissive mode.
pub(crate) fn is_permissive(objects: &[Object]) -> bool {
    objects.iter().flat_map(notes).any(|note| note.kind == dso_note::PERMISSIVE)
}

/// Finds the one `INIT_RUNTIME` of the process.
fn runtime_note(objects: &[Object]) -> Pkey {
    let mut found: Option<(&Object, u32)> = None;
    for object in objects {
        for note in notes(object).filter(|note| note.kind == dso_note::RUNTIME) {
            check_version(object, &note);
            if let Some((first, _)) = found {
                Message::error("INIT_RUNTIME occurs twice, in ")
                    .bytes(first.display_name())
                    .text(" and in ")
                    .bytes(object.display_name())
                    .text("; keep one of them")
                    .stop()
            }
            found = Some((object, note.word(1)));
        }
    }
    let Some((object, number)) = found else {
        Message::error(
            "no INIT_RUNTIME in the program; put INIT_RUNTIME(n); into one source file of ",
        )
        .text("the executable, n being the highest compartment")
        .stop()
    };
    match u8::try_from(number).ok().and_then(Pkey::new) {
        Some(highest) => highest,
        None => Message::error("INIT_RUNTIME(")
            .decimal(number.into())
            .text(") in ")
            .bytes(object.display_name())
            .text(": there are only 15 protection keys")
            .stop(),
    }
}

/// Stops if a note was made for another version of the runtime.
pub(crate) fn check_version(object: &Object, note: &Note) {
    if note.word(0) != layout::VERSION {
        version_mismatch(object.display_name(), note.word(0))
    }
}

fn version_mismatch(what: &[u8], version: u32) -> ! {
    Message::error("")
        .bytes(what)
        .text(" was built for version ")
        .decimal(version.into())
        .text(" of the runtime, this is version ")
        .decimal(layout::VERSION.into())
        .text("; rewrite and build everything anew")
        .stop()
}

/// The compartment a note names, checked against `INIT_RUNTIME`.
fn pkey(object: &Object, note: &Note, highest: Pkey) -> Pkey {
    check_version(object, note);
    let number = note.word(1);
    match u8::try_from(number).ok().and_then(Pkey::new) {
        Some(pkey) if pkey <= highest => pkey,
        _ => Message::error("")
            .bytes(object.display_name())
            .text(" belongs to compartment ")
            .decimal(number.into())
            .text(", but INIT_RUNTIME says that the highest is ")
            .decimal(highest.number().into())
            .stop(),
    }
}

/// Makes the object part of a compartment.
fn claim(object: &mut Object, pkey: Pkey) {
    if !object.pkey.is_untrusted() && object.pkey != pkey {
        Message::error("")
            .bytes(object.display_name())
            .text(" is claimed by two compartments, ")
            .decimal(object.pkey.number().into())
            .text(" and ")
            .decimal(pkey.number().into())
            .stop()
    }
    object.pkey = pkey;
}

/// Follows `IA2_COMPARTMENT_LIBRARIES`.
fn pull_libraries(objects: &mut [Object], highest: Pkey) {
    for index in 0..objects.len() {
        let object = objects[index];
        for note in notes(&object).filter(|note| note.kind == dso_note::COMPARTMENT) {
            let pkey = pkey(&object, &note, highest);
            let list = note.string(2).map(CStr::to_bytes).unwrap_or_default();
            for name in list.split(|&byte| byte == b';').filter(|name| !name.is_empty()) {
                match objects.iter_mut().find(|object| object.is_named(name)) {
                    Some(library) => claim(library, pkey),
                    None => Message::error("IA2_COMPARTMENT_LIBRARIES of compartment ")
                        .decimal(pkey.number().into())
                        .text(" names ")
                        .bytes(name)
                        .text(", which is not loaded")
                        .stop(),
                }
            }
        }
    }
}

/// The object holds code of a compartment; is it part of it?
fn check_member(object: &Object, pkey: Pkey) {
    if object.pkey == pkey {
        return;
    }
    let message = Message::error("").bytes(object.display_name());
    if object.pkey.is_untrusted() {
        message
            .text(" holds code compiled for compartment ")
            .decimal(pkey.number().into())
            .text(" but does not say that it belongs to it: define IA2_COMPARTMENT and include ")
            .text("<ia2_compartment_init.inc> in one of its sources, or name it in ")
            .text("IA2_COMPARTMENT_LIBRARIES of that compartment")
            .stop()
    }
    message
        .text(" belongs to compartment ")
        .decimal(object.pkey.number().into())
        .text(" but holds code compiled with -DPKEY=")
        .decimal(pkey.number().into())
        .stop()
}

/// Enters the addresses of registered functions into the gates' table (trampolines for functions of
/// objects that are loaded later, which it returns), and the kind of CPU
/// (`layout::callgates::CPU_*`).
///
/// # Safety
/// The table is still writable and no gate runs.
pub(crate) unsafe fn fill_table(
    objects: &[Object],
    cpu: Vectors,
    is_permissive: bool,
    store: &mut Store,
) -> &'static [late::Function] {
    let gates = callgates();
    let functions = ids::functions();
    // SAFETY: the table has a word for the CPU and one slot per function; nobody reads it yet.
    let (kind, slots) = unsafe {
        (
            &mut *gates.table.byte_add(TABLE_CPU),
            core::slice::from_raw_parts_mut(gates.table.byte_add(table_entry(0)), functions.len()),
        )
    };
    *kind = cpu as usize;
    for object in objects {
        for registered in registered(object).filter(|entry| entry.address != 0) {
            check_no_others_code(objects, object, registered.address);
            // Not found: the gates were generated without a crossing of this function.
            let found = functions.binary_search_by_key(
                &(registered.id, u32::from(object.pkey.number())),
                |function| (function.id, function.pkey),
            );
            // As in symbol lookup, the object loaded first wins.
            if let Ok(index) = found
                && slots[index] == 0
            {
                slots[index] = registered.address;
            }
        }
    }
    if is_permissive {
        permissive::hook(slots, store);
    }
    late::assign(slots, store)
}

/// Collects the signal handlers that objects declare, sorted by entry address.
pub(crate) fn handlers(objects: &[Object], store: &mut Store) -> &'static [Declared] {
    let registered = |object| {
        notes(object)
            .filter(|note| note.kind == dso_note::MEMBER)
            .flat_map(|note| note.table::<RegisteredHandler>(4, 5))
            .filter(|handler| handler.entry != 0)
    };
    let count = objects.iter().map(|object| registered(object).count()).sum();
    let handlers = store.allocate::<Declared>(count);
    let mut next = 0;
    for object in objects {
        for handler in registered(object) {
            check_own_code(object, handler.entry, "the entry of a signal handler");
            check_own_code(object, handler.address, "a signal handler");
            if handler.pkey != u64::from(object.pkey.number()) {
                Message::error("")
                    .bytes(object.display_name())
                    .text(" defines a signal handler for compartment ")
                    .decimal(handler.pkey)
                    .text(" but belongs to compartment ")
                    .decimal(object.pkey.number().into())
                    .stop()
            }
            handlers[next] =
                Declared { entry: handler.entry, address: handler.address, pkey: handler.pkey };
            next += 1;
        }
    }
    handlers.sort_unstable_by_key(|handler| handler.entry);
    handlers
}

/// An object may register code of its own, and library functions that it uses as callbacks. Code of
/// another compartment would run with the wrong rights.
fn check_no_others_code(objects: &[Object], object: &Object, address: usize) {
    let owner = objects.iter().find(|other| other.has_code_at(address));
    match owner {
        Some(owner) if owner.pkey == object.pkey || owner.pkey.is_untrusted() => {}
        _ => Message::error("")
            .bytes(object.display_name())
            .text(" registers a function at ")
            .hex(address as u64)
            .text(", which is code of ")
            .bytes(owner.map_or(b"no object", |owner| owner.display_name()))
            .text("; two objects may define the same symbol (link with -Wl,-Bsymbolic or make the ")
            .text("function static)")
            .stop(),
    }
}

/// A signal handler must be code of the object that declares it.
fn check_own_code(object: &Object, address: usize, what: &str) {
    if !object.has_code_at(address) {
        Message::error("")
            .bytes(object.display_name())
            .text(": the address of ")
            .text(what)
            .text(" is not in its own code; another object may define the same symbol (link with ")
            .text("-Wl,-Bsymbolic or make the function static)")
            .stop()
    }
}
