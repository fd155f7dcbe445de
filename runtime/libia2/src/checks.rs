//! What the runtime takes for granted about the objects of compartments, checked at start: a program
//! that was linked in another way stops with the reason and the flag.

use layout::dso_note;

use crate::message::Message;
use crate::notes::notes;
use crate::object::Object;
use crate::relocations::Tables;

/// Checks all objects.
pub(crate) fn check(objects: &[Object]) {
    for object in objects {
        let has_compartment_code = notes(object).any(|note| note.kind == dso_note::MEMBER);
        let is_executable = core::ptr::eq(object, &raw const objects[0]);
        if has_compartment_code || is_executable {
            check_flags(object);
        }
        if !object.pkey.is_untrusted() {
            check_relocations(object);
        }
    }
}

/// Checks an object of a compartment that is loaded while the program runs.
pub(crate) fn check_late(object: &Object) {
    check_flags(object);
    if !object.pkey.is_untrusted() {
        check_relocations(object);
    }
}

fn refuse(object: &Object, why: &str) -> Message {
    Message::error("").bytes(object.display_name()).text(why)
}

/// Flags of the guide that leave a trace.
fn check_flags(object: &Object) {
    if object.relro().length() == 0 {
        refuse(object, " has no data that becomes read-only after relocation; ")
            .text("link it with -Wl,-z,relro (and without -z norelro)")
            .stop()
    }
    if !object.binds_now() {
        refuse(object, " resolves functions when they are first called; ")
            .text("link it with -Wl,-z,now")
            .stop()
    }
}

/// Code that ran before this, and data of one object that lies in another.
fn check_relocations(object: &Object) {
    // Tags and flags of the gABI's figures 5-10 and 5-11; psABI, table 4.9.
    const DT_TEXTREL: usize = 22;
    const DT_FLAGS: usize = 30;
    const DF_TEXTREL: usize = 4;
    const R_X86_64_COPY: u32 = 5;
    const R_X86_64_IRELATIVE: u32 = 37;
    let flags = object.dynamic_value(DT_FLAGS).unwrap_or(0);
    if object.dynamic_value(DT_TEXTREL).is_some() || flags & DF_TEXTREL != 0 {
        refuse(object, " has code that the loader had to write to (DT_TEXTREL); ")
            .text("compile all of it with -fPIC")
            .stop()
    }
    let Some(tables) = Tables::of(object) else { return };
    if let Some(name) = tables.exported_ifunc(object) {
        refuse_resolver(object, "the function ", name)
    }
    for relocation in tables.relocations() {
        // SAFETY: the loader has used the same tables.
        let is_resolved = unsafe { tables.is_own_ifunc(relocation) };
        match relocation.kind() {
            kind if kind == R_X86_64_IRELATIVE || is_resolved => {
                refuse_resolver(object, "a function", b"")
            }
            R_X86_64_COPY => {
                // SAFETY: the loader has used the same tables.
                let name = unsafe { tables.name(relocation) };
                refuse(object, " holds a copy of the variable ")
                    .bytes(name)
                    .text(" of another object (a copy relocation), which others must reach; compile it with -fPIC ")
                    .text("and without -fPIE and -fno-pic")
                    .stop()
            }
            _ => {}
        }
    }
}

/// The loader runs the resolver when it relocates an object or looks for the function, with whatever
/// rights there are.
fn refuse_resolver(object: &Object, function: &str, name: &[u8]) -> ! {
    refuse(object, " chooses ")
        .text(function)
        .bytes(name)
        .text(" by a resolver (ifunc), which runs before there are compartments; ")
        .text("choose it in a constructor instead, or by a pointer")
        .stop()
}
