//! Wrong calls end the process with SIGABRT and one line that says what, where and how to fix it.

use std::{collections::HashMap, process::Command};

use partition_heap::Open;

use super::{heaps, in_compartment, key, sharing_in};
use crate::malloc;

/// What makes a process die, by name; each in a process of its own.
fn deaths() -> HashMap<&'static str, (fn(), &'static str)> {
    HashMap::from([
        (
            "double",
            (
                (|| {
                    let block = malloc::malloc::<Open, _>(&in_compartment(1), 40);
                    malloc::free::<Open, _>(&in_compartment(1), block);
                    malloc::free::<Open, _>(&in_compartment(1), block);
                }) as fn(),
                "compartment 1: free(0x@): the block is free already (double free?); 48-byte \
            block in the heap of compartment 1",
            ),
        ),
        (
            "inside",
            (
                (|| {
                    malloc::free::<Open, _>(
                        &in_compartment(1),
                        malloc::malloc::<Open, _>(&in_compartment(1), 40).wrapping_add(8),
                    );
                }) as fn(),
                "compartment 1: free(0x@): the address is 8 bytes inside a block, not its \
            start; 48-byte block in the heap of compartment 1",
            ),
        ),
        (
            "foreign",
            (
                (|| {
                    malloc::free::<Open, _>(
                        &in_compartment(2),
                        malloc::malloc::<Open, _>(&in_compartment(1), 40),
                    );
                }) as fn(),
                "compartment 2: free(0x@): the block belongs to the heap of compartment 1; let \
            its owner do this, or allocate it with shared_malloc",
            ),
        ),
        (
            "foreign-realloc",
            (
                (|| {
                    malloc::realloc(
                        &in_compartment(0),
                        malloc::malloc::<Open, _>(&in_compartment(3), 40),
                        80,
                    );
                }) as fn(),
                "compartment 0: realloc(0x@): the block belongs to the heap of compartment 3; \
            let its owner do this, or allocate it with shared_malloc",
            ),
        ),
        (
            "foreign-size",
            (
                (|| {
                    malloc::malloc_usable_size(
                        &in_compartment(2),
                        malloc::malloc::<Open, _>(&in_compartment(1), 40),
                    );
                }) as fn(),
                "compartment 2: malloc_usable_size(0x@): the block belongs to the heap of \
            compartment 1; let its owner do this, or allocate it with shared_malloc",
            ),
        ),
        (
            "private-as-shared",
            (
                (|| {
                    malloc::free::<Open, _>(
                        &sharing_in(1),
                        malloc::malloc::<Open, _>(&in_compartment(1), 40),
                    );
                }) as fn(),
                "compartment 1: shared_free(0x@): the block is private to compartment 1, not \
            shared; use free, or allocate it with shared_malloc",
            ),
        ),
        (
            "shared-double",
            (
                (|| {
                    let block = malloc::malloc::<Open, _>(&sharing_in(1), 40);
                    malloc::free::<Open, _>(&in_compartment(2), block);
                    malloc::free::<Open, _>(&sharing_in(3), block);
                }) as fn(),
                "compartment 3: shared_free(0x@): the block is free already (double free?); \
            48-byte block in the heap of compartment 0 (shared)",
            ),
        ),
        (
            "nothing",
            (
                (|| {
                    let block = malloc::malloc::<Open, _>(&in_compartment(1), 40);
                    malloc::free::<Open, _>(&in_compartment(1), block.wrapping_add(100 << 20));
                }) as fn(),
                "compartment 1: free(0x@): no block is allocated there (freed before, or never allocated); heap of \
            compartment 1",
            ),
        ),
        (
            "metadata",
            (
                (|| {
                    let arena = &heaps().heap(key(1)).arena;
                    malloc::free::<Open, _>(
                        &in_compartment(1),
                        arena.address(arena.geometry().control),
                    );
                }) as fn(),
                "compartment 1: free(0x@): the address lies in the metadata of the heap of \
            compartment 1",
            ),
        ),
        (
            "absent",
            (
                (|| {
                    malloc::malloc::<Open, _>(&in_compartment(9), 40);
                }) as fn(),
                "compartment 9: malloc: the compartment has no heap; INIT_RUNTIME was given a \
            lower number of keys",
            ),
        ),
    ])
}

/// Replaces addresses by `@`.
fn without_addresses(message: &str) -> String {
    let mut parts = message.split("0x");
    let mut result = parts.next().unwrap().to_owned();
    for part in parts {
        result += "0x@";
        result += part.trim_start_matches(|c: char| c.is_ascii_hexdigit());
    }
    result
}

#[test]
fn misuse_ends_the_process_with_one_clear_line() {
    use std::os::unix::process::ExitStatusExt;
    const VARIABLE: &str = "PARTITION_ALLOC_TEST_DEATH";
    if let Ok(name) = std::env::var(VARIABLE) {
        return deaths()[name.as_str()].0();
    }
    for (name, (_, message)) in deaths() {
        let output = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "tests::deaths::misuse_ends_the_process_with_one_clear_line",
                "--nocapture",
            ])
            .env(VARIABLE, name)
            .output()
            .unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.signal(), Some(6), "{name}: {stderr}");
        let expected = format!("libpartition-alloc: {message}\n");
        assert_eq!(without_addresses(&stderr), expected, "{name}");
    }
}
