//! The descriptor of `libcallgates.so`: everything the runtime needs to know about it.

/// The symbol of the descriptor.
pub const SYMBOL: &str = "ia2_callgates";

/// The descriptor. In read-only memory once relocated.
#[repr(C)]
pub struct Callgates {
    /// [`crate::VERSION`] of the rewriter that generated the library.
    pub version: u32,
    /// The number `INIT_RUNTIME` names: vault and thread block have room for so many compartments.
    pub highest_pkey: u32,
    /// Functions that gates and stubs call, in ascending order of id and compartment, which is that
    /// of the table.
    pub functions: *const Function,
    /// Number of [`Function`]s.
    pub function_count: usize,
    /// Where the gates find the kind of CPU ([`TABLE_CPU`]) and each function's address
    /// ([`table_entry`]): filled and sealed by the runtime. Whole pages.
    pub table: *mut usize,
    /// First byte of gates and stubs.
    pub text: *const u8,
    /// One past their last byte.
    pub text_end: *const u8,
    /// The direct gates, in ascending order of address and of identity.
    pub gates: *const Gate,
    /// Number of [`Gate`]s.
    pub gate_count: usize,
}

/// A direct gate.
#[repr(C)]
pub struct Gate {
    /// Its first byte, from [`Callgates::text`] on.
    pub start: u32,
    /// The compartment that calls through it.
    pub caller: u8,
    /// Bytes of its frame on the caller's stack, from the saved stack pointer to the saved registers:
    /// r15, r14, r13, r12, rbx, rbp, and the return address.
    pub frame: u8,
    /// 1 if the saved stack pointer that the callee's compartment had before is written down, else 0.
    pub keeps_old_pointer: u16,
    /// From the stack pointer at the call of the function to where that is written down; else to one
    /// word below where it leads.
    pub body: u32,
}

/// The identity of a gate is this minus [`IDENTITIES`] times its number, and minus one of the phases of
/// its call. The word at the saved stack pointer says it.
pub const FIRST_IDENTITY: i32 = -0x4000_0000;
/// Identities that each gate has.
pub const IDENTITIES: i32 = 4;
/// Phases in which the function runs: an ordinary call, and one whose frame holds the caller's MXCSR.
pub const CALL_PHASES: [i32; 2] = [0, 3];

/// A function that some gate or stub calls.
#[repr(C)]
pub struct Function {
    /// What the defining object registers, see [`Registered`].
    pub id: u64,
    /// Compartment that defines it.
    pub pkey: u32,
    /// Unused, zero.
    pub reserved: u32,
    /// Its name, for messages; a C string.
    pub name: *const u8,
}

/// An entry of a DSO's `ia2_functions` section: the object defines this function.
#[repr(C)]
pub struct Registered {
    /// Hash of name and type, for a `static` function also of the file that defines it.
    /// Zero in the entry that only keeps the section from being empty.
    pub id: u64,
    /// Address of the function.
    pub address: usize,
}

/// An entry of a DSO's `ia2_handlers` section: a function is a signal handler.
#[repr(C)]
pub struct Handler {
    /// Address the program gives to sigaction(2); zero in the entry that only keeps the section
    /// from being empty.
    pub entry: usize,
    /// Address of the function to call.
    pub address: usize,
    /// Compartment it is to run in.
    pub pkey: u64,
    /// Zero. Makes the entry as large as compilers may align it.
    pub reserved: u64,
}

/// Name of the section of [`Registered`] entries.
pub const FUNCTIONS_SECTION: &str = "ia2_functions";
/// Name of the section of [`Handler`] entries.
pub const HANDLERS_SECTION: &str = "ia2_handlers";

/// Offset in the table of a word that says what vector registers there are: [`CPU_SSE`], [`CPU_AVX`] or
/// [`CPU_AVX512`]. Gates compare its lowest byte with the one in the middle.
pub const TABLE_CPU: usize = 0;
/// 16 of 16 bytes.
pub const CPU_SSE: u8 = 0;
/// 16 of 32 bytes.
pub const CPU_AVX: u8 = 1;
/// 32 of 64 bytes, and mask registers.
pub const CPU_AVX512: u8 = 2;

/// Offset in the table of a function's address.
pub const fn table_entry(function: usize) -> usize {
    8 * (1 + function)
}

/// Size in bytes of the table: whole pages.
pub const fn table_size(function_count: usize) -> usize {
    table_entry(function_count).next_multiple_of(crate::PAGE_SIZE)
}
