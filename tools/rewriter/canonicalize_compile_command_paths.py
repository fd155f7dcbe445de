#!/usr/bin/env python3
"""Makes every path in ./compile_commands.json absolute and canonical, in place.

Run it in the directory of the compile database; it takes no arguments. Symbolic links are resolved
and `..` disappears in `directory`, `file`, `output` and in every path inside of the commands. What
does not exist yet becomes absolute as it is written. The program that is run keeps its name, because
compilers look at it. All other arguments stay as they are, with their quoting; a second run changes
nothing. On any error the database is left alone and the exit status is 1.
"""

import glob
import json
import os
import shlex
import stat
import sys
import tempfile

DATABASE = "compile_commands.json"

# What the value of a flag is.
PATH = "path"  # a file or directory
HEADER = "header"  # a header, searched in the directory and then like #include "..."
PREFIX = "prefix"  # the beginning of paths: a slash at its end means something
SCRIPT = "script"  # a file for the linker, searched in the directory and then like a library
PROGRAM = "program"  # a path if it has a slash, else a name
TEXT = "text"  # no path

# How a flag takes its value: in the same argument, in the next one, either way.
JOINED, SEPARATE, BOTH = (True, False), (False, True), (True, True)


def flags(kind, form, names):
    return {name: (kind, form) for name in names.split()}


COMPILER_FLAGS = {
    **flags(PATH, BOTH, "-I -iquote -isystem -isystem-after -idirafter -isysroot -iframework -F -L -o"),
    **flags(PATH, BOTH, "-MF -MJ -ivfsoverlay"),
    **flags(PATH, SEPARATE, "--include-directory --include-directory-after --library-directory"),
    **flags(PATH, SEPARATE, "--output --sysroot --serialize-diagnostics -serialize-diagnostics"),
    **flags(PATH, SEPARATE, "-include-pch -aux-info -gcc-toolchain -resource-dir -working-directory"),
    **flags(PATH, JOINED, "--include-directory= --include-directory-after= --library-directory="),
    **flags(PATH, JOINED, "--output= --sysroot= --gcc-toolchain= --gcc-install-dir= --ld-path="),
    **flags(PATH, JOINED, "-aux-info= -resource-dir= -working-directory= -iplugindir= -fplugin="),
    **flags(PATH, JOINED, "-fprofile-use= -fprofile-generate= -fprofile-dir= -fauto-profile="),
    **flags(PATH, JOINED, "-fprofile-instr-use= -fprofile-instr-generate= -fprofile-list="),
    **flags(PATH, JOINED, "-fsanitize-ignorelist= -fsanitize-blacklist= -fmodule-map-file="),
    **flags(PATH, JOINED, "-fmodules-cache-path= -fprebuilt-module-path= -fcrash-diagnostics-dir="),
    **flags(PATH, JOINED, "-ftime-trace= -foptimization-record-file= -fdump-go-spec= -fdeps-file="),
    **flags(HEADER, BOTH, "-include -imacros"),
    **flags(HEADER, SEPARATE, "--include --imacros"),
    **flags(HEADER, JOINED, "--include= --imacros="),
    **flags(PREFIX, BOTH, "-B -iprefix"),
    **flags(PREFIX, SEPARATE, "--prefix --include-prefix -dumpdir --dumpdir"),
    **flags(PREFIX, JOINED, "--prefix= --include-prefix="),
    **flags(SCRIPT, BOTH, "-T"),
    **flags(PROGRAM, JOINED, "-fuse-ld= -specs= --specs="),
    **flags(PROGRAM, SEPARATE, "-specs --specs"),
    # These take the next argument, or look like one of the above but are something else.
    **flags(TEXT, BOTH, "-D -U -A -x -l -u -z -e -h -G -MT -MQ -Ttext -Tdata -Tbss"),
    **flags(TEXT, BOTH, "-iwithprefix -iwithprefixbefore -iwithsysroot"),
    **flags(TEXT, SEPARATE, "-Xanalyzer -imultilib -imultiarch -arch -target --target --param -mllvm"),
    **flags(TEXT, SEPARATE, "-dumpbase -dumpbase-ext --dumpbase --dumpbase-ext -wrapper -rpath"),
    **flags(TEXT, SEPARATE, "-undefined --entry --assert --define-macro --undefine-macro --std"),
    **flags(TEXT, SEPARATE, "--language --dump --include-with-prefix --include-with-prefix-after"),
    **flags(TEXT, SEPARATE, "--include-with-prefix-before -Xlinker -Xclang -Xassembler"),
    **flags(TEXT, SEPARATE, "-Xpreprocessor"),
    **flags(TEXT, JOINED, "-I- -openmp"),
}

