//! From a command to the arguments for libclang.

use camino::{Utf8Path, Utf8PathBuf};
use diagnostics::Span;
use thiserror::Error;

use crate::command::{Argument, Carrier, Command, Kind};
use crate::compiler::CompilerKind;
use crate::flags::{Flag, Found, Operand, Polarity, Translation, Treatment};
use crate::inputs::Language;
use crate::paths::{FileSystem, canonical, in_canonical_directory};

/// What libclang is told about a source.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Analysis {
    /// The arguments, without a compiler in front and without the source. Paths are absolute, and
    /// the language is given by `-x`.
    pub arguments: Vec<String>,
    /// Flags that are in no table. They are among the arguments if the compiler is clang, which
    /// will know them, and left out if it is gcc.
    pub unknown: Vec<UnknownFlag>,
    /// Flags with which the source cannot be supported.
    pub refused: Vec<RefusedFlag>,
}

/// A flag that is in no table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownFlag {
    /// As written in the command.
    pub argument: String,
    /// Its place in the database.
    pub at: Span,
    /// The compiler that it was given to.
    pub compiler: CompilerKind,
}

/// A flag with which a source cannot be supported.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("`{argument}` cannot be supported: {reason}")]
pub struct RefusedFlag {
    /// As written in the command.
    pub argument: String,
    /// Why.
    pub reason: &'static str,
    /// Its place in the database.
    pub at: Span,
}

/// Character sets in which every byte below 0x80 is that character of ASCII, so that the text can be
/// read without knowing the set. Shift-JIS, for one, has backslashes inside of characters.
const ASCII_SUPERSETS: [&str; 11] = [
    "ascii",
    "cp125",
    "euc-",
    "iso-8859-",
    "iso8859-",
    "koi8-",
    "latin",
    "us-ascii",
    "utf-8",
    "utf8",
    "windows-125",
];

/// Flags that say what the preprocessor is to do: they are done with once the text is preprocessed.
const PREPROCESSING: [&str; 9] =
    ["-D", "-U", "-I", "-iquote", "-isystem", "-idirafter", "-include", "-imacros", "-nostdinc"];

/// What gcc's preprocessed headers need so that clang reads them: names of types that gcc knows and
/// clang does not, and an attribute whose arguments it does not know.
const GCC_TEXT: [&str; 6] = [
    "-D_Float32=float",
    "-D_Float32x=double",
    "-D_Float64=double",
    "-D_Float64x=long double",
    "-D_Float128=__float128",
    "-D__malloc__(...)=__malloc__",
];

/// Macros by which headers know clang, and what takes functions of gcc's that clang has not.
const NOT_CLANG: [&str; 8] = [
    "-U__clang__",
    "-U__clang_major__",
    "-U__clang_minor__",
    "-U__clang_patchlevel__",
    "-U__clang_version__",
    "-U__llvm__",
    "-D__builtin_va_arg_pack()=0",
    "-D__builtin_va_arg_pack_len()=0",
];

/// Arguments by which clang compiles what a source and its headers have for this version of gcc.
///
/// clang tells headers that it is gcc 4.2.1, and clang. Much of what is under a condition on
/// `__GNUC__` or `__clang__` would be read as another compiler reads it.
pub fn as_gcc(major_version: u16) -> Vec<String> {
    let flags = GCC_TEXT.into_iter().chain(NOT_CLANG).map(str::to_owned);
    flags.chain([format!("-fgnuc-version={major_version}.0.0")]).collect()
}

impl Command {
    /// The arguments for analysing the source with this canonical path, which is C
    /// ([`Command::check_language`]) and compiled by this compiler.
    ///
    /// An `-include` of one of the `generated` files (absolute) is left out: it is what the rewriter
    /// is about to write, whether an old one is there or not.
    pub fn for_analysis(
        &self,
        files: &dyn FileSystem,
        compiler: CompilerKind,
        file: &Utf8Path,
        generated: &[Utf8PathBuf],
    ) -> Analysis {
        let mut builder = Builder {
            command: self,
            files,
            generated,
            compiler,
            language: self.language_of(files, file),
            analysis: Analysis { arguments: Vec::new(), unknown: Vec::new(), refused: Vec::new() },
        };
        // Headers that are searched relative to where the compiler runs.
        builder.push(format!("-working-directory={}", self.directory));
        for argument in self.arguments() {
            builder.add(argument);
        }
        builder.end();
        builder.analysis
    }
}

struct Builder<'a> {
    command: &'a Command,
    files: &'a dyn FileSystem,
    generated: &'a [Utf8PathBuf],
    compiler: CompilerKind,
    language: Language,
    analysis: Analysis,
}

