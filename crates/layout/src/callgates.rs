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