# The compiler proper, which -Wp, -Xpreprocessor and -Xclang talk to, has a few more.
INNER_FLAGS = {
    **COMPILER_FLAGS,
    **flags(PATH, SEPARATE, "-MD -MMD -load -internal-isystem -internal-externc-isystem"),
    **flags(TEXT, SEPARATE, "-main-file-name -plugin -add-plugin -target-cpu -target-feature"),
}

ASSEMBLER_FLAGS = {**flags(PATH, BOTH, "-I"), **flags(PATH, SEPARATE, "--MD")}


def linker_flags():
    """Long options of linkers begin with one dash or two; values follow, or come after `=`."""
    table = {
        **flags(PATH, BOTH, "-L"),
        **flags(SCRIPT, BOTH, "-T"),
        **flags(TEXT, BOTH, "-z -m -e -u -h -l -y -b -a -A -f -F -G -Y -I -R"),
        **flags(PATH, SEPARATE, "-o"),
        **flags(TEXT, JOINED, "-Ttext= -Tdata= -Tbss= -Ttext-segment= -Trodata-segment="),
        **flags(TEXT, SEPARATE, "-Ttext -Tdata -Tbss -Ttext-segment -Trodata-segment"),
    }
    scripts = "script default-script version-script dynamic-list retain-symbols-file"
    paths = """
        library-path Map just-symbols rpath-link out-implib sysroot plugin dependency-file
        export-dynamic-symbol-list symbol-ordering-file call-graph-ordering-file thinlto-cache-dir
        section-ordering-file reproduce
    """
    texts = """
        entry undefined soname rpath dynamic-linker wrap defsym section-start format init fini
        hash-style exclude-libs plugin-opt require-defined trace-symbol oformat
    """
    for kind, names in ((SCRIPT, scripts), (PATH, paths), (TEXT, texts)):
        for name in names.split():
            for dashes in ("-", "--"):
                table[dashes + name] = (kind, SEPARATE)
                table[dashes + name + "="] = (kind, JOINED)
    return table


LINKER_FLAGS = linker_flags()

# Endings by which a file is known that does not exist yet.
LINKER_INPUTS = tuple(".o .obj .a .so .lo .la .ld .lds".split())
SOURCES = tuple(".c .i .h .s .S .sx .cc .cp .cxx .cpp .c++ .C .ii .hh .hpp .m .mm .ll .bc".split())

# Programs that run the compiler which is named after them.
WRAPPERS = ("buildcache", "ccache", "distcc", "env", "gomacc", "icecc", "sccache")


class Failure(Exception):
    """Something is wrong with the database; the text says what."""


class Token:
    """An argument in a command string, and where it stands."""

    def __init__(self, start, end, value):
        self.start, self.end, self.value = start, end, value


def split(command):
    """The arguments of a command string, by the rules of clang's compile databases: only spaces
    separate, backslashes protect the next character except within single quotes."""
    tokens, position = [], 0
    while position < len(command):
        if command[position] == " ":
            position += 1
            continue
        start, quote, value = position, None, []
        while position < len(command) and (quote or command[position] != " "):
            character = command[position]
            if quote is None and character in "\"'":
                quote = character
            elif character == quote:
                quote = None
            elif character == "\\" and quote != "'":
                position += 1
                if position == len(command):
                    raise Failure("its `command` ends after a backslash")
                value.append(command[position])
            else:
                value.append(character)
            position += 1
        if quote:
            raise Failure("a quote in its `command` is not closed")
        tokens.append(Token(start, position, "".join(value)))
    return tokens


class Part:
    """A word that a flag or a value is read from: an argument, or a part of `-Wl,a,b`."""

    def __init__(self, text):
        self.text = text


