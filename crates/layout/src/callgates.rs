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
    /// Where the gates find CPU features, each function's address ([`table_entry`]) and
    /// their scrubbing routines: filled and sealed by the runtime. Whole pages.
    pub table: *mut usize,
    /// Routines that clear registers, one of which each entry of the table behind the functions'
    /// becomes.
    pub scrubs: *const Scrub,
    /// Number of [`Scrub`]s.
    pub scrub_count: usize,
    /// First byte of gates and stubs.
    pub text: *const u8,
    /// One past their last byte.
    pub text_end: *const u8,
}

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

/// Routines that clear the same registers on different CPUs.
#[repr(C)]
pub struct Scrub {
    /// For a CPU without AVX.
    pub sse: usize,
    /// For a CPU with AVX. (Where there is AVX-512, gates need no routine.)
    pub avx: usize,
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

/// Offset in the table of a word that says what is unusual about the CPU.
pub const TABLE_CPU: usize = 0;
/// It has no AVX: vector registers have 16 bytes.
pub const CPU_NO_AVX: u32 = 1;
/// It has AVX-512: there are 32 vector registers of 64 bytes, and mask registers.
pub const CPU_AVX512: u32 = 2;

/// Offset in the table of a function's address.
pub const fn table_entry(function: usize) -> usize {
    8 * (1 + function)
}

/// Offset in the table of a scrubbing routine's address.
pub const fn table_scrub(function_count: usize, scrub: usize) -> usize {
    table_entry(function_count + scrub)
}

/// Size in bytes of the table: whole pages.
pub const fn table_size(function_count: usize, scrub_count: usize) -> usize {
    table_scrub(function_count, scrub_count).next_multiple_of(crate::PAGE_SIZE)
}
