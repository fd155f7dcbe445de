//! Runs all workers in turn and prints a table; `heap-bench pack RAW OUT [EVENTS]` packs a trace.

use std::{collections::HashMap, path::PathBuf, process::Command};

use bench_report::{Summary, Table};
use heap_bench::{trace, worker::WORKLOADS};

/// A column of the table: a program, and what to add to its environment.
struct Column {
    name: &'static str,
    program: PathBuf,
    environment: &'static [(&'static str, &'static str)],
}

/// Whether this CPU and kernel have protection keys (OSPKE: CPUID.(7, 0):ECX bit 4).
fn has_protection_keys() -> bool {
    std::arch::x86_64::__cpuid_count(7, 0).ecx & 1 << 4 != 0
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == "pack") {
        let raw = std::fs::read(&arguments[1]).expect("a recording");
        let most = arguments.get(3).map_or(usize::MAX, |n| n.parse().expect("a number"));
        let packed = trace::pack(&raw, most);
        let events = trace::unpack(&packed);
        println!("{} events in {} bytes", events.len(), packed.len());
        return std::fs::write(&arguments[2], packed).expect("a writable file");
    }
    let number =
        |name, default| std::env::var(name).map_or(default, |n| n.parse().expect("a number"));
    let rounds: usize = number("ROUNDS", 9);
    let here = std::env::current_exe().expect("a path").parent().expect("a folder").to_owned();
    let secure = PathBuf::from(std::env::var("SECURE_WORKERS").unwrap_or_default());
    let column = |name, program: PathBuf, environment| Column { name, program, environment };
    let mut columns = vec![
        column("ours", here.join("worker-partition"), &[]),
        column("ours-rdpkru", here.join("worker-partition"), &[("CALLER", "anybody")]),
        column("ours-shared", here.join("worker-partition"), &[("CALLER", "sharing")]),
        column("glibc", here.join("worker-glibc"), &[]),
        column("mimalloc", here.join("worker-mimalloc"), &[]),
        column("mi-secure", secure.join("worker-mimalloc"), &[]),
        column("jemalloc", here.join("worker-jemalloc"), &[]),
    ];
    if has_protection_keys() {
        let program = secure.join("worker-mimalloc");
        columns.insert(6, column("mi-secure+rdpkru", program, &[("RDPKRU", "1")]));
    } else {
        eprintln!(
            "This CPU has no protection keys: `ours-rdpkru` reads PKRU at no cost (see docs/heap.md)."
        );
    }
    let wanted = |name: &str| arguments.is_empty() || arguments.iter().any(|a| a == name);
    let mut results: HashMap<(&str, &str), Vec<f64>> = HashMap::new();
    for round in 0..rounds {
        for workload in WORKLOADS.iter().filter(|workload| wanted(workload.name)) {
            // A different one goes first each time.
            for index in 0..columns.len() {
                let column = &columns[(index + round) % columns.len()];
                let output = Command::new(&column.program)
                    .arg(workload.name)
                    .envs(column.environment.iter().copied())
                    .output()
                    .unwrap_or_else(|error| panic!("{}: {error}", column.program.display()));
                assert!(output.status.success(), "{} {}: {output:?}", column.name, workload.name);
                let text = String::from_utf8(output.stdout).expect("text");
                let value = text.trim().parse().expect("a number");
                eprintln!("{round}\t{}\t{}\t{value}", workload.name, column.name);
                results.entry((workload.name, column.name)).or_default().push(value);
            }
        }
    }
    let header = format!("workload (median of {rounds})");
    let names = columns.iter().map(|column| column.name.to_owned());
    let mut table = Table::new(std::iter::once(header).chain(names));
    for workload in WORKLOADS.iter().filter(|workload| wanted(workload.name)) {
        let cells = columns.iter().map(|column| {
            let summary = Summary::of(&results[&(workload.name, column.name)]);
            format!("{:.2} ±{:.0}%", summary.median, summary.spread())
        });
        let name = format!("{}, {}", workload.name, workload.unit);
        table.row(std::iter::once(name).chain(cells));
    }
    print!("{table}");
}