class Rewriter:
    """Rewrites the arguments of one command."""

    def __init__(self, directory):
        self.directory = directory
        self.include_path = []
        self.library_path = []

    def exists(self, path):
        return os.path.exists(os.path.join(self.directory, path))

    def canonical(self, path):
        # Devices stand for something else in each process.
        if not path or path == "-" or path.startswith(("/dev/", "/proc/")):
            return path
        return os.path.realpath(os.path.join(self.directory, path))

    def value(self, kind, value):
        """The value of a flag, with its path made canonical."""
        if kind == PATH:
            # These are relative to the sysroot, wherever that is.
            return value if value.startswith(("=", "$SYSROOT")) else self.canonical(value)
        if kind == PREFIX:
            return self.prefix(value)
        if kind == HEADER:
            return value if self.is_header_elsewhere(value) else self.canonical(value)
        if kind == SCRIPT:
            found = any(self.exists(os.path.join(path, value)) for path in self.library_path)
            return value if found and not self.exists(value) else self.canonical(value)
        if kind == PROGRAM:
            return self.canonical(value) if "/" in value else value
        return value

    def prefix(self, value):
        if not value or os.path.isdir(os.path.join(self.directory, value)) and value[-1] != "/":
            return self.canonical(value)
        head, tail = os.path.split(value)
        return os.path.join(self.canonical(head or "."), tail)

    def is_header_elsewhere(self, value):
        """Whether a header is not where the compiler runs, but where headers are searched."""
        if os.path.isabs(value) or self.exists(value):
            return False
        system = ["/usr/local/include", "/usr/include", "/usr/include/*-linux-gnu"]
        system += ["/usr/lib/gcc/*/*/include", "/usr/lib/llvm-*/lib/clang/*/include"]
        if any(self.exists(os.path.join(path, value)) for path in self.include_path):
            return True
        return any(glob.glob(os.path.join(path, glob.escape(value))) for path in system)

    def learn(self, parts, table):
        """Notes where the command searches headers and libraries, whatever the order of flags."""
        for name, part, offset, _ in uses(parts, table):
            if name in ("-I", "-iquote", "-isystem", "-idirafter", "--include-directory"):
                self.include_path.append(part.text[offset:])
            elif name in ("-L", "--library-directory", "--library-path"):
                self.library_path.append(part.text[offset:])

    def run(self, arguments):
        """The arguments with canonical paths; as many as before, in the same order."""
        first = compiler_index(arguments)
        result = list(arguments)
        if not os.path.isabs(result[first]) and "/" in result[first]:
            head, tail = os.path.split(result[first])
            result[first] = os.path.join(self.canonical(head), tail)
        parts = [Part(argument) for argument in result[first + 1 :]]
        linker, inner, assembler, writers = carried(parts)
        self.learn(parts, COMPILER_FLAGS)
        self.learn(inner, INNER_FLAGS)
        self.learn(linker, LINKER_FLAGS)
        self.rewrite(parts, COMPILER_FLAGS, self.is_input)
        self.rewrite(inner, INNER_FLAGS, lambda word: False)
        self.rewrite(linker, LINKER_FLAGS, self.is_linker_input)
        self.rewrite(assembler, ASSEMBLER_FLAGS, lambda word: False)
        for write in writers:
            write()
        return result[: first + 1] + [part.text for part in parts]

    def rewrite(self, parts, table, is_path):
        values = set()
        for _, part, offset, kind in uses(parts, table):
            part.text = part.text[:offset] + self.value(kind, part.text[offset:])
            values.add(part)
        only_inputs = False
        for part in parts:
            word = part.text
            if part in values:
                continue
            if word == "--" and table is COMPILER_FLAGS:
                only_inputs = True
            elif word.startswith("@") and len(word) > 1:
                part.text = "@" + self.canonical(word[1:])
            elif table is ASSEMBLER_FLAGS and word.startswith("-a") and "=" in word:
                flag, listing = word.split("=", 1)
                part.text = flag + "=" + self.canonical(listing)
            elif (only_inputs or not word.startswith("-")) and is_path(word):
                part.text = self.canonical(word)

    def is_input(self, word):
        """Whether a word that belongs to no flag is a file. It may be the value of an unknown one."""
        endings = SOURCES + LINKER_INPUTS
        return word != "" and ("/" in word or word.endswith(endings) or self.exists(word))

    def is_linker_input(self, word):
        return word != "" and (word.endswith(LINKER_INPUTS) or "/" in word and self.exists(word))


def uses(parts, table):
    """The flags of a table among some words: name, the part that has the value, where it begins in
    that part, and what it is."""
    index = 0
    while index < len(parts):
        word = parts[index].text
        index += 1
        if word == "--" and table is COMPILER_FLAGS:
            return
        name = flag_name(word, table)
        if name is None:
            continue
        kind, (joined, separate) = table[name]
        if joined and (len(word) > len(name) or not separate):
            yield name, parts[index - 1], len(name), kind
        elif separate and index < len(parts):
            yield name, parts[index], 0, kind
            index += 1


def flag_name(word, table):
    """The longest name in the table that this word is, or begins with if the value may follow."""
    for length in range(len(word), 1, -1):
        name = word[:length]
        if name in table and (length == len(word) or table[name][1][0]):
            return name
    return None


