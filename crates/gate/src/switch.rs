//! What a WRPKRU of a gate is.

/// How gates switch rights.
///
/// Everything but [`Switch::Protected`] is for tests and benchmarks on machines without protection
/// keys. The descriptor of such a library says so (`layout::UNPROTECTED`), and the runtime refuses
/// to start with it; no option of the rewriter makes one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Switch {
    /// By WRPKRU.
    #[default]
    Protected,
    /// Not at all.
    Nothing,
    /// Not at all, but it takes so many cycles and lets no later instruction overtake.
    Delay(u32),
    /// By writing the value down, per thread, in `ia2_test_pkru`.
    Remembered,
}
