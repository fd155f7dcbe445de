//! The arguments a `va_list` leads to, copied to memory that every compartment may touch.
//!
//! A `va_list` points into its caller's stack (psABI, section 3.5.7), which the function it is passed to
//! cannot read if it is in another compartment. How many arguments there are says the format, so just
//! these are copied: what lies behind them on the stack is nobody else's business.

use core::ffi::{CStr, c_char, c_void};

use crate::message::Message;

unsafe extern "C" {
    fn shared_malloc(size: usize) -> *mut c_void;
    fn shared_free(block: *mut c_void);
}

/// Bytes of the general registers in the save area; the vector registers follow.
const GENERAL: usize = 6 * 8;
/// Bytes of the save area.
const SAVED: usize = GENERAL + 8 * 16;

/// What `va_list` is an array of.
#[derive(Clone, Copy)]
#[repr(C)]
struct List {
    general: u32,
    vector: u32,
    stack: *const u8,
    saved: *const u8,
}

/// A copy; what was on the stack follows.
#[repr(C, align(16))]
struct Copy {
    list: List,
    saved: [u8; SAVED],
}

/// How an argument is passed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Class {
    /// An integer or a pointer.
    Integer,
    Double,
    LongDouble,
}

/// The arguments that a format asks for, in order.
struct Arguments<'a> {
    format: &'a [u8],
    /// Of a directive with `*`: the value that follows.
    pending: Option<Class>,
    /// Asterisks of the directive that still have to be given out.
    asterisks: u32,
}

impl Iterator for Arguments<'_> {
    type Item = Class;

    fn next(&mut self) -> Option<Class> {
        if self.asterisks > 0 {
            self.asterisks -= 1;
            return Some(Class::Integer);
        }
        if let Some(class) = self.pending.take() {
            return Some(class);
        }
        loop {
            let start = self.format.iter().position(|&byte| byte == b'%')?;
            let directive = Directive::read(&self.format[start + 1..]);
            self.format = &self.format[(start + 1 + directive.length).min(self.format.len())..];
            self.pending = directive.class;
            self.asterisks = directive.asterisks;
            if self.asterisks > 0 || self.pending.is_some() {
                return self.next();
            }
        }
    }
}

/// What stands behind a `%`.
struct Directive {
    length: usize,
    asterisks: u32,
    class: Option<Class>,
}

impl Directive {
    /// Reads a directive of printf(3), or of a function like it: an unknown letter takes a pointer.
    fn read(text: &[u8]) -> Directive {
        let mut length = 0;
        let mut asterisks = 0;
        let at = |index: usize| text.get(index).copied().unwrap_or(0);
        while matches!(
            at(length),
            b'-' | b'+' | b' ' | b'#' | b'\'' | b'!' | b',' | b'.' | b'$' | b'*' | b'0'..=b'9'
        ) {
            asterisks += u32::from(at(length) == b'*');
            length += 1;
        }
        let mut is_long_double = false;
        loop {
            let is_before_number =
                matches!(at(length + 1), b'd' | b'i' | b'o' | b'u' | b'x' | b'X' | b'n');
            match at(length) {
                b'h' | b'l' | b'j' | b't' => {}
                b'L' => is_long_double = true,
                // Other functions have directives of these names.
                b'q' | b'z' | b'Z' if is_before_number => {}
                _ => break,
            }
            length += 1;
        }
        let class = match at(length) {
            0 | b'%' | b'm' => None,
            b'a' | b'A' | b'e' | b'E' | b'f' | b'F' | b'g' | b'G' if is_long_double => {
                Some(Class::LongDouble)
            }
            b'a' | b'A' | b'e' | b'E' | b'f' | b'F' | b'g' | b'G' => Some(Class::Double),
            _ => Some(Class::Integer),
        };
        Directive { length: length + 1, asterisks, class }
    }
}

/// Where the arguments are that a format asks for: how far general registers, vector registers and
/// stack are used.
fn extent(format: &[u8], list: &List) -> (usize, usize, usize) {
    let (mut general, mut vector) = (list.general as usize, list.vector as usize);
    let mut stack = 0;
    let arguments = Arguments { format, pending: None, asterisks: 0 };
    for class in arguments {
        match class {
            Class::Integer if general + 8 <= GENERAL => general += 8,
            Class::Double if vector + 16 <= SAVED => vector += 16,
            Class::Integer | Class::Double => stack += 8,
            Class::LongDouble => {
                let address = list.stack as usize + stack;
                stack += address.next_multiple_of(16) - address + 16;
            }
        }
    }
    (general, vector, stack)
}

/// A copy of the arguments that the format asks for: to be passed on in the
/// list's place, and then to [`ia2_list_end`].
///
/// # Safety
/// The format is a string, and the list has the arguments it asks for.
#[unsafe(no_mangle)]
unsafe extern "C" fn ia2_list_begin(format: *const c_char, list: *const c_void) -> *mut c_void {
    // SAFETY: the caller's obligation. What is copied are arguments of the format.
    unsafe {
        let list = &*list.cast::<List>();
        let (general, vector, stack) = extent(CStr::from_ptr(format).to_bytes(), list);
        // Arguments of 16 bytes are found by the address.
        let skew = list.stack as usize % 16;
        let block = shared_malloc(size_of::<Copy>() + skew + stack);
        let copy = block.cast::<Copy>();
        if copy.is_null() {
            Message::error("no shared memory for a va_list that goes to another compartment").stop()
        }
        let on_stack = copy.add(1).cast::<u8>().add(skew);
        (&raw mut (*copy).saved).cast::<u8>().write_bytes(0, SAVED);
        for range in [list.general as usize..general, list.vector as usize..vector] {
            let to = (&raw mut (*copy).saved).cast::<u8>().add(range.start);
            to.copy_from_nonoverlapping(list.saved.add(range.start), range.len());
        }
        on_stack.copy_from_nonoverlapping(list.stack, stack);
        (&raw mut (*copy).list).write(List {
            stack: on_stack,
            saved: (&raw const (*copy).saved).cast(),
            ..*list
        });
        block
    }
}

/// Gives a copy back.
///
/// # Safety
/// `copy` holds what [`ia2_list_begin`] has returned.
#[unsafe(no_mangle)]
unsafe extern "C" fn ia2_list_end(copy: *const *mut c_void) {
    // SAFETY: the caller's obligation.
    unsafe { shared_free(*copy) }
}