def carried(parts):
    """The words that flags carry to the linker, to the compiler proper and to the assembler, and
    functions that write them back."""
    linker, inner, assembler, writers = [], [], [], []
    lists = {"-Wl,": linker, "-Wp,": inner, "-Wa,": assembler}
    singles = {"-Xlinker": linker, "-Xpreprocessor": inner, "-Xclang": inner, "-Xassembler": assembler}
    index = 0
    while index < len(parts):
        part = parts[index]
        index += 1
        if part.text[:4] in lists:
            words = [Part(word) for word in part.text[4:].split(",")]
            lists[part.text[:4]].extend(words)
            writers.append(list_writer(part, words))
        elif part.text in singles and index < len(parts):
            word = Part(parts[index].text)
            singles[part.text].append(word)
            writers.append(single_writer(parts[index], word))
            index += 1
        elif part.text in COMPILER_FLAGS and COMPILER_FLAGS[part.text][1] in (SEPARATE, BOTH):
            index += 1
    return linker, inner, assembler, writers


def list_writer(part, words):
    before = [word.text for word in words]

    def write():
        # A comma cannot be written in such a list; what has one stays as it was, which is right,
        # because the directory is the same.
        texts = [old if "," in word.text else word.text for old, word in zip(before, words)]
        part.text = part.text[:4] + ",".join(texts)

    return write


def single_writer(part, word):
    def write():
        part.text = word.text

    return write


def compiler_index(arguments):
    """Where the compiler is in a command: behind `ccache` and the like."""
    index = 0
    while os.path.basename(arguments[index]) in WRAPPERS:
        following = index + 1
        if os.path.basename(arguments[index]) == "env":
            while following < len(arguments) and "=" in arguments[following]:
                following += 1
        if following >= len(arguments) or arguments[following].startswith("-"):
            break
        index = following
    return index


def rewrite_command(command, rewriter):
    """The command string with canonical paths. What does not change keeps its quoting."""
    tokens = split(command)
    if not tokens:
        raise Failure("its `command` is empty")
    result, position = [], 0
    for token, value in zip(tokens, rewriter.run([token.value for token in tokens])):
        if value != token.value:
            result += [command[position : token.start], shlex.quote(value)]
            position = token.end
    return "".join(result) + command[position:]


def string(entry, field):
    if not isinstance(entry.get(field), str):
        raise Failure(f"it has no string `{field}`")
    if "\0" in entry[field]:
        raise Failure(f"its `{field}` has a NUL character in it")
    return entry[field]


def rewrite_entry(entry):
    if not isinstance(entry, dict):
        raise Failure("it is not an object")
    if "command" not in entry and "arguments" not in entry:
        raise Failure("it has neither `command` nor `arguments`")
    directory = os.path.realpath(string(entry, "directory"))
    result = {**entry, "directory": directory}
    result["file"] = Rewriter(directory).canonical(string(entry, "file"))
    if "output" in entry:
        result["output"] = Rewriter(directory).canonical(string(entry, "output"))
    if "command" in entry:
        result["command"] = rewrite_command(string(entry, "command"), Rewriter(directory))
    if "arguments" in entry:
        arguments = entry["arguments"]
        if not isinstance(arguments, list) or not all(isinstance(a, str) for a in arguments):
            raise Failure("its `arguments` are not an array of strings")
        if not arguments:
            raise Failure("its `arguments` are empty")
        if any("\0" in argument for argument in arguments):
            raise Failure("its `arguments` have a NUL character in them")
        result["arguments"] = Rewriter(directory).run(arguments)
    return result


def rewrite_database(text):
    try:
        entries = json.loads(text)
    except json.JSONDecodeError as error:
        raise Failure(f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise Failure("not a compile database: it is nested too deeply") from None
    if not isinstance(entries, list):
        raise Failure("not a compile database: it is not an array")
    result = []
    for number, entry in enumerate(entries, 1):
        try:
            result.append(rewrite_entry(entry))
        except Failure as error:
            raise Failure(f"entry {number}: {error}") from None
    return json.dumps(result, indent=2, ensure_ascii=False) + "\n"


def replace(path, content):
    """Writes a file in one step: whoever reads it sees the old content or the new."""
    mode = stat.S_IMODE(os.stat(path).st_mode)
    descriptor, temporary = tempfile.mkstemp(prefix=DATABASE + ".", dir=os.path.dirname(path))
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def main(arguments):
    if arguments in (["-h"], ["--help"]):
        print(__doc__.strip())
        return 0
    if arguments:
        print(f"usage: {os.path.basename(sys.argv[0])} (no arguments)", file=sys.stderr)
        return 2
    # The database is often a link to the one in the build directory.
    path = os.path.realpath(DATABASE)
    try:
        with open(path, "rb") as file:
            before = file.read()
        # File names need not be UTF-8; bytes that are not are carried through.
        text = before.decode("utf-8-sig", "surrogateescape")
        after = rewrite_database(text).encode("utf-8", "surrogateescape")
        if after != before:
            replace(path, after)
    except (Failure, OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        print(f"error: {DATABASE}: {reason}; nothing was changed", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
