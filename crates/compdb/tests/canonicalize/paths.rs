//! Which arguments are paths, and what becomes of them.

use compdb::split::split;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;

use super::Tree;

fn tree() -> Tree {
    let tree = Tree::new();
    tree.write("src/a.c", "");
    tree.write("src/with space/b.c", "");
    tree.write("real/found.h", "");
    tree.write("build/here.h", "");
    tree.write("build/script.ld", "");
    tree.write("build/tools/cc1", "");
    tree.write("lib/inlib.ld", "");
    tree.link("link", "real");
    tree
}

/// Checks commands that are run in `build`: `/` in front of a path of the expectation stands for the
/// root of the tree.
#[track_caller]
fn check(cases: &[(&str, &str)]) {
    let tree = tree();
    let words = |line: &str| split(&format!("gcc {line}")).expect("closed");
    let commands: Vec<Vec<String>> = cases.iter().map(|(line, _)| words(line)).collect();
    let root = tree.root.as_str();
    for (result, (line, expected)) in tree.arguments(&commands).into_iter().zip(cases) {
        assert_eq!(result, words(&expected.replace('^', root)), "{line}");
    }
}

#[test]
fn values_of_compiler_flags() {
    check(&[
        ("-I ../src -I../link -I.", "-I ^/src -I^/real -I^/build"),
        ("-isystem ../link -isystem../link", "-isystem ^/real -isystem^/real"),
        ("-iquote ../src -idirafter ../src/", "-iquote ^/src -idirafter ^/src"),
        (
            "--include-directory=../src --include-directory ../src",
            "--include-directory=^/src --include-directory ^/src",
        ),
        ("--sysroot=.. --sysroot .. -isysroot ..", "--sysroot=^ --sysroot ^ -isysroot ^"),
        (
            "-o out.o -oout.o --output=d/../out.o",
            "-o ^/build/out.o -o^/build/out.o --output=^/build/out.o",
        ),
        ("-L ../lib -L../link", "-L ^/lib -L^/real"),
        (
            "-MD -MF a.d -MFa.d -MT a.o -MQ a.o",
            "-MD -MF ^/build/a.d -MF^/build/a.d -MT a.o -MQ a.o",
        ),
        ("-B tools -Btools/ -B../x/pre-", "-B ^/build/tools -B^/build/tools/ -B^/x/pre-"),
        ("-iprefix ../x/ -iwithprefix y", "-iprefix ^/x/ -iwithprefix y"),
        ("-fuse-ld=lld -fuse-ld=tools/ld", "-fuse-ld=lld -fuse-ld=^/build/tools/ld"),
        ("-fprofile-use=../p -fplugin=x.so", "-fprofile-use=^/p -fplugin=^/build/x.so"),
        (
            "-T script.ld -Tscript.ld -Ttext 0x1000",
            "-T ^/build/script.ld -T^/build/script.ld -Ttext 0x1000",
        ),
        ("-L../lib -T inlib.ld -T gen.ld", "-L^/lib -T inlib.ld -T ^/build/gen.ld"),
    ]);
}

#[test]
fn headers_are_searched_like_the_compiler_does() {
    check(&[
        ("-include here.h -includehere.h", "-include ^/build/here.h -include^/build/here.h"),
        ("-include gen.h --include=gen.h", "-include ^/build/gen.h --include=^/build/gen.h"),
        ("-include /out/P.h -imacros ../link/found.h", "-include /out/P.h -imacros ^/real/found.h"),
        ("-include found.h -I../link", "-include found.h -I^/real"),
        ("-include stdio.h -include stdint.h", "-include stdio.h -include stdint.h"),
        (
            "-Xclang -include -Xclang here.h -Xclang -include-pch -Xclang x.pch",
            "-Xclang -include -Xclang ^/build/here.h -Xclang -include-pch -Xclang ^/build/x.pch",
        ),
    ]);
}

