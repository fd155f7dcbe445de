//! The hooks of the program: which function of which compartment each of them enters.
//!
//! ```text
//! 0..16    make sure that compartment k has a stack in this thread
//! 16..32   run a new thread's start routine in compartment k
//! 32..48   give back what compartment k's heap keeps for this thread
//! 48..64   install a declared signal handler of compartment k
//! 64..80   call a callback of compartment k
//! 80..96   call what compartment k registered with atexit
//! 96..112  call what compartment k registered with on_exit
//! 112..128 clean up in compartment k after a fork
//! 128      main
//! 129      create a thread, with the rights of compartment 0
//! 130      exit, with the rights of compartment 0
//! 131      quick_exit, with the rights of compartment 0
//! 132      setuid and the like, with the rights of compartment 0
//! 133..149 end the thread in compartment k
//! 149..165 mark how deep compartment k's stack is
//! 165..181 make compartment k's stack as deep as it was
//! 181..197 go on in compartment k after longjmp
//! 197..213 notify compartment k by a thread
//! 213      ask the C library for notification by a thread, with the rights of compartment 0
//! 214      load or unload objects, with the rights of compartment 0
//! 215..231 tell compartment k that an object may be loaded
//! 231..247 take an object into compartment k
//! 247..263 let compartment k forget objects that are not loaded any more
//! 263..    constructors and destructors of the objects of keyed compartments
//! ```

use linux_raw_sys::elf::Elf_Dyn;
use pkru::Pkey;
use sys::syscall::{self, Protection};

use crate::dynamic::Dynamic;
use crate::enter::{Body, Hook, MAX_HOOKS};
use crate::message::Message;
use crate::object::{Object, Range};
use crate::sealed::Store;
use crate::thunk::thunk;
use crate::{action, atexit, callback, cancel, ending, fork, identity, jump, late, notify, thread};

/// First of the hooks that make a stack; also expected by the gates.
pub(crate) const PREPARE_STACK: usize = 0;
/// First of the hooks that run a thread.
pub(crate) const RUN_THREAD: usize = 16;
/// First of the hooks that end a thread's use of a heap.
pub(crate) const END_HEAP: usize = 32;
/// First of the hooks that install a signal handler.
pub(crate) const SET_HANDLER: usize = 48;
/// First of the hooks that call a callback.
pub(crate) const CALL_BACK: usize = 64;
/// First of the hooks that call a function registered with `atexit`.
pub(crate) const RUN_AT_EXIT: usize = 80;
/// First of the hooks that call a function registered with `on_exit`.
pub(crate) const RUN_ON_EXIT: usize = 96;
/// First of the hooks that clean up in the child of a fork.
pub(crate) const FORK_CHILD: usize = 112;
/// The hook that runs `main`.
pub(crate) const MAIN: usize = 128;
/// The hook that creates a thread.
pub(crate) const CREATE_THREAD: usize = 129;
/// The hook that ends the process.
pub(crate) const EXIT: usize = 130;
/// The hook that ends the process quickly.
pub(crate) const QUICK_EXIT: usize = 131;
/// The hook that calls a function of the C library which must run in compartment 0.
pub(crate) const CALL_LIBRARY: usize = 132;
/// First of the hooks that go on ending the thread.
pub(crate) const END_THREAD: usize = 133;
/// First of the hooks that mark a stack's depth.
pub(crate) const MARK: usize = 149;
/// First of the hooks that go back to a mark.
pub(crate) const UNWIND: usize = 165;
/// First of the hooks that go on after longjmp.
pub(crate) const JUMP: usize = 181;
/// First of the hooks that call what is to be notified.
pub(crate) const NOTIFY: usize = 197;
/// The hook that asks the C library to notify.
pub(crate) const CALL_LIBRARY_TO_NOTIFY: usize = 213;
/// The hook that calls the loader.
pub(crate) const CALL_LOADER: usize = 214;
/// First of the hooks by which a compartment expects an object.
pub(crate) const EXPECT: usize = 215;
/// First of the hooks that take in an object.
pub(crate) const LOAD: usize = 231;
/// First of the hooks that forget objects.
pub(crate) const SWEEP: usize = 247;
const FIRST_FREE: usize = 263;

/// A body that also wants to know the stack pointer that its compartment has meanwhile: the gate passes
/// it to all of them, as a fifth argument.
type BodyWithStack = unsafe extern "C" fn(usize, usize, usize, usize, usize) -> usize;

fn with_stack(body: BodyWithStack) -> Body {
    // SAFETY: the gate calls all bodies with six arguments.
    unsafe { core::mem::transmute(body) }
}

/// A body that also wants to know which compartment has called, which the gate has proved: its sixth
/// argument.
type BodyWithCaller = unsafe extern "C" fn(usize, usize, usize, usize, usize, usize) -> usize;

fn with_caller(body: BodyWithCaller) -> Body {
    // SAFETY: the gate calls all bodies with six arguments.
    unsafe { core::mem::transmute(body) }
}

/// The table under construction.
pub(crate) struct Hooks {
    hooks: &'static mut [Hook],
    count: usize,
}