impl Builder<'_> {
    fn push(&mut self, argument: String) {
        self.analysis.arguments.push(argument);
    }

    /// Hands over to clang's front end, past the driver.
    fn push_front_end(&mut self, argument: &str) {
        self.push("-Xclang".to_owned());
        self.push(argument.to_owned());
    }

    fn add(&mut self, argument: &Argument) {
        match (&argument.kind, argument.carrier) {
            (Kind::Flag { found, value }, _) => self.flag(argument, *found, value.as_deref()),
            (_, Carrier::FrontEnd) => self.front_end(argument),
            // A file name in `-Wp,` is the value of a flag of the preprocessor that has none in the
            // driver: `-Wp,-MD,file`.
            (Kind::Input, _) => {}
            (Kind::Unknown, _) => self.unknown(argument),
        }
    }

    /// The language, and what it needs. Preprocessed text is read as C, as the rewritten text will be
    /// compiled: it uses macros of ours. No others are defined.
    fn end(&mut self) {
        let is_preprocessed = self.language == Language::PreprocessedC;
        let language = if is_preprocessed { Some("c") } else { self.language.analysable() };
        if let Some(name) = language.map(str::to_owned) {
            self.push("-x".to_owned());
            self.push(name);
        }
        if is_preprocessed {
            self.push("-undef".to_owned());
            if self.compiler == CompilerKind::Gcc {
                self.analysis.arguments.extend(GCC_TEXT.map(str::to_owned));
            }
        }
    }

    fn flag(&mut self, argument: &Argument, found: Found, value: Option<&str>) {
        let is_done = PREPROCESSING.contains(&found.flag.canonical);
        if self.language == Language::PreprocessedC && is_done {
            return;
        }
        match (found.flag.treatment, found.polarity) {
            (Treatment::Keep, Polarity::Off) => self.push(argument.text.clone()),
            (Treatment::Keep, Polarity::On) => self.keep(found.flag, value),
            (Treatment::Drop(_), _) => {}
            // Switching it off is what the compiler does without being told.
            (Treatment::Refuse(_) | Treatment::Translate(_), Polarity::Off) => {}
            (Treatment::Refuse(reason), Polarity::On) => self.refuse(argument, reason),
            (Treatment::Translate(translation), Polarity::On) => {
                self.translate(argument, translation, value.unwrap_or_default());
            }
        }
    }

    fn keep(&mut self, flag: &Flag, value: Option<&str>) {
        let Some(value) = value else { return self.push(flag.canonical.to_owned()) };
        let directory = &self.command.directory;
        // A path that begins so is relative to the sysroot, wherever that is.
        let in_sysroot = value.starts_with('=') || value.starts_with("$SYSROOT");
        let value = match flag.operand {
            Operand::Text => value.to_owned(),
            _ if in_sysroot || value.is_empty() => value.to_owned(),
            Operand::Path => canonical(self.files, directory, Utf8Path::new(value)).into(),
            Operand::PathPrefix => directory.join(value).into(),
            Operand::Header => return self.header(flag.canonical, value),
        };
        self.push(format!("{}{value}", flag.canonical));
    }

    /// A header that is included before the source. The front end gets it: the driver would look
    /// for a precompiled one beside it, and fail if that was made by gcc.
    fn header(&mut self, flag: &str, value: &str) {
        let path = Utf8Path::new(value);
        let here = in_canonical_directory(self.files, &self.command.directory, path);
        let real = canonical(self.files, &self.command.directory, path);
        if self.generated.iter().any(|generated| *generated == here || *generated == real) {
            return;
        }
        // What is not there may be found through `-I`, like any other header.
        let exists = self.files.canonicalize(&here).is_ok();
        self.push_front_end(flag);
        self.push_front_end(if exists { here.as_str() } else { value });
    }

    fn translate(&mut self, argument: &Argument, translation: Translation, value: &str) {
        match translation {
            // What they carry comes as arguments of its own.
            Translation::PreprocessorFlags | Translation::FrontEndFlags => {}
            Translation::To(flags) => {
                self.analysis.arguments.extend(flags.iter().map(|&flag| flag.to_owned()));
            }
            Translation::Standard => {
                let synonym = match value {
                    "c23" | "iso9899:2024" => "c2x",
                    "gnu23" => "gnu2x",
                    other => other,
                };
                self.push(format!("-std={synonym}"));
            }
            Translation::InputCharset => {
                let set = value.to_ascii_lowercase();
                if !ASCII_SUPERSETS.iter().any(|prefix| set.starts_with(prefix)) {
                    self.refuse(argument, "bytes of ASCII may be parts of other characters");
                }
            }
        }
    }

    fn front_end(&mut self, argument: &Argument) {
        match argument.text.as_str() {
            "-load" | "-plugin" | "-add-plugin" => {
                self.refuse(argument, "a compiler plugin can change types and code");
            }
            text => self.push_front_end(text),
        }
    }

    fn unknown(&mut self, argument: &Argument) {
        if self.compiler == CompilerKind::Clang {
            self.push(argument.text.clone());
        }
        self.analysis.unknown.push(UnknownFlag {
            argument: argument.text.clone(),
            at: self.command.origin().locate(&argument.text),
            compiler: self.compiler,
        });
    }

    fn refuse(&mut self, argument: &Argument, reason: &'static str) {
        self.analysis.refused.push(RefusedFlag {
            argument: argument.text.clone(),
            reason,
            at: self.command.origin().locate(&argument.text),
        });
    }
}
