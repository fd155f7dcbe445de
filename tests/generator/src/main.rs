//! Writes a pack of random programs: `generator SEED FIRST COUNT DIRECTORY [AVOIDED]…`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [seed, first, count, directory, avoided @ ..] = arguments.as_slice() else {
        eprintln!("usage: generator SEED FIRST COUNT DIRECTORY [AVOIDED CONSTRUCT]...");
        return ExitCode::from(2);
    };
    let number = |text: &str| text.parse::<u64>().unwrap_or_default();
    let first = number(first) as usize;
    let numbers = (first..first + number(count) as usize).collect();
    let pack = generator::pack(number(seed), &numbers, avoided);
    for (path, text) in &pack.files {
        let path = std::path::Path::new(directory).join(path);
        let written = std::fs::create_dir_all(path.parent().expect("it is in the directory"))
            .and_then(|()| std::fs::write(&path, text));
        if let Err(error) = written {
            eprintln!("{}: {error}", path.display());
            return ExitCode::FAILURE;
        }
    }
    print!("{}", pack.histogram);
    ExitCode::SUCCESS
}