impl Hooks {
    /// The fixed hooks; `main` is the compartment of the executable.
    pub(crate) fn new(store: &mut Store, main: Pkey) -> Hooks {
        let mut hooks = Hooks { hooks: store.allocate(MAX_HOOKS), count: FIRST_FREE };
        for pkey in Pkey::all() {
            hooks.set(PREPARE_STACK + pkey.index(), nothing, 0, pkey, 0);
            hooks.set(RUN_THREAD + pkey.index(), thread::run, 0, pkey, 0);
            hooks.set(END_HEAP + pkey.index(), thread::end_heap, 0, pkey, Hook::IF_STACK);
            hooks.set(SET_HANDLER + pkey.index(), action::set, 0, pkey, 0);
            hooks.set(CALL_BACK + pkey.index(), callback::run, 0, pkey, 0);
            hooks.set(RUN_AT_EXIT + pkey.index(), atexit::run, 0, pkey, 0);
            hooks.set(RUN_ON_EXIT + pkey.index(), atexit::run_on_exit, 0, pkey, 0);
            hooks.set(END_THREAD + pkey.index(), with_stack(ending::end), 0, pkey, 0);
            hooks.set(MARK + pkey.index(), with_stack(jump::mark), 0, pkey, Hook::IF_STACK);
            let flags = Hook::IF_STACK | Hook::SETS_STACK;
            hooks.set(UNWIND + pkey.index(), with_stack(jump::unwind), 0, pkey, flags);
            hooks.set(JUMP + pkey.index(), jump::land, 0, pkey, 0);
            hooks.set(EXPECT + pkey.index(), with_caller(late::expect), 0, pkey, 0);
            hooks.set(LOAD + pkey.index(), late::load, 0, pkey, 0);
            hooks.set(SWEEP + pkey.index(), late::sweep, 0, pkey, Hook::IF_STACK);
            hooks.set(NOTIFY + pkey.index(), notify::run, 0, pkey, 0);
            hooks.set(FORK_CHILD + pkey.index(), fork::child_part, 0, pkey, 0);
        }
        hooks.set(EXIT, atexit::end, 0, Pkey::UNTRUSTED, 0);
        hooks.set(QUICK_EXIT, atexit::end_quickly, 0, Pkey::UNTRUSTED, 0);
        hooks.set(CALL_LIBRARY, identity::call, 0, Pkey::UNTRUSTED, 0);
        hooks.set(CALL_LIBRARY_TO_NOTIFY, notify::call, 0, Pkey::UNTRUSTED, 0);
        hooks.set(CALL_LOADER, late::call, 0, Pkey::UNTRUSTED, 0);
        hooks.set(MAIN, run_main, 0, main, Hook::ONCE);
        hooks.set(CREATE_THREAD, thread::create, 0, Pkey::UNTRUSTED, 0);
        hooks
    }

    fn set(&mut self, index: usize, body: Body, data: usize, pkey: Pkey, flags: u32) {
        let pkey = pkey.number().into();
        self.hooks[index] = Hook { body: Some(body), data, pkey, flags, reserved: 0 };
    }

    fn add(&mut self, body: Body, data: usize, pkey: Pkey) -> usize {
        let index = self.count;
        if index == MAX_HOOKS {
            Message::error("the program has too many shared objects with constructors").stop()
        }
        self.set(index, body, data, pkey, Hook::ONCE);
        self.count += 1;
        index
    }

    /// The finished table.
    pub(crate) fn finish(self) -> &'static [Hook] {
        &self.hooks[..self.count]
    }

    /// Makes the loader run the object's constructors and destructors through hooks.
    ///
    /// The loader calls `DT_INIT` and every pointer of `DT_INIT_ARRAY`, later `DT_FINI_ARRAY`
    /// backwards and `DT_FINI` (gABI, chapter 5). Its first call becomes the hook, which runs them
    /// all; the others become calls of nothing.
    pub(crate) fn redirect(&mut self, object: &Object, store: &mut Store) {
        let dynamic = Dynamic::of(object);
        let mut init = List::new(store, dynamic.init_array);
        let mut fini = List::new(store, dynamic.fini_array);
        let [init_data, fini_data] =
            [&init, &fini].map(|list| (&raw const *list.routines) as usize);
        let relro = object.relro();
        set_writable(relro, Protection::READ_WRITE);
        let mut enter_init = Some(thunk(self.add(run_constructors, init_data, object.pkey)));
        let mut enter_fini = Some(thunk(self.add(run_destructors, fini_data, object.pkey)));
        // SAFETY: the entries belong to an object whose constructors have not run; the loader reads
        // them again when it runs them, and only this thread exists.
        unsafe {
            replace_pointer(object, dynamic.init, &mut enter_init, &mut init);
            replace_array(dynamic.init_array, &mut enter_init, &mut init, Order::Forward);
            replace_array(dynamic.fini_array, &mut enter_fini, &mut fini, Order::Backward);
            replace_pointer(object, dynamic.fini, &mut enter_fini, &mut fini);
        }
        set_writable(relro, Protection::READ);
    }
}

