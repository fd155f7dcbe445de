//! An allocator, as C sees it.

/// Its functions, and what threads must do before and after using them.
#[derive(Clone, Copy)]
pub struct Allocator {
    /// malloc(3).
    pub malloc: unsafe extern "C" fn(usize) -> *mut u8,
    /// calloc(3).
    pub calloc: unsafe extern "C" fn(usize, usize) -> *mut u8,
    /// realloc(3).
    pub realloc: unsafe extern "C" fn(*mut u8, usize) -> *mut u8,
    /// free(3).
    pub free: unsafe extern "C" fn(*mut u8),
    /// Called by each thread before its first allocation.
    pub thread_start: fn(),
    /// Called by each thread after its last.
    pub thread_end: fn(),
}

impl Allocator {
    /// Allocates and writes to the first bytes, as any user would.
    #[inline(always)]
    pub fn get(&self, size: usize) -> *mut u8 {
        // SAFETY: a C allocator; blocks hold at least 16 bytes.
        unsafe {
            let block = (self.malloc)(size);
            assert!(!block.is_null());
            block.cast::<u64>().write(size as u64);
            block
        }
    }

    /// Frees a block that [`Allocator::get`] or a trace gave.
    #[inline(always)]
    pub fn put(&self, block: *mut u8) {
        // SAFETY: each block is put back once.
        unsafe { (self.free)(block) };
    }
}
