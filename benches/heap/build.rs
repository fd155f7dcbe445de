//! The thread block, which libcallgates.so defines in a real program, is defined by the worker here.

fn main() {
    let argument = "-Wl,--export-dynamic-symbol=ia2_thread_block";
    println!("cargo:rustc-link-arg-bin=worker-partition={argument}");
    println!("cargo:rerun-if-changed=build.rs");
}
