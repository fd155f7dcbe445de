//! Builds the guest agent, a static program of its own, so that it can be embedded in this library.
//!
//! Cargo cannot (on a stable toolchain) build a dependency for another target or with other flags,
//! so this runs cargo once more, with the same workspace and lock file, in a directory of its own.

use std::env;
use std::path::PathBuf;
use std::process::{Command, exit};

const TARGET: &str = "x86_64-unknown-linux-gnu";

fn main() {
    if env::var("TARGET").as_deref() != Ok(TARGET) {
        eprintln!("error: protection keys are a feature of x86-64; build this for {TARGET}");
        exit(1);
    }
    let variable = |name: &str| PathBuf::from(env::var_os(name).expect("cargo sets it"));
    let here = variable("CARGO_MANIFEST_DIR");
    for input in ["guest", "shared", "../Cargo.lock"] {
        println!("cargo::rerun-if-changed={}", here.join(input).display());
    }
    println!("cargo::rerun-if-changed=build.rs");

    let directory = variable("OUT_DIR").join("guest");
    let status = Command::new(variable("CARGO"))
        .args(["build", "--release", "--quiet", "--package", "vm-guest", "--target", TARGET])
        .arg("--manifest-path")
        .arg(here.join("guest/Cargo.toml"))
        .arg("--target-dir")
        .arg(&directory)
        // Small, because it is part of every boot, and quick to build.
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "s")
        .env("CARGO_PROFILE_RELEASE_DEBUG", "false")
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_PANIC", "abort")
        .env("CARGO_PROFILE_RELEASE_STRIP", "symbols")
        // Static, as the guest has no libraries; these take precedence over RUSTFLAGS.
        .env("CARGO_ENCODED_RUSTFLAGS", "-Ctarget-feature=+crt-static")
        // Clippy's driver does not compile.
        .env_remove("RUSTC_WORKSPACE_WRAPPER")
        .status();
    match status {
        Ok(status) if status.success() => {}
        Ok(status) => {
            eprintln!("error: building the guest agent failed ({status})");
            exit(1);
        }
        Err(error) => {
            eprintln!("error: cannot run cargo to build the guest agent: {error}");
            exit(1);
        }
    }
    let agent = directory.join(TARGET).join("release/vm-guest");
    println!("cargo::rustc-env=VM_GUEST={}", agent.display());
}
