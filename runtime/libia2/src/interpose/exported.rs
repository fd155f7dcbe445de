//! Looking a function up by its name, as the loader does.

use crate::object::Object;

use super::Tables;

/// What the GNU hash table of an object begins with.
#[derive(Clone, Copy)]
#[repr(C)]
struct Header {
    buckets: u32,
    /// The first symbol that is in the table.
    first: u32,
    /// 64-bit words of the Bloom filter between this and the buckets.
    bloom: u32,
    bloom_shift: u32,
}

const STT_FUNC: u8 = 2;
/// A version that only references to it by number get.
const VERSYM_HIDDEN: u16 = 0x8000;

impl Tables {
    /// Address of the function that `object`, whose tables these are, exports by this name, in its
    /// default version.
    ///
    /// # Safety
    /// The loader has mapped the object.
    pub(super) unsafe fn exported(&self, object: &Object, name: &[u8]) -> Option<usize> {
        if self.hashes.is_null() {
            return None;
        }
        // SAFETY: the table's own numbers say where its parts are; the loader uses them so.
        unsafe {
            let header = self.hashes.cast::<Header>().read();
            let bloom = self.hashes.add(size_of::<Header>() / 4);
            let buckets = bloom.add(2 * header.bloom as usize);
            let chains = buckets.add(header.buckets as usize);
            let wanted = hash(name);
            let mut index = buckets.add((wanted % header.buckets) as usize).read();
            while index >= header.first {
                let chain = chains.add((index - header.first) as usize).read();
                if chain | 1 == wanted | 1 && self.is_default(index as usize, name) {
                    let symbol = &*self.symbols.add(index as usize);
                    return Some(object.base + symbol.value);
                }
                if chain & 1 != 0 {
                    return None;
                }
                index += 1;
            }
            None
        }
    }

    /// Whether the symbol is a function of this name, defined, in its default version.
    ///
    /// # Safety
    /// There is a symbol with this index.
    unsafe fn is_default(&self, index: usize, name: &[u8]) -> bool {
        // SAFETY: the caller's obligation; there is a version for each symbol.
        unsafe {
            let symbol = &*self.symbols.add(index);
            let is_hidden =
                !self.versions.is_null() && self.versions.add(index).read() & VERSYM_HIDDEN != 0;
            symbol.info & 15 == STT_FUNC
                && symbol.section != 0
                && !is_hidden
                && core::ffi::CStr::from_ptr(self.strings.add(symbol.name as usize).cast())
                    .to_bytes()
                    == name
        }
    }
}

/// The hash function of these tables.
fn hash(name: &[u8]) -> u32 {
    name.iter().fold(5381, |hash: u32, &byte| hash.wrapping_mul(33).wrapping_add(byte.into()))
}