#[test]
fn inputs_and_response_files() {
    check(&[
        ("-c ../src/a.c", "-c ^/src/a.c"),
        ("-c '../src/with space/b.c'", "-c '^/src/with space/b.c'"),
        ("main.o ../lib/x.a gen.c", "^/build/main.o ^/lib/x.a ^/build/gen.c"),
        ("@args @../lib/args", "@^/build/args @^/lib/args"),
        ("-x c tools/cc1 -", "-x c ^/build/tools/cc1 -"),
        ("-- ../src/a.c -o", "-- ^/src/a.c -o"),
    ]);
}

#[test]
fn paths_for_the_linker() {
    check(&[
        ("-Wl,-T,script.ld -Wl,-Tscript.ld", "-Wl,-T,^/build/script.ld -Wl,-T^/build/script.ld"),
        ("-Wl,@P_1.ld -Wl,-z,now,@x", "-Wl,@^/build/P_1.ld -Wl,-z,now,@^/build/x"),
        (
            "-Wl,-T -Wl,script.ld -Xlinker -T -Xlinker script.ld",
            "-Wl,-T -Wl,^/build/script.ld -Xlinker -T -Xlinker ^/build/script.ld",
        ),
        (
            "-Wl,--version-script=../x.map -Wl,--version-script,../x.map",
            "-Wl,--version-script=^/x.map -Wl,--version-script,^/x.map",
        ),
        (
            "-Wl,--dynamic-list=../d.syms -Wl,-Map=out.map -Wl,-L,../lib",
            "-Wl,--dynamic-list=^/d.syms -Wl,-Map=^/build/out.map -Wl,-L,^/lib",
        ),
        (
            "-Wl,--whole-archive,../lib/x.a,--no-whole-archive",
            "-Wl,--whole-archive,^/lib/x.a,--no-whole-archive",
        ),
        ("-Wl,-rpath-link,../lib", "-Wl,-rpath-link,^/lib"),
    ]);
}

#[test]
fn paths_inside_of_other_lists() {
    check(&[
        ("-Wp,-MD,d/a.d,-I../src -Wp,-DX=../src", "-Wp,-MD,^/build/d/a.d,-I^/src -Wp,-DX=../src"),
        ("-Xpreprocessor -I -Xpreprocessor ../src", "-Xpreprocessor -I -Xpreprocessor ^/src"),
        ("-Wa,-I,../src,-I../src,-adhln=a.lst", "-Wa,-I,^/src,-I^/src,-adhln=^/build/a.lst"),
    ]);
}

#[test]
fn what_is_no_path_stays() {
    let same = [
        "-DFOO=bar/baz -D X=../src -UA/B '-DP=\"../src/a.c\"'",
        "-Wl,--wrap=malloc -Wl,--wrap,free -Wl,-soname,libx.so -Wl,-rpath,../lib -Wl,-z,relro",
        "-Wl,-e,main.o -Wl,--defsym=a=b -Wl,-u,here.h -Wl,--unknown,here.h",
        "-Xlinker --wrap -Xlinker script.ld",
        "-std=gnu11 -x c -O2 -g -Wall -pthread -lm -l m -u here.h -z now",
        "--param a=1 -target x86_64-linux-gnu -mllvm -x -dumpbase a.c -Xclang a.c",
        "-I=../src -isystem=include -L$SYSROOT/lib -I '' ''",
        "-o - -MF /dev/stdout -o /dev/null",
        "-ffile-prefix-map=../src=x -fdebug-prefix-map=../src=x -frandom-seed=a.c",
        "--unknown-flag 1.5 value -fno-such=../src",
        "-I",
        "-include",
    ];
    let cases: Vec<(&str, &str)> = same.into_iter().map(|line| (line, line)).collect();
    check(&cases);
}

#[test]
fn a_comma_cannot_be_written_in_a_list_for_the_linker() {
    let tree = tree();
    tree.write("a,b/script.ld", "");
    tree.link("build/plain", "../a,b");
    let line = "gcc -Wl,-T,plain/script.ld -T plain/script.ld";
    let result = tree.arguments(&[split(line).expect("closed")]);
    let other = tree.root.join("a,b/script.ld").to_string();
    assert_eq!(result[0], ["gcc", "-Wl,-T,plain/script.ld", "-T", other.as_str()]);
}

