//! What a worker's `main` does: runs one workload on one allocator and prints the result.

use crate::{allocator::Allocator, memory, threads, trace};

/// A workload and what its number means.
pub struct Workload {
    /// Its name on the command line and in the table.
    pub name: &'static str,
    /// Unit of the result.
    pub unit: &'static str,
    run: fn(&Allocator) -> f64,
}

/// All workloads.
pub const WORKLOADS: &[Workload] = &[
    Workload { name: "churn-1", unit: "ns", run: threads::churn_1 },
    Workload { name: "tight", unit: "ns", run: threads::tight },
    Workload { name: "build-up", unit: "ns", run: threads::build_up },
    Workload { name: "medium", unit: "ns", run: threads::medium },
    Workload { name: "large", unit: "ns", run: threads::large },
    Workload { name: "grow", unit: "ns", run: threads::grow },
    Workload { name: "churn-2", unit: "ns", run: threads::churn_2 },
    Workload { name: "exchange", unit: "ns", run: threads::exchange },
    Workload { name: "prod-cons", unit: "ns", run: threads::producer_consumer },
    Workload { name: "sqlite", unit: "ns", run: |a| trace::replay(a, SQLITE) },
    Workload { name: "expat", unit: "ns", run: |a| trace::replay(a, EXPAT) },
    Workload { name: "libxml2", unit: "ns", run: |a| trace::replay(a, LIBXML2) },
    Workload { name: "mem-filled", unit: "x", run: memory::filled },
    Workload { name: "mem-churned", unit: "x", run: memory::churned },
    Workload { name: "mem-kept", unit: "x", run: memory::returned },
];

const SQLITE: &[u8] = include_bytes!("../traces/sqlite.trace");
const EXPAT: &[u8] = include_bytes!("../traces/expat.trace");
const LIBXML2: &[u8] = include_bytes!("../traces/libxml2.trace");

/// Runs the workload that the command line names.
pub fn main(allocator: &Allocator) {
    let name = std::env::args().nth(1).unwrap_or_default();
    let Some(workload) = WORKLOADS.iter().find(|workload| workload.name == name) else {
        eprintln!("usage: worker-… WORKLOAD (one of those that heap-bench lists)");
        std::process::exit(2);
    };
    (allocator.thread_start)();
    println!("{}", (workload.run)(allocator));
    (allocator.thread_end)();
}
