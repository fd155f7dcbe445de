//! ELF notes by which a shared object says which compartment it belongs to.
//!
//! Notes are found through the program headers, so neither a version script nor `strip` can hide
//! them, and reading them runs no code of the object. Name `IA2`, section `.note.ia2`; references
//! are 32-bit offsets relative to their own position (0: absent), resolved by the static linker.
//!
//! | type | who emits it | descriptor |
//! |---|---|---|
//! | [`MEMBER`] | every translation unit compiled with the generated header, one copy per object | `u32 version, u32 pkey, rel32 functions, rel32 functions_end, rel32 handlers, rel32 handlers_end, rel32 shared_data, rel32 shared_data_end` |
//! | [`COMPARTMENT`] | `ia2_compartment_init.inc` | `u32 version, u32 pkey, rel32 libraries` (a C string) |
//! | [`RUNTIME`] | `INIT_RUNTIME(n)` | `u32 version, u32 highest_pkey` |
//! | [`PERMISSIVE`] | `permissive_mode.h` | `u32 version` |

/// Name field of the notes, with its terminating zero.
pub const NAME: &[u8; 4] = b"IA2\0";

/// The object holds code of this compartment, and these tables of functions.
pub const MEMBER: u32 = 1;
/// The object initialises this compartment, and may pull further libraries into it.
pub const COMPARTMENT: u32 = 2;
/// The object starts the runtime.
pub const RUNTIME: u32 = 3;
/// Violations are logged, and the program goes on.
pub const PERMISSIVE: u32 = 4;
