//! Gives the library its name and the hardening that the design relies on.

fn main() {
    for argument in ["-soname,libpartition-alloc.so", "-z,now", "-z,relro", "-z,noexecstack"] {
        println!("cargo:rustc-link-arg-cdylib=-Wl,{argument}");
    }
    println!("cargo:rerun-if-changed=build.rs");
}