fn set_writable(relro: Range, rights: Protection) {
    if relro.length() == 0 {
        return;
    }
    // SAFETY: RELRO pages hold data only the loader has written so far.
    if let Err(errno) = unsafe { syscall::protect(relro.start, relro.length(), rights) } {
        Message::error("cannot redirect constructors: ").errno(errno).stop()
    }
}

/// The original constructors or destructors of an object, in the order they are called.
#[derive(Clone, Copy)]
struct Routines {
    addresses: *const usize,
    count: usize,
}

impl Routines {
    /// # Safety
    /// `data` is the data of a hook that `redirect` added.
    unsafe fn of_hook(data: usize) -> &'static [usize] {
        // SAFETY: `redirect` stored it in sealed memory.
        unsafe {
            let routines = &*(data as *const Routines);
            core::slice::from_raw_parts(routines.addresses, routines.count)
        }
    }
}

/// [`Routines`] under construction.
struct List {
    routines: &'static mut Routines,
    slots: &'static mut [usize],
}

impl List {
    /// Room for an array and for the one function besides (`DT_INIT` or `DT_FINI`).
    fn new(store: &mut Store, array: Range) -> List {
        let slots = store.allocate::<usize>(array.length() / size_of::<usize>() + 1);
        let routines = &mut store.allocate::<Routines>(1)[0];
        routines.addresses = slots.as_ptr();
        List { routines, slots }
    }

    fn add(&mut self, routine: usize) {
        self.slots[self.routines.count] = routine;
        self.routines.count += 1;
    }
}

#[derive(Clone, Copy)]
enum Order {
    Forward,
    Backward,
}

/// Replaces the function a dynamic entry names, which the loader finds as base plus value.
///
/// # Safety
/// The entry is null or one of the object's, and writable.
unsafe fn replace_pointer(
    object: &Object,
    entry: *mut Elf_Dyn,
    enter: &mut Option<usize>,
    list: &mut List,
) {
    if entry.is_null() {
        return;
    }
    // SAFETY: the caller's obligation.
    let value = unsafe { &mut (*entry).d_un.d_val };
    list.add(object.base.wrapping_add(*value as usize));
    let replacement = enter.take().unwrap_or(no_routine as *const () as usize);
    *value = replacement.wrapping_sub(object.base) as _;
}

/// Replaces the pointers of an array of constructors or destructors.
///
/// # Safety
/// The range is an array of function pointers that may be written, or empty.
unsafe fn replace_array(array: Range, enter: &mut Option<usize>, list: &mut List, order: Order) {
    let count = array.length() / size_of::<usize>();
    for position in 0..count {
        let index = match order {
            Order::Forward => position,
            Order::Backward => count - 1 - position,
        };
        // SAFETY: within the array.
        let slot = unsafe { &mut *(array.start as *mut usize).add(index) };
        list.add(*slot);
        *slot = enter.take().unwrap_or(no_routine as *const () as usize);
    }
}

/// Stands where the loader expects a constructor that a hook has already run.
pub(crate) extern "C" fn no_routine() {}

unsafe extern "C" fn nothing(_: usize, _: usize, _: usize, _: usize) -> usize {
    0
}

/// Runs an object's constructors in its compartment, as the loader would: with `argc`, `argv` and
/// the environment.
unsafe extern "C" fn run_constructors(argc: usize, argv: usize, envp: usize, data: usize) -> usize {
    // SAFETY: the data of a hook made for this body.
    for &routine in unsafe { Routines::of_hook(data) } {
        // SAFETY: an address the loader would have called with these arguments.
        unsafe {
            let routine: extern "C" fn(i32, usize, usize) = core::mem::transmute(routine);
            routine(argc as i32, argv, envp);
        }
    }
    0
}

/// Runs an object's destructors in its compartment.
unsafe extern "C" fn run_destructors(_: usize, _: usize, _: usize, data: usize) -> usize {
    // SAFETY: the data of a hook made for this body.
    for &routine in unsafe { Routines::of_hook(data) } {
        // SAFETY: an address the loader would have called.
        unsafe {
            let routine: extern "C" fn() = core::mem::transmute(routine);
            routine();
        }
    }
    0
}

/// Runs `main` in its compartment. It returns to the C library's start code with the rights of
/// compartment 0, whose frames every compartment can write, and that calls exit(3).
unsafe extern "C" fn run_main(argc: usize, argv: usize, envp: usize, _: usize) -> usize {
    unsafe extern "C" {
        fn __real_main(argc: i32, argv: usize, envp: usize) -> i32;
    }
    cancel::watch();
    // SAFETY: the program's main function, called once with the loader's arguments.
    let status = unsafe { __real_main(argc as i32, argv, envp) };
    cancel::watch_no_more();
    status as usize
}

/// What the C library's start code calls for `main`, through `-Wl,--wrap=main`.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn __wrap_main() {
    core::arch::naked_asm!(
        "endbr64",
        "mov r10d, {main}",
        "jmp {enter}",
        main = const MAIN,
        enter = sym crate::enter::ia2_enter,
    )
}
