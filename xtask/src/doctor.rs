//! `./x doctor`: what is there, what is missing, and what it is for.

use std::process::ExitCode;

use anyhow::Result;
use nix::sys::utsname::uname;
use vm::{Kernel, pku};

use crate::command::answer;
use crate::needs::{Found, NEEDS};

/// Prints the table. Fails when something is missing that a task needs.
pub(crate) fn run() -> Result<ExitCode> {
    let mut rows = vec![
        Row::present("Rust", &version_line("rustc"), "builds everything", "(rustup)"),
        machine()?,
        kernel()?,
    ];
    for image in Kernel::ALL {
        rows.push(kernel_image(image)?);
    }
    for need in NEEDS {
        let packages: Vec<_> = need.packages.iter().map(|group| group[0]).collect();
        let (state, found) = match (need.find)() {
            Found::Yes(found) => (State::Present, found),
            Found::No(reason) => (State::Missing, reason),
        };
        rows.push(Row {
            state,
            name: need.name.to_owned(),
            found,
            why: need.why.to_owned(),
            packages: packages.join(" "),
        });
    }
    print(&rows);
    let missing = rows.iter().filter(|row| row.state == State::Missing).count();
    if missing == 0 {
        println!("\nnothing is missing");
        return Ok(ExitCode::SUCCESS);
    }
    println!("\n{missing} missing; `./x test` installs what it needs, with apt");
    Ok(ExitCode::FAILURE)
}

/// A line of the table.
struct Row {
    state: State,
    name: String,
    found: String,
    why: String,
    packages: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Present,
    /// Not there, and not needed to be.
    Absent,
    Missing,
}

impl Row {
    fn present(name: &str, found: &str, why: &str, packages: &str) -> Row {
        let owned = str::to_owned;
        Row {
            state: State::Present,
            name: owned(name),
            found: owned(found),
            why: owned(why),
            packages: owned(packages),
        }
    }
}

fn version_line(program: &str) -> String {
    answer(program, &["--version"]).unwrap_or_default().trim().to_owned()
}

/// Whether protection keys work here. Their absence is no fault: there is the emulator.
fn machine() -> Result<Row> {
    let why = "runs compartmentalized programs without an emulator";
    Ok(match pku::check() {
        Ok(()) => Row::present("PKU", "ospke in /proc/cpuinfo, and pkey_alloc works", why, "(CPU)"),
        Err(reason) => Row {
            state: State::Absent,
            ..Row::present("PKU", &format!("{reason}; QEMU is used"), why, "(CPU)")
        },
    })
}

fn kernel() -> Result<Row> {
    let release = uname()?.release().to_string_lossy().into_owned();
    Ok(Row::present("Linux", &release, "gives programs protection keys, since 4.9", "(kernel)"))
}

/// The emulator's kernel, which is fetched when first needed.
fn kernel_image(kernel: Kernel) -> Result<Row> {
    let name = format!("kernel {kernel}");
    let why = "runs in the emulator";
    Ok(match kernel.cached()? {
        Some(files) => {
            let found = format!("{}: {}", files.release, files.image.display());
            Row::present(&name, &found, why, "(fetched)")
        }
        None => Row {
            state: State::Absent,
            ..Row::present(&name, "not fetched yet; is when first needed", why, "(fetched)")
        },
    })
}

fn print(rows: &[Row]) {
    let width = |column: fn(&Row) -> &str| {
        rows.iter().map(|row| column(row).chars().count()).max().unwrap_or_default()
    };
    let (names, packages) = (width(|row| &row.name), width(|row| &row.packages));
    for Row { state, name, found, why, packages: package } in rows {
        let mark = match state {
            State::Present => "ok     ",
            State::Absent => "-      ",
            State::Missing => "MISSING",
        };
        println!("{mark} {name:names$}  {package:packages$}  {why}");
        println!("        {:names$}  {found}", "");
    }
}
