//! Functions of the C library that a compartment gets from the allocator instead, if it uses them: the
//! linker redirects them (`--wrap` in `P_N.ld`). What the runtime replaces needs no linker: it redirects
//! references when the program starts.
//!
//! What the guide tells users to wrap is not repeated here, but for the names that headers and
//! compilers give those functions.

/// Names as sources use them, and what the linker has to redirect then.
const WRAPPED: &[(&[&str], &[&str])] = &[
    // Blocks come from the compartment's heap.
    (&["aligned_alloc"], &["aligned_alloc"]),
    (&["reallocarray"], &["reallocarray"]),
    (&["wcsdup"], &["wcsdup"]),
    (&["get_current_dir_name"], &["get_current_dir_name"]),
    // The caller's buffer is enlarged, so this must know the compartment's heap. With optimisation
    // <bits/stdio.h> makes getline a call of __getdelim.
    (&["getline", "getdelim", "__getdelim"], &["getline", "getdelim", "__getdelim"]),
    // What <bits/stdio2.h>, <bits/stdlib.h> and <bits/unistd.h> call under _FORTIFY_SOURCE.
    (&["asprintf", "__asprintf_chk"], &["__asprintf_chk"]),
    (&["vasprintf", "__vasprintf_chk"], &["__vasprintf_chk"]),
    (&["realpath", "__realpath_chk"], &["__realpath_chk"]),
    (&["getcwd", "__getcwd_chk"], &["__getcwd_chk"]),
    // What <bits/string2.h> of older C libraries calls.
    (&["strdup", "__strdup"], &["__strdup"]),
    (&["strndup", "__strndup"], &["__strndup"]),
];

/// What the linker has to redirect because a compartment uses this function of the C library.
pub(super) fn redirected(name: &str) -> &'static [&'static str] {
    let name = name.strip_prefix("__builtin_").unwrap_or(name);
    match WRAPPED.iter().find(|(used, _)| used.contains(&name)) {
        Some((_, wrapped)) => wrapped,
        None => &[],
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    /// What the guide wraps, which every compartment's link command names.
    const GUIDE: &str = "malloc calloc realloc free memalign posix_memalign pvalloc valloc \
        malloc_usable_size realpath strdup strndup getcwd asprintf vasprintf";

    #[test]
    fn everything_the_allocator_replaces_is_redirected() {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../runtime/partition-alloc/wrap.args");
        let text = std::fs::read_to_string(path).unwrap();
        let replaced: BTreeSet<_> =
            text.lines().map(|line| line.strip_prefix("--wrap=").unwrap()).collect();
        let ours = WRAPPED.iter().flat_map(|(_, wrapped)| wrapped.iter().copied());
        let redirected: BTreeSet<_> = ours.chain(GUIDE.split(' ')).collect();
        assert_eq!(redirected, replaced);
    }

    #[test]
    fn names_lead_to_what_compilers_make_of_them() {
        assert_eq!(redirected("getline"), ["getline", "getdelim", "__getdelim"]);
        assert_eq!(redirected("__builtin_aligned_alloc"), ["aligned_alloc"]);
        assert!(redirected("malloc").is_empty());
    }
}