#[test]
fn the_compiler_keeps_its_name() {
    let tree = tree();
    tree.link("build/cc", "/usr/bin/gcc");
    let commands =
        ["cc -c a.c", "/usr/bin/cc a.c", "./cc a.c", "ccache ./cc a.c", "env A=../b gcc a.c"];
    let commands: Vec<Vec<String>> = commands.iter().map(|c| split(c).expect("closed")).collect();
    let result = tree.arguments(&commands);
    let (cc, a) = (tree.root.join("build/cc"), tree.root.join("build/a.c"));
    let (cc, a) = (cc.as_str(), a.as_str());
    assert_eq!(result[0], ["cc", "-c", a]);
    assert_eq!(result[1], ["/usr/bin/cc", a]);
    assert_eq!(result[2], [cc, a]);
    assert_eq!(result[3], ["ccache", cc, a]);
    assert_eq!(result[4], ["env", "A=../b", "gcc", a]);
}

#[test]
fn fields_of_an_entry() {
    let tree = tree();
    tree.link("elsewhere", "build");
    let database = json!([{
        "id": [1, { "x": null }], "directory": "../elsewhere/.", "file": "../src/../link/gen.c",
        "output": "out/x.o", "command": "gcc   -DX=\"a b\" -DY='c'\\ d  -c ../link/gen.c # $HOME ",
    }]);
    let result = tree.canonicalize("build", &database);
    let root = &tree.root;
    let expected = json!([{
        "id": [1, { "x": null }],
        "directory": root.join("build").as_str(),
        "file": root.join("real/gen.c").as_str(),
        "output": root.join("build/out/x.o").as_str(),
        "command": format!("gcc   -DX=\"a b\" -DY='c'\\ d  -c {root}/real/gen.c # $HOME "),
    }]);
    assert_eq!(result, expected, "what does not change keeps its quoting");
}

#[test]
fn fields_keep_their_order() {
    let tree = tree();
    let text = "[{\"zeta\": 1, \"file\": \"a.c\", \"alpha\": [], \"directory\": \".\", \"command\": \"gcc a.c\"}]";
    tree.write("build/compile_commands.json", text);
    assert!(tree.run("build", &[]).status.success());
    let after = String::from_utf8(tree.read("build/compile_commands.json")).expect("UTF-8");
    let places: Vec<usize> = ["zeta", "file", "alpha", "directory", "command"]
        .into_iter()
        .map(|name| after.find(&format!("\"{name}\": ")).expect("still there"))
        .collect();
    assert!(places.is_sorted(), "{after}");
}

#[test]
fn quoting_survives_in_any_command() {
    let odd = "[a-c \"'\\\\$#`*?;&|<>()~!ä\t]{0,6}";
    let definition = odd.prop_map(|text| (format!("-DX={text}"), None));
    let name = "[a-c \"'\\\\$#`*?;&|<>()~!ä,\t]{1,6}";
    let path = (prop::sample::select(&["-I", "-L", "-o", "-isystem", "-MF"][..]), name).prop_map(
        |(flag, name)| (format!("{flag}../src/{name}"), Some(format!("{flag}^/src/{name}"))),
    );
    let source = name.prop_map(|name| (format!("../{name}/x.c"), Some(format!("^/{name}/x.c"))));
    let argument = prop_oneof![2 => definition, 2 => path, 1 => source];
    let command = prop::collection::vec(argument, 0..6);
    // One run of the script for many commands.
    let mut runner = TestRunner::new(Config::with_cases(3));
    let many = prop::collection::vec(command, 300);
    runner
        .run(&many, |commands| {
            let tree = tree();
            let words = |n: usize| -> Vec<String> {
                let gcc = std::iter::once("gcc".to_owned());
                gcc.chain(commands[n].iter().map(|(before, _)| before.clone())).collect()
            };
            let all: Vec<Vec<String>> = (0..commands.len()).map(words).collect();
            for (result, command) in tree.arguments(&all).into_iter().zip(&commands) {
                for (word, (before, after)) in result[1..].iter().zip(command) {
                    let expected = after.as_ref().unwrap_or(before);
                    prop_assert_eq!(word, &expected.replace('^', tree.root.as_str()));
                }
            }
            Ok(())
        })
        .expect("only paths change");
}
