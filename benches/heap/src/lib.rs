//! Workloads for allocators, and the program that runs them.
//!
//! Each allocator is measured in processes of its own (`worker-NAME WORKLOAD`), which print one
//! number per line; `heap-bench` runs them in turn, round by round, so that what else happens on the
//! machine hits all of them alike.

pub mod allocator;
pub mod clock;
pub mod memory;
pub mod random;
pub mod threads;
pub mod trace;
pub mod worker;
